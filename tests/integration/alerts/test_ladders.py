import asyncio
from uuid import UUID

import orjson
import pytest

from consumers.escalator import climb_due, look_whether_behind, look_whom_nobody_hears, redrive
from consumers.evaluator import LANES, judge_due
from services.alerts.store import Acknowledged, acknowledge
from services.db import hot_transaction
from services.directory import file
from services.directory import store as directories
from services.directory.form import DirectoryForm
from services.errors import Conflict
from services.escalation import store as ladders
from tests.integration.alerts.world import DIRECTORY, MERCIA, POLICE, Stored, at
from tests.polling import until

SW = {"S": "subject", "W": "at-risk"}
KEY = bytes(32)


async def raised(world: Stored) -> UUID:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    (alert,) = await world.alerts()
    found: UUID = alert["public_id"]
    return found


async def take_on(world: Stored, alert: UUID, version: int = 1, action: str | None = "visit") -> Acknowledged | None:
    async with hot_transaction(world.pool) as conn:
        return await acknowledge(
            conn,
            alert,
            POLICE,
            version,
            desk="duty-inspector",
            actor="DI-07",
            action=action,
            reasons="will go there",
            master_key=KEY,
        )


BOTH = ["duty-inspector", "superintendent"]


async def story(world: Stored) -> list[tuple[int, list[str], str | None]]:
    return [(ring["rung"], ring["desks"], ring["closed_why"]) for ring in await world.rings()]


async def test_rung_after_rung_is_told_when_nobody_answers_and_after_the_last_an_operator(world: Stored) -> None:
    await raised(world)
    await world.clock(59)
    assert await climb_due(world.pool) == 0
    await world.clock(60)
    assert await climb_due(world.pool) == 1
    assert await story(world) == [(1, ["duty-inspector"], "climbed"), (2, ["superintendent"], None)]
    assert (await world.rings())[1]["started_at"] == at(60)
    for minutes in (120, 180, 240):
        await world.clock(minutes)
        assert await climb_due(world.pool) == 1
    assert (await story(world))[2:] == [(3, BOTH, "climbed"), (4, BOTH, "exhausted")]
    assert await world.pool.fetchval("SELECT kind FROM operator_pages") == "ladder-exhausted"
    assert await world.pool.fetchval("SELECT count(*) FROM ladders") == 0


async def test_an_acknowledgement_with_an_action_ends_the_ladder(world: Stored) -> None:
    alert = await raised(world)
    await world.clock(20)
    kept = await take_on(world, alert)
    assert kept is not None
    assert (kept.version, kept.newest, kept.at, kept.expires_at) == (1, 1, at(20), None)
    await world.clock(600)
    assert await climb_due(world.pool) == 0
    assert await story(world) == [(1, ["duty-inspector"], "acknowledged")]
    row = await world.pool.fetchrow("SELECT * FROM acknowledgements")
    assert row is not None
    assert b"will go there" not in row["reasons_sealed"]


async def test_an_acknowledgement_without_an_action_expires_and_the_ladder_goes_on(world: Stored) -> None:
    alert = await raised(world)
    await world.clock(20)
    kept = await take_on(world, alert, action=None)
    assert kept is not None
    assert kept.expires_at == at(140)
    await world.clock(139)
    assert await climb_due(world.pool) == 0
    await world.clock(140)
    assert await climb_due(world.pool) == 1
    assert await story(world) == [(1, ["duty-inspector"], "acknowledged"), (2, ["superintendent"], None)]
    assert await world.pool.fetchval("SELECT expired_at FROM acknowledgements") == at(140)


async def test_an_action_recorded_later_makes_it_last(world: Stored) -> None:
    alert = await raised(world)
    await take_on(world, alert, action=None)
    await world.clock(30)
    await take_on(world, alert, action="visit")
    await world.clock(600)
    assert await climb_due(world.pool) == 0
    assert await world.pool.fetchval("SELECT count(*) FROM acknowledgements WHERE expires_at IS NOT NULL") == 0


async def test_a_version_nobody_was_told_or_another_agency_cannot_be_acknowledged(world: Stored) -> None:
    alert = await raised(world)
    assert await take_on(world, alert, version=2) is None
    assert await take_on(world, alert, version=0) is None
    async with hot_transaction(world.pool) as conn:
        other = await acknowledge(conn, alert, "csc-birmingham", 1, desk="edt", actor="x", master_key=KEY)
    assert other is None
    assert await world.pool.fetchval("SELECT count(*) FROM acknowledgements") == 0


