"""A clock that stands still has no place in production."""

from datetime import UTC, datetime

import pytest

from gateway.app import open_gateway
from services.db import Pool
from services.db.clock_store import set_manual
from services.errors import TocsinError
from services.settings import Settings


async def test_a_gateway_in_production_refuses_a_manual_clock(settings: Settings, pool: Pool) -> None:
    async with pool.acquire() as connection:
        await set_manual(connection, datetime(2013, 4, 2, 10, tzinfo=UTC))
    with pytest.raises(TocsinError, match="manual"):
        async with open_gateway(settings.model_copy(update={"mode": "production"})):
            pytest.fail("it started")
