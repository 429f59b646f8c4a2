"""Calls that end at the same time are written down together, and none of them depends on another."""

import pytest

from consumers.courier import BEGIN_WITHIN, PER_ENDPOINT
from services.db import hot_transaction
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


async def test_what_is_heard_and_not_yet_noted_is_not_told_again_here_when_its_lease_runs_out(
    delivery: Delivery,
) -> None:
    await delivery.endpoint("/desk")
    await delivery.raise_concern()
    async with delivery.courier.noting:  # as if the database were away while it is noted
        await delivery.courier.step()
        await until(lambda: len(delivery.courier.ended) == 2, what="the desk and the alert topic, heard")
        await delivery.make_due()
        assert await delivery.courier.step() == 0
    await until(lambda: not delivery.courier.running)
    await delivery.make_due()
    await delivery.tell()
    assert (len(delivery.receiver.calls), await delivery.outcomes()) == (1, ["told"])


async def test_a_call_whose_turn_comes_long_after_its_claim_is_left_to_the_next_lease(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delivery.endpoint("/desk")
    await delivery.raise_concern()
    late = iter([0.0])
    with monkeypatch.context() as busy:
        busy.setattr("consumers.courier.monotonic", lambda: next(late, BEGIN_WITHIN.total_seconds() + 1))
        assert await delivery.courier.step() == 2
        await until(lambda: not delivery.courier.running)
    assert delivery.receiver.calls == []
    await delivery.make_due()
    await delivery.tell()
    assert await delivery.outcomes() == ["told"]


async def test_a_note_that_is_broken_off_takes_no_other_with_it(delivery: Delivery) -> None:
    await delivery.endpoint("/desk")
    for number in range(2):
        await delivery.raise_concern(f"S{number}")
    async with hot_transaction(delivery.world.pool) as other:
        async with delivery.courier.noting:
            await delivery.courier.step()
            await until(lambda: len(delivery.courier.ended) == 4)
            await other.execute("SELECT FROM deliveries FOR UPDATE")
        await until(delivery.courier.noting.locked, what="the first to have its turn, for all")
        first = delivery.courier.ended[0][0].claimed
        next(task for task, claimed in delivery.courier.running.items() if claimed == first).cancel()
    await until(lambda: not delivery.courier.running)
    assert await delivery.world.pool.fetchval("SELECT count(*) FROM deliveries WHERE lease_until IS NOT NULL") == 1
