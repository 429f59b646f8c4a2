"""A gateway for each test."""

from collections.abc import AsyncIterator

import pytest

from services.db import Pool
from services.settings import Settings
from tests.integration.gateway.running import Caller, Running, running


@pytest.fixture
async def gateway(live_settings: Settings, pool: Pool) -> AsyncIterator[Running]:
    async with running(live_settings, pool) as made:
        yield made


@pytest.fixture
async def police(gateway: Running) -> Caller:
    return await gateway.caller()
