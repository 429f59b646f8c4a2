"""A call that an alert's rule is released anew around: who knew it hears nothing twice, and nobody loses the thread."""

import asyncio

import pytest

from consumers.escalator import redrive
from consumers.evaluator import LANES, Bench, judge_due
from services.db import hot_transaction
from services.disclosure import store as disclosure
from services.errors import Conflict
from services.judging import store as due
from tests.integration.alerts.test_ladders import take_on
from tests.integration.alerts.world import CONCERN, POLICE, rules
from tests.integration.delivery.conftest import Delivery
from tests.polling import until


async def released(delivery: Delivery, **fields: object) -> None:
    """The concern's rule in another form, and everybody judged by it."""
    world = delivery.world
    world.bench = Bench(world.pool, rules({**CONCERN, **fields}))
    async with hot_transaction(world.pool) as conn:
        await due.activate(conn, world.bench.rules.release)
    while await judge_due(world.bench, LANES[2]):
        pass


async def test_who_knows_an_alert_hears_of_its_new_major_version_only_what_comes_of_it(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    await delivery.raise_concern()
    await delivery.tell()
    await released(delivery, version="2.0.0")
    await delivery.tell()
    old, new = [alert["public_id"] for alert in await delivery.world.alerts()]
    assert await delivery.world.conditions() == ["superseded", "standing"]
    await delivery.world.clock(3)
    assert await redrive(delivery.world.pool) == 0
    async with hot_transaction(delivery.world.pool) as conn:
        context = (await disclosure.current(conn, delivery.courier.rules)).context
        listed, after = await disclosure.page(
            conn, context, POLICE, actor="client:x", purpose="safeguarding", after=None, limit=1
        )
        more, _ = await disclosure.page(
            conn, context, POLICE, actor="client:x", purpose="safeguarding", after=after, limit=1
        )
        assert {(one["alert"], one["told"]) for one in listed + more} == {(str(old), "raised"), (str(new), "raised")}
    await delivery.tell()
    assert [call.alert.alert for call in delivery.receiver.calls] == [old]
    with pytest.raises(Conflict, match="took its place"):
        await take_on(delivery.world, old)
    assert await take_on(delivery.world, new) is not None
    assert not [ring for ring in await delivery.world.rings() if ring["closed_at"] is None]
    await delivery.answer_concern(minutes=4)
    await delivery.tell()
    heard = [(call.alert.alert, call.alert.told) for call in delivery.receiver.calls]
    assert heard == [(old, "raised"), (new, "ended")]


async def test_one_rung_while_its_alert_is_superseded_hears_how_the_new_one_ends(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.calls)
    await released(delivery, version="2.0.0")
    await delivery.answer_concern()
    delivery.receiver.hold.set()
    await until(lambda: not delivery.courier.running)
    await delivery.make_due()
    await delivery.tell()
    old, new = [alert["public_id"] for alert in await delivery.world.alerts()]
    heard = [(call.alert.alert, call.alert.told) for call in delivery.receiver.calls]
    assert heard == [(old, "raised"), (new, "ended")]


async def test_one_that_could_not_be_told_before_its_alert_was_superseded_is_told_of_the_new_one(
    delivery: Delivery,
) -> None:
    await delivery.endpoint("/inspector")
    pressing_none = [{"level": "U3"}]  # no ladder: nothing else would tell of it
    await released(delivery, urgency=pressing_none)
    delivery.receiver.answer = lambda _call: 503
    await delivery.raise_concern()
    await delivery.tell()
    await released(delivery, urgency=pressing_none, version="2.0.0")
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    _, new = [alert["public_id"] for alert in await delivery.world.alerts()]
    heard = delivery.receiver.calls[-1].alert
    assert (heard.alert, heard.told) == (new, "raised")
