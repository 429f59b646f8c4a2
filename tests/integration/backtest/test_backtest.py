"""Live and back-test agree to the alert; a candidate rule shows what it would have changed, and asking changes nothing."""

import os
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson
import pytest
import yaml

from deploy.cases.load import directory, events, load
from deploy.policy import with_agreements
from services.backtest.backtest import Ask, Report, backtest
from services.backtest.compare import Difference
from services.backtest.desks import Desk
from services.backtest.document import document
from services.backtest.shadows import shadows
from services.db import Pool, hot_transaction
from services.directory.form import DirectoryForm
from services.judging.parameters_store import set_value
from services.rules.findings import Urgency
from services.rules.load import Rules, load_catalogue, release
from services.rules.parameters import Setting
from services.rules.words.times import Length
from services.trial.rule_tests import HERE, arrival_of
from services.trial.world import Arrival
from tests.chaos.population import population
from tests.integration.alerts.world import CONCERN, MERCIA, POLICE, REPEATED, UNREAD, Stored, at, rules, stored
from tests.integration.backtest.playing import play

AS_JUDGED = rules()
FORM: Final = DirectoryForm.model_validate(yaml.safe_load((HERE / "directory.yaml").read_text("utf-8")))
"""Of the stories' cast."""
SEEDS: Final = int(os.environ.get("TOCSIN_TEST_POPULATIONS", "2"))
"""Populations played one event after the other (odd) or by moments (even); set it higher after changing what is logged."""
EVENTS: Final = 30
BOTH = {"S": "subject", "A": "at-risk"}


def _quiet(step: str, *, done: int = 0, total: int = 0) -> None:
    """Say nothing."""


async def _ask(pool: Pool, candidate: Rules, against: Rules | None = None, tried: tuple[Setting, ...] = ()) -> Report:
    ask = Ask(candidate, against, actor="operator:tests", purpose="rule review", tried=tried)
    return await backtest(pool, ask, _quiet)


def _differences(report: Report) -> list[tuple[Difference, str]]:
    return [(found.difference, found.key.rule) for found in report.differences]


async def test_live_and_back_test_agree_to_the_alert(pool: Pool) -> None:
    case, installed = load("birmingham"), load_catalogue()
    arrivals = [Arrival(one.event, one.at, one.lane == "history") for one in events(case, "K+")]
    await play(pool, arrivals, with_agreements(directory(case)), installed, until=case.ends)
    report = await _ask(pool, installed)
    assert _differences(report) == []
    assert report.counted["the same"] >= 40  # alerts, those kept silently too
    assert report.incomplete == {}
    assert report.was == report.would_be != {}


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_they_agree_on_families_with_stories_of_every_kind(pool: Pool, seed: int) -> None:
    made, installed = population(EVENTS, seed), load_catalogue()
    await play(pool, made.arrivals, FORM, installed, until=made.ends, one_by_one=bool(seed % 2))
    report = await _ask(pool, installed)
    # One event after the other under a clock that stands still: only what rang between two of them may differ.
    assert {found.difference for found in report.differences} <= ({Difference.FLEETING} if seed % 2 else set())
    assert report.counted["the same"] >= EVENTS // 10
    assert report.incomplete == {}


async def test_an_answer_of_the_very_moment_at_which_the_time_ran_out(pool: Pool) -> None:
    """A child's ten days run out at ten; another child's visit of ten o'clock comes first, then its own."""
    wanted = release([load_catalogue().rule("R41").file])
    told = [_seen("one", 0, "childrens-social-care.s47.ended", outcome="child-protection-plan", rationale="given")]
    told += [_seen(child, 14, "childrens-social-care.visit.made", child_seen=True) for child in ("other", "one")]
    await play(pool, told, FORM, wanted, until=told[-1].received_at + timedelta(days=3), one_by_one=True)
    report = await _ask(pool, wanted)
    kinds = await pool.fetch("SELECT at, kinds FROM alert_versions ORDER BY alert_id, version")
    assert [row["kinds"] for row in kinds] == [["raised"], ["withdrawn"]]
    assert kinds[0]["at"] == kinds[1]["at"]
    assert _differences(report) == [(Difference.FLEETING, "R41")]


def _seen(child: str, days: int, kind: str, **data: object) -> Arrival:
    """Something social care records at ten o'clock of a child of its own."""
    at = datetime(2024, 3, 4, 10, tzinfo=UTC) + timedelta(days=days)
    name = {"given": "Fenn" if child == "one" else "Isolde", "family": "Marrable" if child == "one" else "Quillfeather"}
    people = [{"ref": "C", "role": "child", "own_id": child, "names": [name], "area": "northtown"}]
    said = {"at": at, "id": f"{child}-{days}", "from": "csc-north", "type": kind, "people": people, "data": data}
    return arrival_of(said, days)


async def _history(world: Stored) -> None:
    """A concern that is checked, one that repeats, a message nobody reads, and a report taken back."""
    await world.event("c1", "police.concern.reported", BOTH)
    await world.judge()
    await world.clock(30)
    await world.event("checked", "police.checks.completed", BOTH, minutes=30)
    await world.judge()
    await world.clock(60)
    await world.event("m1", "police.message.received", {"S": "subject"}, minutes=60)
    await world.judge()
    await world.clock(75)
    await world.judge()
    await world.clock(600)
    await world.event("c2", "police.concern.reported", {"B": "subject", "A": "at-risk"}, minutes=600, agency=MERCIA)
    await world.judge()
    await world.clock(660)
    await world.belongs("B", to="S")
    await world.judge()
    await world.clock(720)
    await world.retracted("c2", minutes=720)
    await world.judge()
    await world.clock(900)
    await world.judge()


