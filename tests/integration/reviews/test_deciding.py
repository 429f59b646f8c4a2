"""What people decide about who is who, and what comes of it: nobody else overrides them, and a U1 takes two."""

from collections.abc import AsyncIterator

import pytest

from services.db import Pool
from services.errors import Conflict, NotFound, NotPermitted
from services.identity.review.order import CONFIRM_WITHIN, Turn
from tests.integration.reviews.world import CARE, FLAG, HEALTH, POLICE, REPORT, Reviewing, by, reviewing

SECOND = by(POLICE, "PC-9")


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Reviewing]:
    async with reviewing(pool) as made:
        yield made


async def test_what_would_ring_comes_before_what_would_not(world: Reviewing) -> None:
    await world.near()
    await world.say(FLAG, REPORT)
    first, second = await world.items()
    assert (Turn(first["turn"]), first["rules"]) == (Turn.U1, ["R26"])
    assert (Turn(second["turn"]), second["rules"]) == (Turn.NOTHING, [])
    assert first["agencies"] == sorted([CARE, POLICE])
    assert first["areas"] == [f"{CARE}/northtown", f"{POLICE}/southshire"]
    assert first["due_at"] < second["due_at"]
    assert await world.alerts("R26") == [], "possibly the same is no evidence: nothing rings"


async def test_what_would_ring_is_worked_out_again_when_a_case_changes(world: Reviewing) -> None:
    await world.say(REPORT, {**FLAG, "data": {"flag": "da-perpetrator"}})
    (before,) = await world.items()
    assert Turn(before["turn"]) is Turn.NOTHING
    await world.say({**FLAG, "id": "registered"})
    (after,) = await world.items()
    assert (Turn(after["turn"]), after["review_id"]) == (Turn.U1, before["review_id"])
    assert after["due_at"] < before["due_at"]


async def test_one_person_is_enough_where_no_u1_would_ring(world: Reviewing) -> None:
    await world.near()
    answer = await world.decide(await world.item(), "same", by())
    assert answer.made.state == "in-force"
    await world.settle()
    assert await world.persons() == {frozenset({"one/M", "two/N"})}
    assert await world.items() == []


