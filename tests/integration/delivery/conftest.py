"""A world with a courier: tests judge, and the courier tells."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from consumers.courier import Courier
from services.alerts import rule_infos
from services.bus.producer import Bus
from services.db import Pool, hot_transaction, rerun_on_conflict
from services.outbound import open_outbound
from services.settings import Settings
from services.webhooks import endpoints_store
from services.webhooks.endpoints_store import Registered
from tests.integration.alerts.world import POLICE, Stored, stored
from tests.integration.delivery.receiver import Receiver, receiving


@dataclass
class Delivery:
    world: Stored
    courier: Courier
    receiver: Receiver
    settings: Settings

    async def endpoint(self, path: str, desk: str | None = None, agency: str = POLICE) -> Registered:
        async with hot_transaction(self.world.pool) as conn:
            return await endpoints_store.register(
                conn, agency, desk, self.receiver.url + path, master_key=self.settings.master_key_bytes
            )

    async def tell(self) -> None:
        """Send everything that is due, and what becomes due by it; conflicts are rerun, as the queue loop does."""
        while await rerun_on_conflict(self.courier.step) or self.courier.running:
            if self.courier.running:
                await asyncio.wait(self.courier.running)

    async def raise_concern(self, name: str = "S", minutes: float = 0) -> None:
        await self.world.event(
            f"e-{name}", "police.concern.reported", {name: "subject", "W": "at-risk"}, minutes=minutes
        )
        await self.world.judge()

    async def answer_concern(self, name: str = "S", minutes: float = 1) -> None:
        await self.world.clock(minutes)
        people = {name: "subject", "W": "at-risk"}
        await self.world.event(f"a-{name}", "police.checks.completed", people, minutes=minutes)
        await self.world.judge()

    async def outcomes(self) -> list[str]:
        rows = await self.world.pool.fetch(
            "SELECT outcome FROM attempts JOIN endpoints USING (endpoint_id) WHERE kind = 'webhook' ORDER BY attempt_id"
        )
        return [row["outcome"] for row in rows]

    async def make_due(self) -> None:
        """As if the wait, or a lease, had run out."""
        await self.world.pool.execute("UPDATE tell SET due_at = clock_timestamp()")
        await self.world.pool.execute(
            "UPDATE deliveries SET lease_until = clock_timestamp() WHERE lease_until IS NOT NULL"
        )
        await self.world.pool.execute("UPDATE endpoints SET probe_at = clock_timestamp() WHERE probe_at IS NOT NULL")


class SilentBus(Bus):
    """For tests that are not about the alert topic: takes what it is given."""

    async def publish(self, message: object) -> None:  # type: ignore[override]  # gives no position back
        """Take it."""


@contextlib.asynccontextmanager
async def courier_over(pool: Pool, settings: Settings, bus: Bus, world: Stored) -> AsyncIterator[Courier]:
    async with open_outbound(settings) as outbound:
        courier = Courier(pool, settings, bus, outbound, rules=rule_infos.of(world.bench.rules))
        if isinstance(bus, SilentBus):
            courier.topics = set(world.bench.held.directory.agencies) | {POLICE}
        yield courier
        for task in courier.running:
            task.cancel()
        await asyncio.gather(*courier.running, return_exceptions=True)


@pytest.fixture
async def delivery(pool: Pool, settings: Settings) -> AsyncIterator[Delivery]:
    quick = settings.model_copy(update={"webhook_timeout_seconds": 0.5})
    async with stored(pool) as world, receiving() as receiver:
        bus = SilentBus(quick, client_id="test")
        async with courier_over(pool, quick, bus, world) as courier:
            yield Delivery(world, courier, receiver, quick)
