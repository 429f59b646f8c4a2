"""A stored world for each test."""

from collections.abc import AsyncIterator

import pytest

from services.db import Pool
from tests.integration.alerts.world import Stored, stored


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Stored]:
    async with stored(pool) as made:
        yield made
