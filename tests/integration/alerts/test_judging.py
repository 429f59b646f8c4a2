import asyncio

from consumers import evaluator
from consumers.evaluator import LANES, judge_due
from services.db import Pool, hot_transaction
from services.db.rerun import rerun_on_conflict
from services.judging import store as due
from services.rules.load import load_catalogue, release
from services.rules.model import RuleFile
from services.settings import Settings
from tests.integration.alerts.world import CONCERN, POLICE, UNREAD, Stored, at, stored
from tests.polling import until

SW = {"S": "subject", "W": "at-risk"}


async def test_a_concern_is_raised_once_and_rings_the_duty_inspector(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    (alert,) = await world.alerts()
    assert (alert["rule"], alert["condition"], alert["urgency"], alert["silent"]) == ("R90", "standing", 2, False)
    assert await world.told() == [(alert["alert_id"], POLICE, "raised")]
    (ring,) = await world.rings()
    assert (ring["rung"], ring["desks"], ring["started_at"]) == (1, ["duty-inspector"], at(0))
    assert await world.pool.fetchval("SELECT due_at FROM ladders") == at(60)


async def test_judging_again_writes_nothing(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    for name in ("S", "W"):
        await world.event(f"again-{name}", "police.contact-attempt.failed", {name: "subject"})
    assert await world.judge()
    assert len(await world.told()) == 1
    assert await world.pool.fetchval("SELECT count(*) FROM alert_versions") == 1


async def test_an_answer_ends_it(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    await world.clock(5)
    await world.event("e2", "police.checks.completed", SW, minutes=5)
    await world.judge()
    assert await world.conditions() == ["answered"]
    assert [ring["closed_why"] for ring in await world.rings()] == ["ended"]
    assert await world.pool.fetchval("SELECT count(*) FROM ladders") == 0
    assert (await world.told())[-1][1:] == (POLICE, "ended")


async def test_history_is_kept_and_rings_nobody(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW, history=True)
    await world.judge()
    (alert,) = await world.alerts()
    assert alert["silent"]
    assert await world.told() == []
    assert await world.rings() == []
    assert await world.pool.fetchval("SELECT count(*) FROM tell") == 0


async def test_two_evaluators_at_once_never_raise_twice(world: Stored) -> None:
    for number in range(30):
        await world.event(f"e{number}", "police.concern.reported", {f"S{number}": "subject", "W": "at-risk"})

    async def worker() -> None:
        while await rerun_on_conflict(lambda: judge_due(world.bench, LANES[0], limit=3)) + await rerun_on_conflict(
            lambda: judge_due(world.bench, LANES[1], limit=3)
        ):
            pass

    await asyncio.gather(*(worker() for _ in range(4)))
    await world.judge()
    alerts = await world.alerts()
    assert len(alerts) == len({alert["anchor_key"] for alert in alerts}) == 30
    assert len(await world.told()) == 30


async def test_who_is_locked_is_left_alone_and_nobody_waits_for_them(world: Stored) -> None:
    for pair in ({"S": "subject", "W": "at-risk"}, {"S2": "subject", "W2": "at-risk"}):
        await world.event(f"e-{'-'.join(pair)}", "police.concern.reported", pair)
    async with hot_transaction(world.pool) as resolving:
        await resolving.execute("SELECT FROM persons WHERE person_id = $1 FOR NO KEY UPDATE", world.records["S"])
        assert await asyncio.wait_for(judge_due(world.bench, LANES[0]), 30) == 3
        left = await world.pool.fetch("SELECT record_id FROM due WHERE kind = $1", due.MARK)
        assert [row[0] for row in left] == [world.records["S"]]
    await world.judge()
    assert await world.conditions() == ["standing", "standing"]


async def test_who_comes_second_claims_those_that_are_left(world: Stored) -> None:
    for pair in ({"S": "subject", "W": "at-risk"}, {"S2": "subject", "W2": "at-risk"}):
        await world.event(f"e-{'-'.join(pair)}", "police.concern.reported", pair)
    async with hot_transaction(world.pool) as one, hot_transaction(world.pool) as another:
        first = await due.claim(one, LANES[0], 1)
        second = await asyncio.wait_for(due.claim(another, LANES[0], 1), 30)
    # Who is first in turn brings the neighbour along. Were the limit of those wanted, the second would find nobody.
    assert {*first.persons, *second.persons} == {world.records[name] for name in ("S", "W", "S2", "W2")}
    assert len(first.persons) == len(second.persons) == 2


async def test_whoever_cannot_be_judged_is_set_aside_and_holds_up_nobody(world: Stored, settings: Settings) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.event("e2", "police.concern.reported", {"S2": "subject", "W2": "at-risk"})
    refused = world.records["S"]
    await world.pool.execute(f"ALTER TABLE alerts ADD CONSTRAINT refused CHECK (owner_record <> {refused})")
    stop = asyncio.Event()
    working = asyncio.create_task(evaluator._worker(world.bench, LANES[0], settings, stop))

    async def kept() -> tuple[int, str] | None:
        row = await world.pool.fetchrow("SELECT person_id, reason FROM incomplete_evaluations")
        return (row[0], row[1]) if row else None

    assert await until(kept, what="somebody set aside") == (refused, "CheckViolationError")
    await until(world.alerts, what="the alert about the other")
    stop.set()
    await working
    assert [alert["owner_record"] for alert in await world.alerts()] == [world.records["S2"]]
    assert await world.pool.fetchval("SELECT about FROM operator_pages") == str(refused)


async def test_a_deadline_rings_when_the_clock_passes_it(world: Stored) -> None:
    await world.event("e1", "police.message.received", {"S": "subject"})
    await world.judge()
    assert await world.alerts() == []
    assert await world.pool.fetchval("SELECT min(due_at) FROM due") == at(15)
    await world.clock(14)
    assert await world.judge() == 0
    await world.clock(15)
    await world.judge()
    (alert,) = await world.alerts()
    assert (alert["urgency"], alert["raised_at"]) == (1, at(15))


async def test_a_deadline_waits_for_an_answer_that_lies_unread(world: Stored) -> None:
    await world.event("e1", "police.message.received", {"S": "subject"})
    await world.judge()
    await world.clock(14)
    # The correlator stops here: the clock goes on, the watermark does not.
    await world.clock(15.5, caught_up=False)
    assert await world.judge() == 0
    await world.event("e2", "police.message.read", {"S": "subject"}, minutes=13, fields={"message": {"id": "e1"}})
    await world.clock(15.6)
    await world.judge()
    assert await world.alerts() == []


async def test_a_u1_deadline_waits_a_minute_then_rings_and_says_that_the_bus_is_behind(world: Stored) -> None:
    await world.event("e1", "police.message.received", {"S": "subject"})
    await world.judge()
    await world.clock(14)
    await world.clock(16.5, caught_up=False)
    await world.judge()
    (alert,) = await world.alerts()
    assert alert["condition"] == "standing"
    assert "The bus is behind" in alert["finding"]
    # Caught up, and the answer had been given in time: what was told is withdrawn.
    await world.event("e2", "police.message.read", {"S": "subject"}, minutes=13, fields={"message": {"id": "e1"}})
    await world.clock(17)
    await world.judge()
    assert await world.conditions() == ["withdrawn"]
    assert [why for _, _, why in await world.told()] == ["raised", "ended"]


async def test_once_caught_up_the_alert_no_longer_says_that_the_bus_is_behind(world: Stored) -> None:
    await world.event("e1", "police.message.received", {"S": "subject"})
    await world.judge()
    await world.clock(14)
    await world.clock(16.5, caught_up=False)
    await world.judge()
    await world.clock(17)
    await world.judge()
    (alert,) = await world.alerts()
    assert "The bus is behind" not in alert["finding"]
    assert len(await world.rings()) == 1


async def test_a_merge_of_two_people_with_standing_alerts_rings_nobody_again(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    await world.clock(3)
    await world.event("e2", "police.concern.reported", {"S2": "subject", "W": "at-risk"}, minutes=3)
    await world.judge()
    first, second = [alert["alert_id"] for alert in await world.alerts()]
    before = await world.rings()
    await world.clock(5)
    await world.belongs("S2", to="S")
    await world.judge()
    older, younger, _ = await world.alerts()
    assert (older["joined_to"], younger["joined_to"]) == (None, first)
    assert (older["condition"], younger["condition"]) == ("standing", "standing")
    assert [telling for telling in await world.told() if telling[2] != "raised"] == [(first, POLICE, "joined")]
    rings = await world.rings()
    assert [ring["ring_id"] for ring in rings] == [ring["ring_id"] for ring in before]
    assert {ring["alert_id"] for ring in rings} == {first}, "the younger one's ladder goes on for the older"
    assert second != first


async def test_a_split_withdraws_what_no_longer_stands_and_resumes_what_does(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.event("e2", "police.concern.reported", {"S2": "subject", "W": "at-risk"})
    await world.judge()
    await world.clock(1)
    await world.belongs("S2", to="S")
    await world.judge()
    assert [(a["rule"], a["condition"]) for a in await world.alerts()] == [
        ("R90", "standing"),
        ("R90", "standing"),
        ("R92", "standing"),
    ]
    told = len(await world.told())
    await world.clock(2)
    await world.belongs("S2", to="S2")
    await world.judge()
    first, second, repeated = await world.alerts()
    assert (first["joined_to"], second["joined_to"]) == (None, None)
    assert (first["condition"], second["condition"], repeated["condition"]) == ("standing", "standing", "withdrawn")
    assert (repeated["alert_id"], POLICE, "ended") in (await world.told())[told:]
    assert {why for _, _, why in (await world.told())[told:]} <= {"ended", "view"}


async def test_after_a_split_an_alert_follows_the_record_it_was_raised_on(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", {"S2": "subject", "W": "at-risk"})
    await world.belongs("S2", to="S")
    await world.judge()
    (alert,) = await world.alerts()
    assert alert["owner_record"] == world.records["S2"]
    await world.clock(2)
    await world.belongs("S2", to="S2")
    await world.judge()
    assert await world.conditions() == ["standing"]
    assert len(await world.told()) == 1


async def test_a_retraction_withdraws_and_everybody_told_is_told(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    await world.pool.execute("UPDATE events SET retracted_at = $1 WHERE id = 'e1'", at(5))
    async with hot_transaction(world.pool) as conn:
        await world._mark(conn, list(world.records.values()))
    await world.judge()
    assert await world.conditions() == ["withdrawn"]
    assert [why for _, _, why in await world.told()] == ["raised", "ended"]


async def test_an_unresolved_event_is_in_no_case(world: Stored) -> None:
    key = await world.event("e1", "police.concern.reported", SW)
    await world.pool.execute("INSERT INTO unresolved (event_key, received_at, lane) VALUES ($1, $2, 0)", key, at(0))
    await world.judge()
    assert await world.alerts() == []


async def test_a_mark_spreads_to_neighbours_and_a_spread_does_not(world: Stored) -> None:
    await world.event("e1", "police.relationship.reported", SW, relations=[("S", "W", "partner")])
    await world.event(
        "e2", "police.relationship.reported", {"W": "subject", "C": "child"}, relations=[("W", "C", "parent")]
    )
    await world.event(
        "e0", "police.relationship.reported", {"C": "subject", "X": "other"}, relations=[("C", "X", "kin")]
    )
    await world.judge()
    await world.event("e3", "police.contact-attempt.failed", {"S": "subject"})
    assert await judge_due(world.bench, LANES[0]) == 1
    rows = await world.pool.fetch("SELECT record_id, lane, kind FROM due WHERE kind < 2 ORDER BY record_id")
    # The case of a partner's child holds what flags him, and is judged again like a neighbour's; X is beyond both.
    near = (world.records["W"], world.records["C"])
    assert [tuple(row) for row in rows] == [(record, due.SPREADING, due.SPREAD) for record in near]
    assert await judge_due(world.bench, LANES[1]) == len(near)
    assert await world.pool.fetchval("SELECT count(*) FROM due WHERE kind < 2") == 0


async def test_an_alert_that_names_somebody_has_them_judged_again_and_goes_no_further(pool: Pool) -> None:
    """A timer spreads nothing by itself; that it rang is news to whom the alert names."""
    late = {**UNREAD, "anchor": ["subject", "other"], "of": {**UNREAD["of"], "other": {"role": ["at-risk"]}}}
    reads = load_catalogue().rule("R33").file
    court = release([*(RuleFile.model_validate(one) for one in (late, CONCERN)), reads])
    async with stored(pool, court=court) as world:
        await world.event("m1", "police.message.received", SW)
        await world.event("s1", "police.contact-attempt.failed", {"W2": "subject"})
        await world.judge()
        await world.clock(15)
        assert await judge_due(world.bench, LANES[0]) == 1
        rows = await pool.fetch("SELECT record_id, lane, kind FROM due WHERE kind < 2")
        assert [tuple(row) for row in rows] == [(world.records["W"], due.SPREADING, due.SPREAD)]
        assert await judge_due(world.bench, LANES[1]) == 1
        assert await pool.fetchval("SELECT count(*) FROM due WHERE kind < 2") == 0, "and it ends there"

        await world.clock(20)
        await world.event("died", "police.death.recorded", {"W2": "deceased"}, minutes=20, fields={"unexpected": True})
        await world.judge()
        assert [alert["rule"] for alert in await world.alerts()] == ["R91"], "whoever died, no alert names them"
        await world.clock(30)
        await world.belongs("W2", to="W")
        await world.judge()
        (_, review) = await world.alerts()
        assert (review["rule"], review["condition"], review["owner_record"]) == ("R33", "standing", world.records["W2"])
        await world.judge()
        assert await pool.fetchval("SELECT count(*) FROM due WHERE kind < 2") == 0

        await world.clock(40)
        await world.retracted("m1", minutes=40, agency=POLICE)
        await world.judge()
        assert await world.conditions() == ["withdrawn", "withdrawn"]


async def test_people_judged_together_need_no_spread_between_them(world: Stored) -> None:
    await world.event("e1", "police.relationship.reported", SW, relations=[("S", "W", "partner")])
    assert await judge_due(world.bench, LANES[0]) == 2
    assert await world.pool.fetchval("SELECT count(*) FROM due") == 0


async def test_a_worker_with_other_rules_stands_down(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.pool.execute("UPDATE rules_release SET release = 'newer'")
    assert await world.judge() == 0
    assert await world.pool.fetchval("SELECT count(*) FROM due") == 2
    assert await world.pool.fetchval("SELECT kind FROM operator_pages") == "rules-stood-down"


async def test_a_new_release_has_everybody_judged_in_the_slow_lane(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    async with hot_transaction(world.pool) as conn:
        assert await due.activate(conn, "next")
        assert not await due.activate(conn, "next")
    rows = await world.pool.fetch("SELECT lane, kind FROM due")
    assert [tuple(row) for row in rows] == [(due.SLOW, due.MARK)] * 2


async def test_a_release_that_was_replaced_comes_back_only_on_purpose(world: Stored) -> None:
    async with hot_transaction(world.pool) as conn:
        old = world.bench.rules.release
        assert await due.activate(conn, "next")
        assert not await due.activate(conn, old), "an old process started again"
        assert await conn.fetchval("SELECT release FROM rules_release") == "next"
        assert await due.activate(conn, old, back=True)
        assert await conn.fetchval("SELECT release FROM rules_release") == old


async def test_a_case_that_is_too_large_is_kept_as_incomplete_and_pages(world: Stored) -> None:
    people = {"S": "subject", **{f"P{n}": "other" for n in range(39)}}
    await world.event("e1", "police.concern.reported", people, mark=False)
    await world.event("e2", "police.concern.reported", {"S": "subject", "Q": "at-risk", "R": "other"}, mark=False)
    await world.event("e3", "police.contact-attempt.failed", {"S": "subject"})
    await judge_due(world.bench, LANES[0])
    assert await world.alerts() == []
    (kept,) = await world.pool.fetch("SELECT rule, reason, tries FROM incomplete_evaluations")
    assert kept["tries"] == 1
    assert await world.pool.fetchval("SELECT kind FROM operator_pages WHERE closed_at IS NULL") == "incomplete"
    retry = await world.pool.fetchrow("SELECT due_at, lane, kind FROM due WHERE record_id = $1", world.records["S"])
    assert retry is not None
    assert (retry["due_at"], retry["lane"]) == (at(1), due.SLOW)


async def test_timers_never_pile_up(world: Stored) -> None:
    for number in range(5):
        await world.event(f"e{number}", "police.message.received", {"S": "subject"}, minutes=number)
        await world.clock(number)
        await world.judge()
    rows = await world.pool.fetch("SELECT due_at, kind FROM due")
    assert [tuple(row) for row in rows] == [(at(15), due.TIMER_U1)]


async def test_evaluations_are_logged_with_their_times(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW)
    await world.judge()
    (row,) = await world.pool.fetch("SELECT * FROM evaluations")
    assert (row["clock"], row["release"]) == (at(0), world.bench.rules.release)
    assert sorted(row["persons"]) == sorted(world.records.values())
