"""Two people taken for one: what was told because of it is cut at once, corrected to everybody, and kept for the officer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from schemas.alerts import TopicAlert
from schemas.registry import EVENT_TYPES
from services.alerts.store import acknowledge
from services.bus.producer import Bus
from services.corrections import store as corrections
from services.db import Pool, hot_transaction
from services.disclosure import store as disclosure
from services.disclosure.people.store import read_person
from services.identity.decide import decide
from services.settings import Settings
from tests.integration.alerts.world import MERCIA, POLICE, REPEATED, Stored, at, rules, stored
from tests.integration.delivery.conftest import Delivery, courier_over
from tests.integration.delivery.receiver import receiving
from tests.integration.identity.test_resolve import column, record_of
from tests.integration.intake.traffic import Feed, event, person

TWICE = rules({**REPEATED, "urgency": [{"level": "U2"}]})
"""A second concern about somebody within two weeks: it stands on both, so on both being about one person."""

CONCERN = EVENT_TYPES["police.concern.reported", 1].examples[0]
BESIDES = {name: CONCERN[name] for name in ("source", "grade", "classes") if name in CONCERN}
HIM = person("S", "Alban Thornquist", "1981-06-14", role="subject", ids={"crn": "X123456"})
THE_OTHER = person("S", "Alban Thornquist", "1981-06-14", role="subject", own_id="M-7")


@dataclass
class Wrong:
    """A duty inspector was rung because two concerns seemed to be about one man."""

    feed: Feed
    delivery: Delivery
    settings: Settings
    minute: int = 0

    @property
    def world(self) -> Stored:
        return self.delivery.world

    @property
    def pool(self) -> Pool:
        return self.world.pool

    async def later(self) -> None:
        self.minute += 1
        await self.world.clock(self.minute)

    async def concern(self, name: str, who: dict[str, Any], agency: str = POLICE) -> None:
        await self.later()
        made = event(name, [who], agency=agency, happened="police.concern.reported", at=at(self.minute), **BESIDES)
        await self.feed.say({**made, "data": {**made["data"], "occurred": at(self.minute).isoformat()}})
        await self.feed.resolve_all()

    async def say(self, verdict: Any, first: str = "first/S", second: str = "second/S") -> None:
        await self.later()
        one, other = await record_of(self.pool, first), await record_of(self.pool, second)
        async with hot_transaction(self.pool) as conn:
            await decide(conn, one, other, verdict, actor="desk:x/y", reason="file")
        await self.feed.resolve_all()

    async def judge_and_tell(self) -> None:
        await self.world.judge()
        await self.delivery.tell()

    async def rings(self) -> list[tuple[int, str | None]]:
        return [(ring["version"], ring["closed_why"]) for ring in await self.world.rings() if ring["agency"] == POLICE]

    async def view(self, agency: str = POLICE) -> dict[str, Any]:
        (alert,) = await self.world.alerts()
        async with hot_transaction(self.pool) as conn:
            context = (await disclosure.current(conn, self.delivery.courier.rules)).context
            shown = await disclosure.read(
                conn, context, agency, str(alert["public_id"]), actor="client:test", purpose="safeguarding"
            )
        assert shown is not None
        return shown

    async def person(self, label: str, agency: str = POLICE) -> Any:
        record = await record_of(self.pool, label)
        async with hot_transaction(self.pool) as conn:
            public = await conn.fetchval("SELECT public_id FROM persons WHERE person_id = $1", record)
            context = (await disclosure.current(conn, self.delivery.courier.rules)).context
            return await read_person(
                conn, context, agency, UUID(str(public)), actor="client:t", purpose="safeguarding", privileged=False
            )

    async def on_topic(self, agency: str, count: int) -> list[TopicAlert]:
        topic = f"{self.settings.topic_prefix}tocsin.alerts.{agency}"
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=self.settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            found = [await asyncio.wait_for(consumer.getone(), 30) for _ in range(count)]
        finally:
            await consumer.stop()
        return [TopicAlert.model_validate_json(message.value) for message in found]


@pytest.fixture
async def wrong(pool: Pool, live_settings: Settings) -> AsyncIterator[Wrong]:
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(stored(pool, court=TWICE))
        receiver = await stack.enter_async_context(receiving())
        bus = Bus(live_settings, client_id="test")
        await bus.start()
        stack.push_async_callback(bus.stop)
        courier = await stack.enter_async_context(courier_over(pool, live_settings, bus, world))
        feed = Feed(pool)
        await feed.start(0)
        made = Wrong(feed, Delivery(world, courier, receiver, live_settings), live_settings)
        await made.delivery.endpoint("/police")
        await made.concern("first", HIM)
        await made.concern("second", THE_OTHER, MERCIA)
        await made.say("same")
        await made.judge_and_tell()
        assert await world.conditions() == ["standing"]
        yield made


async def test_who_was_told_is_told_that_it_was_wrong_by_every_way_they_were_told(wrong: Wrong) -> None:
    assert [call.alert.told for call in wrong.delivery.receiver.at("/police")] == ["raised"]
    await wrong.say("different")
    await wrong.judge_and_tell()
    assert await wrong.world.conditions() == ["withdrawn"]
    rung = wrong.delivery.receiver.at("/police")
    assert [(call.alert.told, call.alert.state) for call in rung] == [("raised", "standing"), ("ended", "withdrawn")]
    raised, ended = await wrong.on_topic(POLICE, 2)
    assert (raised.state, raised.correction) == ("standing", None)
    assert (ended.state, ended.told, ended.correction) == ("withdrawn", "ended", "identity")
    shown = await wrong.view()
    assert shown["correction"] == "identity"
    assert any("took several people for one" in line for line in shown["handling"])


async def test_its_ladder_and_its_timers_go_with_it(wrong: Wrong) -> None:
    assert await wrong.rings() == [(1, None)]
    assert await column(wrong.pool, "SELECT count(*) FROM ladders") == [2], "one for each force"
    await wrong.say("different")
    await wrong.judge_and_tell()
    assert {ring["closed_why"] for ring in await wrong.world.rings()} == {"ended"}
    assert await column(wrong.pool, "SELECT count(*) FROM ladders") == [0]
    await wrong.world.clock(24 * 60)
    await wrong.judge_and_tell()
    assert len(wrong.delivery.receiver.at("/police")) == 2, "nobody is rung for what is withdrawn"


async def test_access_is_cut_in_the_moment_they_are_told_apart_before_anything_is_judged(wrong: Wrong) -> None:
    before = await wrong.view()
    assert before["shown"] == "D2"
    assert before["evidence"]
    assert (await wrong.person("second/S", POLICE)) is not None, "through the alert, whose anchor both records share"
    await wrong.say("different")
    cut = await wrong.view()
    assert cut["shown"] == "D1"
    assert not {"evidence", "why", "details"} & cut.keys()
    assert any("taken for one" in line for line in cut["handling"])
    assert await wrong.person("second/S", POLICE) is None
    await wrong.judge_and_tell()
    assert (await column(wrong.pool, "SELECT cut FROM alerts")) == [False]


async def test_the_officer_finds_who_was_told_what_and_settles_it(wrong: Wrong) -> None:
    await wrong.concern("third", person("S", "Piers Quillfeather", "1960-02-01", role="subject", own_id="N-9"))
    await wrong.say("same", "first/S", "third/S")
    await wrong.judge_and_tell()
    assert len((await wrong.person("third/S")).people[0]["names"]) == 2
    await wrong.say("different")
    await wrong.say("different", "first/S", "third/S")
    await wrong.judge_and_tell()
    async with hot_transaction(wrong.pool) as conn:
        found = await corrections.listed(conn, settled=False)
    assert {(one.kind, one.agency) for one in found} == {("alert", POLICE), ("alert", MERCIA), ("person", POLICE)}
    (shown,) = [one for one in found if one.kind == "person"]
    assert len(shown.people) == 2
    assert (await wrong.person("third/S")).people[-1]["person"] in map(str, shown.people)
    assert await column(wrong.pool, "SELECT kind FROM operator_pages WHERE closed_at IS NULL") == ["wrong-disclosure"]
    numbers = [one.number for one in found]
    async with hot_transaction(wrong.pool) as conn:
        assert await corrections.settle(conn, numbers, actor="dpo-01", outcome="put right") == len(numbers)
        assert await corrections.settle(conn, numbers, actor="dpo-01", outcome="put right") == 0
        assert await corrections.listed(conn, settled=False) == []
        assert [one.outcome for one in await corrections.listed(conn, settled=True)] == ["put right"] * len(numbers)
    assert await column(wrong.pool, "SELECT kind FROM operator_pages WHERE closed_at IS NULL") == []


async def test_noticed_once_however_often_it_is_judged_and_again_when_it_happens_again(wrong: Wrong) -> None:
    for times in (1, 2):
        await wrong.say("different")
        await wrong.judge_and_tell()
        await wrong.judge_and_tell()
        async with hot_transaction(wrong.pool) as conn:
            found = [one for one in await corrections.listed(conn, settled=False) if one.agency == POLICE]
        assert len(found) == times
        await wrong.say("same")
        await wrong.judge_and_tell()
    assert await wrong.world.conditions() == ["standing"], "the same alert again: its anchor is one record's"


async def test_who_had_left_before_the_other_came_was_never_one_with_them(wrong: Wrong) -> None:
    (alert,) = await wrong.world.alerts()
    await wrong.say("different")
    first, second = await record_of(wrong.pool, "first/S"), await record_of(wrong.pool, "second/S")
    async with hot_transaction(wrong.pool) as conn:
        told = await corrections.note_alerts(conn, [alert["alert_id"]], at(wrong.minute))
        # As if the first had been put to that person in the moment in which the second left it, or later.
        await conn.execute(
            """
            UPDATE membership SET since = (SELECT max(until) FROM membership_history WHERE record_id = $2)
            WHERE record_id = $1
            """,
            first,
            second,
        )
        assert (told, await corrections.note_alerts(conn, told, at(wrong.minute))) == ([alert["alert_id"]], [])


async def test_a_retraction_is_no_wrong_merge(wrong: Wrong) -> None:
    await wrong.later()
    back = event("back", (), agency=MERCIA, happened="police.event.retracted", retracts={"id": "second"},
                 reason="wrong-person", at=at(wrong.minute))  # fmt: skip
    await wrong.feed.say(back)
    await wrong.feed.resolve_all()
    await wrong.judge_and_tell()
    assert await wrong.world.conditions() == ["withdrawn"]
    async with hot_transaction(wrong.pool) as conn:
        assert await corrections.listed(conn, settled=True) == []


async def test_an_acknowledgement_of_the_wrong_one_covers_nothing_that_comes_after(wrong: Wrong) -> None:
    (alert,) = await wrong.world.alerts()
    async with hot_transaction(wrong.pool) as conn:
        kept = await acknowledge(
            conn, alert["public_id"], POLICE, 1, desk="duty-inspector", actor="DI-07", action="visit",
            master_key=wrong.settings.master_key_bytes,
        )  # fmt: skip
    assert kept is not None
    await wrong.say("different")
    await wrong.judge_and_tell()
    await wrong.concern("third", {**HIM, "sex": "m"})
    await wrong.judge_and_tell()
    assert await wrong.world.conditions() == ["standing"], "two concerns about him alone: the same alert, reopened"
    assert await wrong.rings() == [(1, "acknowledged"), (3, None)]
    calls = wrong.delivery.receiver.at("/police")
    assert calls[-1].alert.told == "reopened"
    assert orjson.loads(calls[-1].raw)["data"]["alerts"][0]["ring"]["rung"] == 1
