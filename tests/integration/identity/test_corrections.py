"""What a person decided about a record holds when the agency corrects it, whatever comes first, and ends when taken back."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from deploy.embedded.progress import silent
from deploy.evaluation.labelled import Record
from deploy.evaluation.stored import Stored, stored
from services.db import hot_transaction
from services.identity import decide
from services.settings import Settings

HELEN = {"given_name": "Helen", "family_name": "Penhallow", "date_of_birth": "1979-08-14"}
NIECE = Record.model_validate({**HELEN, "agency": "health"})
AUNT = Record.model_validate({**HELEN, "agency": "police", "phones": ["07700 900603"]})
CORRECTED = Record.model_validate({**HELEN, "agency": "police", "phones": ["07700 900604"]})
AGAIN = Record.model_validate({**HELEN, "agency": "police", "phones": ["07700 900605"]})
STRANGER = Record.model_validate({"given_name": "Bill", "family_name": "Cooper", "agency": "health"})


@pytest.fixture
async def store(postgres_server: str) -> AsyncIterator[Stored]:
    async with stored(Settings(database_url=postgres_server), silent, embedded=False) as made:
        yield made


async def take(store: Stored, *said: tuple[str, Record] | tuple[str, str]) -> None:
    """Each by itself: a record that arrives, or what stands in the place of the police's first."""
    for label, what in said:
        if isinstance(what, Record):
            event = store.arrival(label, what)
        else:
            event = store.retraction(label, "police", replaced_by=what)
        await store.take([event])
        await store.resolve()


async def are_one(store: Stored, one: str, other: str) -> bool:
    people = await store.people()
    return people[one] == people[other]


async def say(store: Stored, one: str, other: str, verdict: Literal["same", "different"]) -> None:
    await store.decide(one, other, verdict)
    await store.resolve()


FIRST_TAKEN_BACK = (("aunt", "aunt-2"), ("aunt-2", CORRECTED))
FIRST_REPLACED = tuple(reversed(FIRST_TAKEN_BACK))


@pytest.mark.parametrize("correction", [FIRST_TAKEN_BACK, FIRST_REPLACED], ids=["taken back first", "replaced first"])
async def test_a_correction_does_not_undo_a_persons_word(store: Stored, correction: tuple[Any, ...]) -> None:
    await take(store, ("niece", NIECE), ("aunt", AUNT))
    assert await are_one(store, "niece", "aunt")
    await say(store, "niece", "aunt", "different")
    await take(store, *correction)
    assert not await are_one(store, "niece", "aunt-2")
    await take(store, ("aunt-2", "aunt-3"), ("aunt-3", AGAIN))
    assert not await are_one(store, "niece", "aunt-3"), "corrected again"


async def test_same_holds_too_and_what_is_taken_back_is_taken_back_from_all(store: Stored) -> None:
    await take(store, ("stranger", STRANGER), ("aunt", AUNT))
    await say(store, "stranger", "aunt", "same")
    before = {mention.id: mention.record for mention in await store._mentions()}
    await take(store, *FIRST_TAKEN_BACK)
    assert await are_one(store, "stranger", "aunt-2")
    async with hot_transaction(store.pool) as conn:
        assert await decide.withdraw(conn, before["stranger"], before["aunt"], actor="desk:test/reviewer")
    await store.resolve()
    assert not await are_one(store, "stranger", "aunt-2")


async def test_a_record_known_before_can_stand_in_the_place_of_another(store: Stored) -> None:
    await take(store, ("niece", NIECE), ("known", CORRECTED), ("aunt", AUNT))
    await say(store, "niece", "aunt", "different")
    await take(store, *FIRST_TAKEN_BACK)
    assert not await are_one(store, "niece", "known"), "what the police say now is what they said in another event"


async def test_a_later_word_about_the_corrected_record_stands(store: Stored) -> None:
    await take(store, ("niece", NIECE), ("aunt", AUNT))
    await say(store, "niece", "aunt", "different")
    await take(store, *FIRST_TAKEN_BACK)
    await say(store, "niece", "aunt-2", "same")
    assert await are_one(store, "niece", "aunt-2")


async def test_where_the_person_was_wrong_the_word_was_about_somebody_else(store: Stored) -> None:
    await take(store, ("stranger", STRANGER), ("aunt", AUNT))
    await say(store, "stranger", "aunt", "same")
    said = {"retracts": {"id": "aunt"}, "reason": "wrong-person", "replaced_by": {"id": "aunt-2"}}
    await store.take([store._event("police.event.retracted.v1", "r", "police", said)])
    await take(store, ("aunt-2", CORRECTED))
    assert not await are_one(store, "stranger", "aunt-2")
