"""The policy stories on the real store, each in every order; in memory they are in tests/unit/identity/test_policies.py."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.embedded.progress import silent
from deploy.evaluation.cases import Scenario
from deploy.evaluation.sequences import evaluate_sequences
from deploy.evaluation.stored import Stored, stored
from services.settings import Settings
from tests.unit.identity.test_policies import STORY, named

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def store(postgres_server: str) -> AsyncIterator[Stored]:
    async with stored(Settings(database_url=postgres_server), silent, embedded=False) as made:
        yield made


@pytest.mark.parametrize("scenario", named(STORY.scenarios))
async def test_sequence(scenario: Scenario, store: Stored) -> None:
    found = await evaluate_sequences(STORY.model_copy(update={"scenarios": (scenario,)}), store, silent)
    assert found["failed"] == [], scenario.title
