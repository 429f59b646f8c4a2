"""Identity and alerts together, through the code the processes run: nobody is raised twice, rung twice or left standing."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from services.db import Pool, hot_transaction
from services.identity.decide import decide, withdraw
from services.rules.load import load_catalogue
from services.settings import Settings
from services.trial.rule_tests import default_directory
from services.trial.run import run_unordered
from services.trial.world import Arrival
from tests.chaos.outcome import differences, of_database, of_trial
from tests.chaos.population import Population, population
from tests.chaos.stories import stories
from tests.integration.pipeline.running import pipeline

pytestmark = pytest.mark.timeout(240)  # a consumer group takes its time to form, and tests share two cores


def story(name: str) -> tuple[Arrival, ...]:
    """The events of a rule file's test."""
    (found,) = [one for one in stories() if name in one.name]
    return found.arrivals


async def test_two_of_each_never_raise_twice_and_see_what_the_oracle_sees(live_settings: Settings, pool: Pool) -> None:
    made = population(150, seed=5)
    async with pipeline(live_settings, pool, made.arrivals[0].received_at, correlators=2, evaluators=2) as run:
        await run.play(made.posts, pause=False)
        await run.set_clock(made.ends)
        await run.settle()
        await assert_as_the_oracle_says(pool, made)
        doubled = {what: times for what, times in (await run.told("%")).items() if what[2] == "raised" and times > 1}
        assert doubled == {}


@pytest.mark.parametrize("seed", range(2))
async def test_merges_that_are_taken_back_leave_everything_as_if_they_had_never_been(
    live_settings: Settings, pool: Pool, seed: int
) -> None:
    made = population(30, seed=seed + 20)
    rng = random.Random(seed)
    async with pipeline(live_settings, pool, made.arrivals[0].received_at, evaluators=2) as run:
        wrong: list[tuple[int, int]] = []
        for start in range(0, len(made.posts), 10):
            await run.play(made.posts[start : start + 10], pause=False)
            await run.settle()
            async with hot_transaction(pool) as conn:
                people = [row[0] for row in await conn.fetch("SELECT DISTINCT person_id FROM membership ORDER BY 1")]
                if len(people) > 1:  # the first events may all be of one person
                    wrong.append((rng.choice(people[::2]), rng.choice(people[1::2])))
                    await decide(conn, *wrong[-1], "same", actor="desk:police-north/police-om", reason="seen together")
            await run.settle()
        async with hot_transaction(pool) as conn:
            for one, other in wrong:
                assert await withdraw(conn, one, other, actor="desk:police-north/police-om")
        await run.settle()
        await run.set_clock(made.ends)
        await run.settle()
        await assert_as_the_oracle_says(pool, made)
        async with hot_transaction(pool) as conn:
            assert await conn.fetchval("SELECT count(*) FROM alerts WHERE cut") == 0
            assert await conn.fetchval("SELECT count(*) FROM membership_history") > 0


async def assert_as_the_oracle_says(pool: Pool, made: Population) -> None:
    oracle = run_unordered(made.arrivals, load_catalogue(), default_directory(), until=made.ends)
    assert differences(await of_database(pool, made), of_trial(oracle)) == {}


@pytest.mark.parametrize("name", ["R26 a school notes that he came", "R26 he is registered after he was seen"])
async def test_his_registration_reaches_a_child_he_was_only_seen_with(
    live_settings: Settings, pool: Pool, name: str
) -> None:
    told = story(name)
    async with pipeline(live_settings, pool, told[0].received_at) as run:
        await run.play(told)
        (alert,) = await run.alerts("R26")
        assert alert["condition"] == "standing"


async def test_a_merge_of_two_people_with_standing_alerts_rings_nobody_again(
    live_settings: Settings, pool: Pool
) -> None:
    *before, both = story("R01 two records of her turn out to be one")
    async with pipeline(live_settings, pool, before[0].received_at, evaluators=2) as run:
        await run.play(before)
        older, younger = await run.alerts("R01")
        assert [older["condition"], younger["condition"]] == ["standing", "standing"]
        rings, told = await run.rings("R01"), await run.told("R01")
        await run.play([both])
        older, younger = await run.alerts("R01")
        assert (older["condition"], younger["joined_to"]) == ("standing", older["alert_id"])
        # Who hears of it for the first time (two voices make it known where she lives) is rung; nobody else.
        since = await run.told("R01") - told
        new = {agency for _, agency, why, _ in since if why == "new"}
        assert new.isdisjoint(rings)
        assert {agency: n for agency, n in (await run.rings("R01")).items() if agency not in new} == rings
        assert {(why, ring) for _, agency, why, ring in since if agency not in new} <= {
            ("joined", False),
            ("view", False),
        }


async def test_a_split_withdraws_what_no_longer_stands_and_tells_who_was_told(
    live_settings: Settings, pool: Pool
) -> None:
    flag, employer = two_halves()
    async with pipeline(live_settings, pool, flag[0].received_at) as run:
        await run.play([*flag, *employer])
        assert await run.alerts("R01") == [], (
            "the one who is flagged and the one with a partner are not known to be one"
        )
        known, met = await run.record("flag", "S"), await run.record("employer", "S")
        async with hot_transaction(pool) as conn:
            await decide(conn, known, met, "same", actor="desk:police-north/police-om", reason="seen together")
        await run.settle()
        (alert,) = await run.alerts("R01")
        assert alert["condition"] == "standing"
        raised = {agency for _, agency, why, _ in await run.told("R01") if why == "raised"}
        async with hot_transaction(pool) as conn:
            await decide(conn, known, met, "different", actor="desk:police-north/police-om", reason="a mistake")
        await run.settle()
        (alert,) = await run.alerts("R01")
        assert alert["condition"] == "withdrawn"
        assert raised
        assert {agency for _, agency, why, _ in await run.told("R01") if why == "ended"} == raised


def two_halves() -> tuple[list[Arrival], list[Arrival]]:
    """A flagged man known by his number, and a man of whom an employer knows only name and year."""
    known = [one for one in story("R01 the same voice") if one.event["id"] in {"probation", "flag", "family"}]
    (employer,) = [one for one in story("R01 the same voice") if one.event["id"] == "employer"]
    people = [
        {"ref": "S", "role": "subject", "names": person["names"]} if person["ref"] == "S" else person
        for person in employer.event["data"]["people"]
    ]
    event = {**employer.event, "data": {**employer.event["data"], "people": people}}
    return known, [replace(employer, event=event, received_at=employer.received_at + timedelta(minutes=1))]
