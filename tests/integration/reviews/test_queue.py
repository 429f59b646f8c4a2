"""The queue itself: its order, its placeholders, its workers, and that an open item is nothing to a rule."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from consumers import weigher
from services.chronology import store as chronology
from services.chronology.store import FactCache
from services.db import Pool, hot_transaction
from services.directory import store as directories
from services.errors import Conflict
from services.identity.review.decide import Answer
from services.identity.review.order import Turn
from services.rules.evaluate import evaluate
from services.rules.findings import Judging
from services.settings import Settings
from tests.integration.reviews.world import CARE, FLAG, HOUSING, POLICE, REPORT, Reviewing, by, reviewing
from tests.polling import until

VISIT = "police.offender-visit.made"


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Reviewing]:
    async with reviewing(pool) as made:
        yield made


def named(given: str, family: str, born: str | None = None) -> dict[str, object]:
    return {
        "ref": "N",
        "role": "other",
        "names": [{"given": given, "family": family}],
        **({"born": born} if born else {}),
    }


async def test_of_equal_risk_the_nearest_to_even_comes_first(world: Reviewing) -> None:
    for n, (one, other) in enumerate(
        [
            (named("Peregrine", "Quillfeather", "1961-05-07"), named("Peregrine", "Quillfeathre", "1961-07")),
            (named("Ottilie", "Marrable", "1987-02-02"), named("Ottilie", "Marrabel")),
            (named("Ambrose", "Fennimore", "1961-03-04"), named("Ambrose", "Fennimore")),
        ]
    ):
        await world.say(
            {"id": f"a{n}", "from": POLICE, "type": VISIT, "people": [one]},
            {"id": f"b{n}", "from": CARE, "type": "childrens-social-care.assessment.opened", "people": [other]},
        )
    items = await world.items()
    assert len(items) >= 2
    assert {Turn(item["turn"]) for item in items} == {Turn.NOTHING}
    weights = [abs(item["weight"]) for item in items]
    assert weights == sorted(weights)
    assert len(set(weights)) == len(weights)


async def test_a_placeholder_is_weighed_and_joined_by_a_decision(world: Reviewing) -> None:
    """His unnamed partner may be the woman he was said to live with: if so she has a child and does not know of him."""
    slot = {"ref": "X", "role": "partner", "slot": {"of": "S", "relation": "partner"}}
    kind = "police.relationship.reported"
    partner = [{"from": "S", "to": "A", "kind": "partner", "status": "reported"}]
    await world.say(
        {
            "id": "flag",
            "from": POLICE,
            "type": "police.risk-flag.set",
            "people": ["S subject"],
            "data": {"flag": "da-perpetrator"},
        },
        {
            "id": "claim",
            "from": POLICE,
            "type": kind,
            "people": ["S subject", "A partner"],
            "relationships": partner,
            "grade": "1A",
        },
        {
            "id": "slot",
            "from": HOUSING,
            "type": "housing.relationship.reported",
            "people": ["S subject", slot],
            "relationships": [{"from": "S", "to": "X", "kind": "partner", "status": "reported"}],
        },
    )
    (item,) = await world.items()
    assert item["weight"] is None
    assert item["weighed_at"] is not None
    answer = await world.decide(item["public_id"], "same", by(POLICE, "PC-1"))
    if answer.made.state == "proposed":
        answer = await world.confirm(item["public_id"], answer, by(HOUSING, "H-1"))
    assert answer.made.state == "in-force"
    await world.settle()
    assert any({"claim/A", "slot/X"} <= person for person in await world.persons())
    await world.withdraw(item["public_id"], answer, by(POLICE, "PC-1"))
    await world.settle()
    assert not any({"claim/A", "slot/X"} <= person for person in await world.persons())


async def test_an_open_item_is_nothing_to_any_rule_but_the_one_that_asks_about_it(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    persons = [row[0] for row in await world.pool.fetch("SELECT DISTINCT person_id FROM membership ORDER BY 1")]
    async with hot_transaction(world.pool) as conn:
        loaded = await chronology.load(conn, persons, FactCache())
        directory = (await directories.current(conn)).directory
    assert any(each.case.reviews for each in loaded.values())
    now = Judging.at(world.clock)
    for each in loaded.values():
        rules = world.bench.rules
        found = evaluate(each.case, rules, directory, now)
        without = evaluate(replace(each.case, reviews=()), rules, directory, now)
        assert [one for one in found.findings if one.rule != "R32"] == list(without.findings)
        assert (found.wake_at, found.incomplete) == (without.wake_at, without.incomplete)


async def test_a_name_near_to_a_flagged_person_asks_whoever_wrote_it_until_somebody_says(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    assert await world.alerts("R32") == [("standing", 2)]
    told = "SELECT agency FROM alert_recipients JOIN alerts USING (alert_id) WHERE rule = 'R32'"
    assert [row["agency"] for row in await world.pool.fetch(told)] == [POLICE]
    review = await world.item()
    await world.pass_time(minutes=5)
    answer = await world.decide(review, "different", by(POLICE, "PC-1"))
    await world.settle()
    assert await world.alerts("R32") == [("answered", 2)]
    await world.withdraw(review, answer, by(POLICE, "PC-1"))
    await world.settle()
    assert await world.alerts("R32") == [("standing", 2)]


async def test_a_flag_set_later_on_the_known_one_reaches_whoever_may_be_he(world: Reviewing) -> None:
    """The mark on the registered man spreads to the case of the man who may be he."""
    await world.say(REPORT)
    await world.settle()
    assert await world.alerts("R32") == []
    await world.say({**FLAG, "known": "2012-06-01T09:00", "recorded": "2012-06-01T09:00"})
    await world.settle()
    assert await world.alerts("R32") == [("standing", 2)]


async def test_of_two_who_decide_at_once_the_second_is_told(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    answers = await asyncio.gather(
        world.decide(review, "same", by(POLICE, "PC-1")),
        world.decide(review, "different", by(CARE, "SW-1")),
        world.decide(review, "different", by(CARE, "SW-1")),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Answer) and answer.new for answer in answers) == 1
    assert all(isinstance(answer, Answer | Conflict) for answer in answers)
    assert await world.pool.fetchval("SELECT count(*) FROM review_decisions") == 1


async def test_cannot_tell_holds_when_another_pair_stands_for_the_two(world: Reviewing) -> None:
    """A record that comes late and is older takes the item's place; one that the reviewer saw does not reopen it."""
    await world.near()
    review = await world.item()
    await world.decide(review, "cannot-tell", by())
    await world.pool.execute("UPDATE reviews SET closed_at = now()")
    await world.pool.execute(
        """
        INSERT INTO reviews (record_id, candidate_record_id, reason, opened_at)
        SELECT record_id, candidate_record_id, reason, opened_at FROM reviews
        """
    )
    await world.pool.execute("INSERT INTO review_due (review_id, lane) SELECT review_id, 1 FROM reviews")
    await world.settle()
    (item,) = await world.items()
    assert item["public_id"] != review
    assert item["aside_at"] is not None


async def test_items_are_weighed_by_the_process_and_by_no_other_rules(world: Reviewing, settings: Settings) -> None:
    unweighed = world.weigher.step

    async def later() -> int:
        return 0

    world.weigher.step = later  # type: ignore[method-assign]  # so that settling leaves the item unweighed
    await world.say(FLAG, REPORT)
    assert [Turn(item["turn"]) for item in await world.items()] == [Turn.UNKNOWN]
    await world.pool.execute("UPDATE rules_release SET release = 'another'")
    assert await unweighed() == 0
    await world.pool.execute("UPDATE rules_release SET release = $1", world.bench.rules.release)
    stop = asyncio.Event()
    running = asyncio.create_task(weigher.run(settings, stop))

    async def weighed() -> bool:
        return [Turn(item["turn"]) for item in await world.items()] == [Turn.U1]

    await until(weighed, what="the item's risk")
    stop.set()
    await running