async def test_a_merge_that_would_ring_a_u1_takes_two(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    review = await world.item()
    proposed = await world.decide(review, "same", by())
    assert proposed.made.state == "proposed"
    await world.settle()
    assert await world.alerts("R26") == []
    with pytest.raises(NotPermitted):
        await world.confirm(review, proposed, by())
    with pytest.raises(NotPermitted):
        await world.confirm(review, proposed, by(actor="sw-1"))
    with pytest.raises(NotFound):
        await world.confirm(review, proposed, by(HEALTH))
    confirmed = await world.confirm(review, proposed, SECOND)
    assert (confirmed.made.state, [step.step for step in confirmed.made.steps]) == (
        "in-force",
        ["decided", "confirmed"],
    )
    await world.settle()
    assert await world.alerts("R26") == [("standing", 1)]
    assert (await world.confirm(review, proposed, SECOND)).new is False


async def test_the_second_person_may_refuse(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    review = await world.item()
    proposed = await world.decide(review, "same", by())
    refused = await world.confirm(review, proposed, SECOND, agrees=False)
    assert refused.made.state == "refused"
    await world.settle()
    assert await world.item() == review
    assert await world.alerts("R26") == []
    with pytest.raises(Conflict):
        await world.confirm(review, proposed, by(POLICE, "PC-10"))
    assert (await world.decide(review, "different", SECOND)).made.state == "in-force"


async def test_nobody_confirms_and_somebody_is_paged(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    review = await world.item()
    proposed = await world.decide(review, "same", by())
    await world.overdue()
    assert await world.pages() == []
    await world.at(world.clock + CONFIRM_WITHIN)
    await world.overdue()
    assert await world.pages() == [("review-unconfirmed", str(review))]
    await world.confirm(review, proposed, SECOND)
    await world.settle()
    await world.overdue()
    assert await world.pages() == []


async def test_nobody_looks_and_somebody_is_paged(world: Reviewing) -> None:
    await world.near()
    await world.say(FLAG, REPORT)
    urgent, other = await world.items()
    await world.at(urgent["due_at"])
    await world.overdue()
    assert await world.pages() == [("review-overdue", str(urgent["public_id"]))]
    await world.at(other["due_at"])
    await world.overdue()
    assert ("review-overdue", "items that would ring NOTHING") in await world.pages()


async def test_a_same_on_a_case_that_changes_waits_until_it_is_weighed(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    await world.pool.execute("INSERT INTO review_due (review_id, lane) SELECT review_id, 1 FROM reviews")
    held = await world.decide(review, "same", by())
    assert held.made.state == "held"
    with pytest.raises(Conflict):
        await world.confirm(review, held, SECOND)
    await world.settle()
    again = await world.decide(review, "same", by())
    assert (again.new, again.made.state) == (False, "in-force")
    assert await world.persons() == {frozenset({"one/M", "two/N"})}


async def test_a_same_that_waited_is_proposed_if_it_would_ring_a_u1(world: Reviewing) -> None:
    await world.near()
    await world.say(FLAG)
    await world.say(REPORT)
    urgent, _ = await world.items()
    await world.pool.execute("UPDATE reviews SET weighed_at = NULL")
    held = await world.decide(urgent["public_id"], "same", by())
    assert held.made.state == "held"
    await world.settle()
    assert (await world.decide(urgent["public_id"], "same", by())).made.state == "proposed"


async def test_undone_it_splits_again_and_withdraws_what_rang(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    review = await world.item()
    proposed = await world.decide(review, "same", by())
    await world.confirm(review, proposed, SECOND)
    await world.settle()
    assert await world.alerts("R26") == [("standing", 1)]
    with pytest.raises(NotPermitted):
        await world.withdraw(review, proposed, by(POLICE, "PC-10"))
    undone = await world.withdraw(review, proposed, by(POLICE, "PC-10", reason="mistake", supervises=True))
    assert undone.made.state == "withdrawn"
    await world.settle()
    assert await world.alerts("R26") == [("withdrawn", 1)]
    assert frozenset({"report/X"}) in await world.persons()
    history = (await world.withdraw(review, proposed, by(POLICE, "PC-10", supervises=True))).made
    assert [(step.step, step.actor) for step in history.steps] == [
        ("decided", "SW-1"),
        ("confirmed", "PC-9"),
        ("withdrawn", "PC-10"),
    ]
    assert len(await world.items()) == 1, "what is not decided is for review again"


async def test_different_is_never_overridden_by_the_machine(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    await world.decide(review, "different", by())
    await world.settle()
    assert await world.items() == []
    again = {"ref": "N", "role": "other", "names": [{"given": "Ottilie", "family": "Marrabel"}], "born": "1987-02"}
    await world.say({"id": "three", "from": CARE, "type": "childrens-social-care.assessment.opened", "people": [again]})
    assert not any({"one/M", "two/N"} <= person for person in await world.persons())


async def test_cannot_tell_waits_for_new_evidence(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    await world.decide(review, "cannot-tell", by(reason="not-enough"))
    await world.settle()
    assert [item["aside_at"] is not None for item in await world.items()] == [True]
    await world.at((await world.items())[0]["opened_at"].replace(year=2025))
    await world.overdue()
    assert await world.pages() == [], "what is put aside is not overdue"
    twice = {"id": "four", "from": POLICE, "type": "police.offender-visit.made", "people": [by_the_same_name()]}
    await world.say(twice)
    assert [item["aside_at"] for item in await world.items() if item["public_id"] == review] == [None]


def by_the_same_name() -> dict[str, object]:
    names = [{"given": "Ottilie", "family": "Marrable"}]
    return {"ref": "M", "role": "other", "names": names, "born": "1987-02-02", "sex": "f"}


async def test_cannot_tell_can_be_taken_back(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    said = await world.decide(review, "cannot-tell", by())
    await world.withdraw(review, said, by())
    await world.settle()
    assert [item["aside_at"] for item in await world.items()] == [None]


async def test_the_same_said_twice_is_said_once_and_another_is_refused(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    first = await world.decide(review, "different", by())
    assert (await world.decide(review, "different", by())).made == first.made
    await world.settle()
    assert (await world.decide(review, "different", by())).new is False
    with pytest.raises(Conflict):
        await world.decide(review, "same", by())
    with pytest.raises(Conflict):
        await world.decide(review, "different", by(POLICE))
    assert await world.pool.fetchval("SELECT count(*) FROM decisions") == 1


async def test_an_item_is_there_for_those_who_hold_one_of_the_two_and_for_nobody_else(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    with pytest.raises(NotFound):
        await world.decide(review, "same", by(HEALTH))
    await world.pool.execute("UPDATE persons SET sealed = true WHERE person_id = (SELECT min(person_id) FROM persons)")
    with pytest.raises(NotFound):
        await world.decide(review, "different", by())
    assert (await world.decide(review, "different", by(protected=True))).new


async def test_nobody_decides_by_what_they_have_not_seen(world: Reviewing) -> None:
    await world.near()
    review = await world.item()
    before = await world.as_seen(review, by())
    again = {"id": "again", "from": POLICE, "type": "police.offender-visit.made", "people": [by_the_same_name()]}
    await world.say(again)
    with pytest.raises(Conflict):
        await world.decide(review, "same", before)
    with pytest.raises(Conflict):
        await world.decide(review, "cannot-tell", before)
    assert (await world.decide(review, "cannot-tell", by())).new
    assert (await world.decide(review, "cannot-tell", before)).new is False


async def test_every_step_is_written_down_in_its_own_transaction(world: Reviewing) -> None:
    await world.say(FLAG, REPORT)
    review = await world.item()
    proposed = await world.decide(review, "same", by(note="asked their records office"))
    await world.confirm(review, proposed, SECOND)
    rows = await world.pool.fetch("SELECT actor, thing, details FROM audit_unsealed WHERE thing LIKE 'review:%'")
    assert [(row["actor"], '"step":"decided"' in row["details"]) for row in rows] == [
        ("client:tests", True),
        ("client:tests", False),
    ]
    assert not any("records office" in str(dict(row)) for row in rows)
    note = await world.pool.fetchval("SELECT note_sealed FROM review_steps WHERE note_sealed IS NOT NULL")
    assert b"records office" not in note