async def test_who_has_left_the_alert_cannot_take_it_on(world: Stored) -> None:
    alert = await raised(world)
    await world.pool.execute("UPDATE alert_recipients SET left_at = now()")
    assert await take_on(world, alert) is None
    assert await world.pool.fetchval("SELECT count(*) FROM acknowledgements") == 0


async def test_acknowledging_an_older_version_does_not_silence_a_newer_ring(world: Stored) -> None:
    alert = await raised(world)
    await world.clock(1)
    await world.event("e2", "police.checks.completed", SW, minutes=1)
    await world.judge()
    await world.clock(2)
    await world.event("e3", "police.concern.reported", SW, minutes=2)
    await world.judge()
    kept = await take_on(world, alert, version=1)
    assert kept is not None
    assert kept.newest == 3
    await world.clock(62)
    assert await climb_due(world.pool) == 1
    assert [ring["rung"] for ring in await world.rings()] == [1, 1, 2]


async def test_climbing_and_acknowledging_at_once_never_leave_a_rung_ringing(world: Stored) -> None:
    for number in range(12):
        await world.event(f"e{number}", "police.concern.reported", {f"S{number}": "subject", "W": "at-risk"})
    await world.judge()
    await world.clock(60)
    alerts = [alert["public_id"] for alert in await world.alerts()]
    await asyncio.gather(
        climb_due(world.pool),
        climb_due(world.pool),
        *(take_on(world, alert) for alert in alerts),
        climb_due(world.pool),
    )
    assert await world.pool.fetchval("SELECT count(*) FROM rings WHERE closed_at IS NULL") == 0
    assert await world.pool.fetchval("SELECT count(*) FROM ladders") == 0
    rungs = [(ring["alert_id"], ring["rung"]) for ring in await world.rings()]
    assert len(rungs) == len(set(rungs))


async def test_a_directory_loaded_meanwhile_changes_nothing_for_a_ladder_under_way(world: Stored) -> None:
    await raised(world)
    text = DIRECTORY.read_text(encoding="utf-8").replace(
        "duty-inspector: {always: [duty-inspector, superintendent]}",
        "duty-inspector: {always: [control-room, force-duty-officer]}",
        1,
    )
    await load(world, file.parse(text), 10)
    await world.clock(60)
    await climb_due(world.pool)
    assert (await story(world))[1] == (2, ["superintendent"], None)


async def test_an_ending_stops_the_ladder_and_a_reopening_starts_it_afresh(world: Stored) -> None:
    await raised(world)
    await world.clock(10)
    await world.event("e2", "police.checks.completed", SW, minutes=10)
    await world.judge()
    await world.clock(61)
    assert await climb_due(world.pool) == 0
    await world.event("e3", "police.concern.reported", SW, minutes=61)
    await world.judge()
    first, second = await world.rings()
    assert (first["closed_why"], second["closed_why"], second["rung"]) == ("ended", None, 1)
    assert second["cycle"] != first["cycle"]


async def test_the_auditor_drives_a_ring_that_lost_its_row(world: Stored) -> None:
    await raised(world)
    await world.pool.execute("DELETE FROM ladders")
    await world.pool.execute("DELETE FROM tell")
    await world.clock(1)
    assert await redrive(world.pool) == 2
    assert await world.pool.fetchval("SELECT kind FROM operator_pages") == "stuck-alerts"
    assert await climb_due(world.pool) == 1
    assert (await story(world))[1] == (2, ["superintendent"], None)


async def test_the_page_about_stuck_alerts_closes_when_nothing_is_stuck(world: Stored) -> None:
    await raised(world)
    await world.pool.execute("DELETE FROM ladders")
    await redrive(world.pool)
    assert await open_pages(world) == ["stuck-alerts"]
    await redrive(world.pool)
    assert await open_pages(world) == []


async def test_an_operator_is_paged_about_a_pressing_alert_that_reaches_nobody(world: Stored) -> None:
    await raised(world)
    assert await look_whom_nobody_hears(world.pool) == 0
    await world.pool.execute("UPDATE alert_recipients SET told = false")
    assert await look_whom_nobody_hears(world.pool) == 1
    assert await open_pages(world) == ["alert-reaches-nobody"]
    await world.pool.execute("UPDATE alert_recipients SET told = true")
    assert await look_whom_nobody_hears(world.pool) == 0
    assert await open_pages(world) == []