async def test_corrections_and_merges_are_judged_as_they_were_known(pool: Pool) -> None:
    async with stored(pool) as world:
        await _history(world)
        report = await _ask(pool, AS_JUDGED)
        kinds = await pool.fetch("SELECT DISTINCT unnest(kinds) FROM alert_versions")
    assert {"raised", "answered", "withdrawn", "joined"} <= {row[0] for row in kinds}
    assert _differences(report) == []
    assert report.was == report.would_be


async def test_what_a_candidate_adds_loses_and_rings_sooner(pool: Pool) -> None:
    sooner = {**UNREAD, "within": "5 minutes"}
    fresh = {
        **REPEATED,
        "id": "R93",
        "name": "at-once",
        "at_least": 2,
        "within": "1 hours",
        "of": {"types": ["police.*"]},
    }
    async with stored(pool) as world:
        await _history(world)
        candidate = rules(sooner, REPEATED, fresh)
        report = await _ask(pool, candidate)
        alike = await _ask(pool, candidate, against=AS_JUDGED)
    assert (Difference.EARLIER, "R91") in _differences(report)
    assert (Difference.LOST, "R90") in _differences(report)
    assert [found.by for found in report.differences if found.key.rule == "R91"] == [timedelta(minutes=-10)]
    assert _differences(alike) == _differences(report)
    was, would = report.loads()
    inspector = Desk(POLICE, "duty-inspector", Urgency.U1)
    assert (was[inspector].total, would[inspector].total) == (1, 1)
    said = orjson.loads(document(report))
    assert said["alerts"] == dict(report.counted)
    assert all(person is not None for found in said["differences"] for person in found["people"])


async def test_asking_changes_nothing_and_is_written_down(pool: Pool) -> None:
    tables = (
        "alerts",
        "alert_versions",
        "due",
        "evaluations",
        "rings",
        "tell",
        "incomplete_evaluations",
        "rules_release",
    )
    async with stored(pool) as world:
        await _history(world)
        before = [await pool.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in tables]  # noqa: S608 - ours
        await _ask(pool, rules(CONCERN))
        assert [await pool.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in tables] == before  # noqa: S608 - ours
        async with hot_transaction(pool) as conn:
            (row,) = await conn.fetch("SELECT * FROM audit_unsealed WHERE thing = 'backtest'")
    assert (row["actor"], row["purpose"], row["at"]) == ("operator:tests", "rule review", at(900))
    assert orjson.loads(row["details"])["rules"] == {"R90": "1.0.0"}


async def test_a_value_set_for_an_area_holds_from_its_moment_on_in_both(pool: Pool) -> None:
    window = {
        "name": "window",
        "at": "within",
        "least": "5 minutes",
        "most": "60 minutes",
        "says": "the time to read it",
    }
    judged = rules({**UNREAD, "parameters": [window]})
    async with stored(pool, court=judged) as world:
        for minutes, message in ((0, "before"), (100, "after")):
            await world.clock(minutes)
            await world.event(message, "police.message.received", {"S": "subject"}, minutes=minutes, area="birmingham")
            await world.event(
                f"{message}-2", "police.message.received", {"B": "subject"}, minutes=minutes, area="wrexham"
            )
            await world.judge()
            for later in (10, 15):
                await world.clock(minutes + later)
                await world.judge()
            if message == "before":
                async with hot_transaction(pool) as conn:
                    ten = Length(10, "minute")
                    await set_value(conn, "R91", "window", "west-midlands", ten, since=at(50), actor="x", reason="r")
        raised = await pool.fetch(
            "SELECT at, finding ->> 'why' AS why FROM alert_versions WHERE version = 1 ORDER BY at, alert_id"
        )
        report = await _ask(pool, judged)
        five = Setting(0, "R91", "window", "west-midlands", Length(5, "minute"), since=at(-1), known=at(-1))
        tried = [await _ask(pool, judged, against, (five,)) for against in (None, judged)]
    assert [row["at"] for row in raised] == [at(15), at(15), at(110), at(115)]
    assert ["instead of" in row["why"] for row in raised] == [False, False, True, False]
    assert _differences(report) == []
    for found in tried:  # tried for the area: both its messages, and nobody else's
        assert _differences(found) == [(Difference.EARLIER, "R91")] * 2
        assert [one.would_be.raised() for one in found.differences if one.would_be] == [at(5), at(105)]


async def test_a_shadow_rule_runs_live_tells_nobody_and_its_report_says_whom_it_would_have_told(pool: Pool) -> None:
    shadow = {**UNREAD, "status": "shadow"}
    async with stored(pool, court=rules(CONCERN, shadow)) as world:
        await _history(world)
        assert {rule for _, rule in await _told_rules(pool)} == {"R90"}
        report = await shadows(pool, ["R91"], actor="operator:tests", purpose="whether to adopt it")
        live = await _ask(pool, rules(CONCERN, UNREAD))
    assert report.raised == {"R91": {Urgency.U1: 1}}
    inspector = Desk(POLICE, "duty-inspector", Urgency.U1)
    assert report.loads("R91")[inspector].total == 1
    # Judged as a live rule over the same history, it adds exactly what the report says.
    assert live.loads()[1][inspector] == report.loads("R91")[inspector]._replace(mean=live.loads()[1][inspector].mean)
    assert [found.key.rule for found in live.differences] == ["R91"]


async def _told_rules(pool: Pool) -> list[tuple[int, str]]:
    rows = await pool.fetch(
        "SELECT DISTINCT alert_id, rule FROM alerts JOIN alert_versions v USING (alert_id) WHERE json_array_length(told) > 0"
    )
    return [(row[0], row[1]) for row in rows]
