"""Calls that end at the same time are written down together, and none of them depends on another."""

from consumers.courier import PER_ENDPOINT
from services.outbound import Answer, Outbound, Outcome
from tests.integration.delivery.conftest import Delivery
from tests.polling import until


class OneUnwritable(Outbound):
    """Calls nobody: everybody has heard, and where one of them answered from is no address."""

    def __init__(self) -> None:
        self.calls = 0

    async def post(self, *_: object, **__: object) -> Answer:
        self.calls += 1
        return Answer(Outcome.TOLD, 204, 1, "nowhere" if self.calls == 2 else "127.0.0.1")


async def test_calls_that_end_together_are_noted_together_and_one_that_cannot_be_harms_no_other(
    delivery: Delivery,
) -> None:
    await delivery.endpoint("/inspector")
    pool = delivery.world.pool
    for number in range(PER_ENDPOINT):
        await delivery.raise_concern(f"S{number}")
    delivery.courier.outbound = OneUnwritable()
    await delivery.courier.step()
    await until(lambda: not delivery.courier.running)
    assert await delivery.outcomes() == ["told"] * (PER_ENDPOINT - 1)
    noted = "SELECT count(DISTINCT deliveries.xmin::text) FROM deliveries JOIN endpoints USING (endpoint_id) WHERE told_at IS NOT NULL"
    assert await pool.fetchval(noted + " AND kind = 'webhook'") < PER_ENDPOINT - 1
    leased = "SELECT count(*) FROM deliveries JOIN endpoints USING (endpoint_id) WHERE lease_until IS NOT NULL"
    assert await pool.fetchval(leased + " AND kind = 'webhook'") == 1, "it is due again when its lease runs out"