async def test_an_agency_without_a_desk_is_not_reached_and_is_told_as_soon_as_it_has_one(world: Stored) -> None:
    whole = file.parse(DIRECTORY.read_text(encoding="utf-8"))
    silent = whole.agencies[POLICE].model_copy(update={"desks": {}, "ladders": {}, "otherwise": None})
    deskless = whole.model_copy(update={"agencies": {**whole.agencies, POLICE: silent}})
    await load(world, deskless, 0)
    await raised(world)
    (alert,) = await world.alerts()
    assert (alert["condition"], alert["silent"]) == ("standing", False)
    finding = orjson.loads(alert["finding"])
    assert (finding["recipients"], finding["not_reached"]) == ([], [f"duty-inspector at {POLICE}"])
    assert await world.pool.fetchval("SELECT count(*) FROM alert_recipients") == 0, "nobody is named as told"
    assert await look_whom_nobody_hears(world.pool) == 1
    await world.clock(10)
    await load(world, whole, 10)
    await judge_due(world.bench, LANES[2])
    assert await world.told() == [(alert["alert_id"], POLICE, "raised")]
    assert await story(world) == [(1, ["duty-inspector"], None)]
    assert await look_whom_nobody_hears(world.pool) == 0
    assert await open_pages(world) == []
    assert [again["anchor_key"] for again in await world.alerts()] == [alert["anchor_key"]], "the same alert"
    await world.clock(20)
    await load(world, deskless, 20)
    await judge_due(world.bench, LANES[2])
    assert (await world.told())[1:] == [(alert["alert_id"], POLICE, "handed-over")]
    assert await look_whom_nobody_hears(world.pool) == 1, "a desk taken away is not somebody who knows"


async def load(world: Stored, parsed: DirectoryForm, minutes: float) -> None:
    async with hot_transaction(world.pool) as conn:
        await directories.save(conn, parsed, actor="tests", taken_at=at(minutes), token=directories.phone_token(KEY))


async def test_an_operator_is_paged_while_facts_come_late_to_the_rules(world: Stored) -> None:
    await world.pool.execute("UPDATE clock SET mode = 'real', manual_now = NULL")
    await world.pool.execute("DELETE FROM intake_progress")
    assert not await look_whether_behind(world.pool, was_behind=False), "nothing was ever taken in"
    await world.pool.execute("INSERT INTO intake_progress VALUES ('tocsin.events.police', 0, 7, '-infinity', false)")
    await world.pool.execute("UPDATE watermark SET at = now() - interval '3 minutes'")
    assert await look_whether_behind(world.pool, was_behind=False)
    assert await open_pages(world) == [], "whoever has just started has yet to catch up"
    assert await look_whether_behind(world.pool, was_behind=True)
    assert await open_pages(world) == ["bus-behind"]
    await world.pool.execute("UPDATE watermark SET at = now()")
    assert not await look_whether_behind(world.pool, was_behind=True)
    assert await open_pages(world) == []


async def open_pages(world: Stored) -> list[str]:
    rows = await world.pool.fetch("SELECT kind FROM operator_pages WHERE closed_at IS NULL")
    return [row["kind"] for row in rows]


async def test_the_policy_says_who_is_next_in_plain_data(world: Stored) -> None:
    await raised(world)
    policy = orjson.loads(await world.pool.fetchval("SELECT policy FROM rings"))
    assert policy == {
        "urgency": 2,
        "rungs": [["duty-inspector"], ["superintendent"], BOTH, BOTH],
        "patience_seconds": 3600.0,
    }


