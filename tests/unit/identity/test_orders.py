"""Who is who does not depend on the order of arrival: a seeded population, with retractions, repeats and decisions."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from deploy.evaluation.labelled import Labelled
from deploy.evaluation.memory import START, InMemory
from services.identity.cluster import Decision
from services.identity.people import Settled, settle
from services.identity.unnamed.facts import Facts
from tests.bench.identity.generator.write import town

ORDERS = 50
PEOPLE = 120
RECORDS_EACH = 4.0
RETRACTED = 0.1
REPEATED = 0.2
DECIDED = 12

People = frozenset[frozenset[str]]
Asked = frozenset[frozenset[frozenset[str]]]


def population(seed: int) -> list[Labelled]:
    return [Labelled.model_validate_json(line) for line in town(seed, RECORDS_EACH, PEOPLE, 0)]


def end(
    order: Sequence[Labelled], retracted: set[str], decided: Sequence[tuple[str, str, str]]
) -> tuple[People, Asked]:
    """Who is who, and about whom people are asked, by record: what is comparable between orders."""
    memory = InMemory()
    for record in order:
        if record.rid not in memory.number_of:  # the same event again is the same event
            memory.arrive(record.rid, record)
    rids: dict[int, set[str]] = {}
    for rid, number in memory.number_of.items():
        rids.setdefault(number, set()).add(rid)
    # A record lives as long as one event that names it does.
    living = {number: held for number, held in memory.held.items() if rids[number] - retracted}
    settled = settle(Facts(living, decisions=_decisions(memory, decided)), memory.verdicts)
    people = _people(settled, rids, retracted)
    asked = frozenset(
        frozenset((people[settled.person_of[r.record]], people[settled.person_of[r.candidate_record]]))
        for r in settled.reviews
    )
    return frozenset(people.values()), asked


def _decisions(memory: InMemory, decided: Sequence[tuple[str, str, str]]) -> list[Decision]:
    found = []
    for n, (one, other, verdict) in enumerate(decided):
        a, b = sorted((memory.number_of[one], memory.number_of[other]))
        if a != b:
            found.append(Decision(a, b, "same" if verdict == "same" else "different", START + timedelta(days=n)))
    return found


def _people(settled: Settled, rids: dict[int, set[str]], retracted: set[str]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for number, person in settled.person_of.items():
        found.setdefault(person, set()).update(rids[number] - retracted)
    return {person: frozenset(own) for person, own in found.items()}


@pytest.mark.parametrize("seed", [3, 4])
def test_the_order_of_arrival_does_not_show(seed: int) -> None:
    rng = random.Random(seed)
    records = population(seed)
    retracted = {record.rid for record in records if rng.random() < RETRACTED}
    decided = _random_decisions(rng, records)
    repeated = records + [record for record in records if rng.random() < REPEATED]
    people, asked = end(records, retracted, decided)
    assert max(map(len, people)) > RECORDS_EACH, "nothing was joined: this would prove nothing"
    for _ in range(ORDERS // 2):
        found = end(rng.sample(repeated, len(repeated)), retracted, decided)
        assert found[0] == people
        assert found[1] == asked


def _random_decisions(rng: random.Random, records: Sequence[Labelled]) -> list[tuple[str, str, str]]:
    """About records of one household name, who may be anybody: right and wrong decisions alike."""
    by_name: dict[str, list[Labelled]] = {}
    for record in records:
        by_name.setdefault(record.family_name or "", []).append(record)
    groups = [group for group in by_name.values() if len(group) > 1]
    found = []
    for _ in range(DECIDED):
        one, other = rng.sample(rng.choice(groups), 2)
        found.append((one.rid, other.rid, rng.choice(("same", "different"))))
    return found
