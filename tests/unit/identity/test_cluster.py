import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from services.identity.cluster import Decision, Edge, Held, partition, person_of
from services.identity.compare import compare, conflicts
from services.identity.standardise import content_hash, standardise
from tests.unit.identity.population import START, mention

Verdict = Any


def held(*bodies: dict[str, Any]) -> dict[int, Held]:
    made = [standardise(body, f"agency-{n}") for n, body in enumerate(bodies)]
    return {
        n: Held(n, standard, START + timedelta(minutes=n), content_hash(standard.to_json()))
        for n, standard in enumerate(made)
    }


def edges(records: dict[int, Held]) -> list[Edge]:
    pairs = itertools.combinations(records, 2)
    verdicts = [(a, b, compare(records[a].standard, records[b].standard)) for a, b in pairs]
    return [
        Edge(a, b, verdict.weight, verdict.blocked, verdict.doubt)
        for a, b, verdict in verdicts
        if verdict.kind != "none"
    ]


def clusters(records: dict[int, Held], *decisions: tuple[int, int, Verdict]) -> set[frozenset[int]]:
    decided = [Decision(a, b, verdict, START + timedelta(hours=n)) for n, (a, b, verdict) in enumerate(decisions)]
    return set(partition(records, edges(records), decided))


FATHER = mention("Corin Marrable", "1950-01-02", phone="T1")
SON = mention("Corin Marrable", "1980-03-04", phone="T1")
EITHER = mention("Corin Marrable", phone="T1")


def test_a_record_that_fits_two_who_cannot_be_one_is_joined_to_neither() -> None:
    assert clusters(held(FATHER, SON, EITHER)) == {frozenset({0}), frozenset({1}), frozenset({2})}


def test_it_is_joined_to_the_one_it_is_linked_to_more_strongly() -> None:
    known = mention("Corin Marrable", phone="T1", crn="X123456", nhs="9990000018")
    father = mention("Corin Marrable", "1950-01-02", crn="X123456", nhs="9990000018")
    assert clusters(held(father, SON, known)) == {
        frozenset({0, 2}),
        frozenset({1}),
    }


def test_several_records_that_fit_both_still_belong_to_each_other() -> None:
    found = clusters(held(FATHER, SON, EITHER, mention("Corin P Marrable", phone="T1")))
    assert found == {frozenset({0}), frozenset({1}), frozenset({2, 3})} or found == {frozenset({n}) for n in range(4)}


def test_people_decide_whose_it_is() -> None:
    records = held(FATHER, SON, EITHER)
    assert clusters(records, (1, 2, "same")) == {frozenset({0}), frozenset({1, 2})}
    assert clusters(records, (0, 2, "different")) == {frozenset({0}), frozenset({1, 2})}


def test_people_may_join_what_a_veto_parts_and_those_who_fit_come_along() -> None:
    records = held(
        mention("Ines Marrable", "1984-03-22"),
        mention("Ines Marrable", "1984-07-05"),
        mention("Ines Marrable", "1984-07-05"),
    )
    assert clusters(records) == {frozenset({0}), frozenset({1, 2})}
    assert clusters(records, (0, 1, "same")) == {frozenset({0, 1, 2})}


def test_different_is_never_overridden() -> None:
    records = held(*(mention("Ines Marrable", "1984-03-22") for _ in range(3)))
    found = clusters(records, (0, 1, "different"))
    assert not any({0, 1} <= cluster for cluster in found)
    found = clusters(records, (0, 1, "same"), (1, 2, "same"), (0, 2, "different"))
    assert not any({0, 2} <= cluster for cluster in found)


def test_the_oldest_named_record_gives_the_person_its_number() -> None:
    records = held({**mention(), "slot": {"of": "S", "relation": "partner"}}, EITHER, FATHER)
    assert person_of({0, 1, 2}, records) == 1
    assert person_of({0, 1}, held({**mention(), "unnamed_sender": True}, FATHER)) == 1


@pytest.mark.parametrize("seed", range(40))
def test_no_cluster_holds_a_vetoed_pair_and_order_does_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    given, born = ("John", "Joan", "J", "Ines"), ("1950-01-02", "1980-03-04", "1950", None)
    bodies = [
        mention(
            f"{rng.choice(given)} Marrable",
            rng.choice(born),
            phone=rng.choice(("T1", "T2", None)),
            at=rng.choice(("AD1", None)),
            **({"nhs": rng.choice(("9990000018", "9990000026"))} if rng.random() < 0.3 else {}),
        )
        for _ in range(12)
    ]
    records = held(*bodies)
    found = clusters(records)
    for cluster in found:
        for a, b in itertools.combinations(cluster, 2):
            assert not conflicts(records[a].standard, records[b].standard)
    # The same records under other numbers, given in another order.
    numbers = list(range(100, 112))
    rng.shuffle(numbers)
    renamed = {numbers[n]: Held(numbers[n], one.standard, one.received_at, one.content) for n, one in records.items()}
    shuffled = dict(rng.sample(sorted(renamed.items()), len(renamed)))
    assert {frozenset(numbers[n] for n in cluster) for cluster in found} == set(partition(shuffled, edges(shuffled)))