async def test_one_acknowledgement_does_not_stop_the_ladder_of_another_agency(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.event("e2", "police.concern.reported", SW, agency=MERCIA)
    await world.judge()
    (alert,) = [one for one in await world.alerts() if one["rule"] == "R90"]
    await world.clock(20)
    assert await take_on(world, alert["public_id"]) is not None
    await world.clock(60)
    assert await climb_due(world.pool) == 1
    rings = [(ring["agency"], ring["rung"], ring["closed_why"]) for ring in await world.rings()]
    assert sorted(rings) == [(MERCIA, 1, "climbed"), (MERCIA, 2, None), (POLICE, 1, "acknowledged")]


async def test_two_ladders_for_one_agency_become_one_when_their_alerts_do_so_that_no_rung_is_rung_twice(
    world: Stored,
) -> None:
    await raised(world)
    await world.clock(30)
    await world.event("e2", "police.concern.reported", {"S2": "subject", "W": "at-risk"}, minutes=30)
    await world.judge()
    await world.clock(60)
    assert await climb_due(world.pool) == 1, "the elder's"
    await world.belongs("S2", to="S")
    await world.judge()
    assert [(ring["rung"], ring["closed_why"]) for ring in await world.rings()] == [
        (1, "climbed"),
        (1, "joined"),
        (2, None),
    ]
    assert await world.pool.fetchval("SELECT count(*) FROM ladders") == 1
    for minutes in (90, 120, 180, 240):
        await world.clock(minutes)
        await climb_due(world.pool)
    rungs = [ring["rung"] for ring in await world.rings() if ring["closed_why"] != "joined"]
    assert rungs == [1, 2, 3, 4]


async def two_that_become_one(world: Stored) -> tuple[UUID, UUID]:
    """Two concerns, each with its ladder; the mark that makes them one is not judged yet."""
    older = await raised(world)
    await world.event("e2", "police.concern.reported", {"S2": "subject", "W": "at-risk"})
    await world.judge()
    (younger,) = [alert["public_id"] for alert in await world.alerts() if alert["public_id"] != older]
    return older, younger


async def open_rungs(world: Stored) -> list[tuple[int, int]]:
    """(alert, rung) of each ring under way."""
    return [(ring["alert_id"], ring["rung"]) for ring in await world.rings() if ring["closed_at"] is None]


async def test_a_join_that_meets_a_climb_takes_the_new_rung_along_for_on_the_younger_alert_nobody_would_hear_it(
    world: Stored,
) -> None:
    older, _ = await two_that_become_one(world)
    await take_on(world, older)
    first = (await world.alerts())[0]["alert_id"]
    await world.clock(60)
    await world.belongs("S2", to="S")
    async with hot_transaction(world.pool) as climbing:
        await ladders.climb(climbing, await ladders.claim(climbing, 10))
        joining = asyncio.create_task(world.judge())
        await until(lambda: world.pool.fetchval(WAITING), what="the join to wait for whoever climbs")
    await joining
    assert (await world.alerts())[1]["joined_to"] == first
    assert await open_rungs(world) == [(first, 2)]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def test_an_acknowledgement_without_an_action_expires_after_a_join_too(world: Stored) -> None:
    older, younger = await two_that_become_one(world)
    await take_on(world, older)
    await take_on(world, younger, action=None)
    await world.belongs("S2", to="S")
    await world.judge()
    (first, _) = [alert["alert_id"] for alert in await world.alerts() if alert["rule"] == "R90"]
    await world.clock(120)
    assert await climb_due(world.pool) == 1
    assert await open_rungs(world) == [(first, 2)]


async def test_who_acknowledges_what_became_part_of_an_older_alert_is_told_so_for_that_rings_on(world: Stored) -> None:
    older, younger = await two_that_become_one(world)
    await world.belongs("S2", to="S")
    await world.judge()
    with pytest.raises(Conflict, match="part of an older one"):
        await take_on(world, younger)
    assert await world.pool.fetchval("SELECT count(*) FROM acknowledgements") == 0
    assert await take_on(world, older) is not None
    assert await open_rungs(world) == []


async def test_after_a_split_the_ladder_goes_on_for_the_alert_that_stands_alone_again(world: Stored) -> None:
    await two_that_become_one(world)
    await world.belongs("S2", to="S")
    await world.judge()
    first, second, *_ = [alert["alert_id"] for alert in await world.alerts()]
    assert await open_rungs(world) == [(first, 1)]
    await world.clock(30)
    await world.belongs("S2", to="S2")
    await world.judge()
    assert await open_rungs(world) == [(first, 1), (second, 1)]
    await world.clock(90)
    await climb_due(world.pool)
    assert await open_rungs(world) == [(first, 2), (second, 2)]


async def test_after_a_split_nobody_is_rung_again_for_an_alert_they_took_on(world: Stored) -> None:
    _, younger = await two_that_become_one(world)
    await take_on(world, younger)
    await world.belongs("S2", to="S")
    await world.judge()
    await world.belongs("S2", to="S2")
    await world.judge()
    (first, _) = [alert["alert_id"] for alert in await world.alerts() if alert["rule"] == "R90"]
    assert await open_rungs(world) == [(first, 1)]
