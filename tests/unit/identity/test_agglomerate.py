"""What weighs how much when records become people: given weights, so that no model decides what is tested here."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.identity.agglomerate import CLIP, MARGIN, Agglomeration, alike
from services.identity.cluster import partition
from services.identity.compare import JOIN, LINK
from services.identity.held import Decision, Edge, Held
from services.identity.scoring.little import TOO_LITTLE
from services.identity.standardise import content_hash, standardise
from services.identity.twins import are_slips, are_two, of_two, repeated_births
from tests.unit.identity.population import START, mention

HUB, FITS, RIVAL, STRANGER = range(4)
NAMES = ("Corin Marrable", "Endellion Trescothick", "Ines Axworthy", "Wenna Polglaze")


def held(*bodies: dict[str, Any]) -> dict[int, Held]:
    made = [standardise(body, f"agency-{n}") for n, body in enumerate(bodies)]
    return {
        n: Held(n, standard, START + timedelta(minutes=n), content_hash(standard.to_json()))
        for n, standard in enumerate(made)
    }


UNLIKE = held(*(mention(name) for name in NAMES))
"""Four who have nothing in common but the edges they are given."""


def people(
    *edges: Edge, among: Sequence[int] = (HUB, FITS, RIVAL, STRANGER), decided: Sequence[Decision] = ()
) -> set[frozenset[int]]:
    """Those of several records."""
    found = Agglomeration({n: UNLIKE[n] for n in among}, edges, decided).run()
    assert sorted(record for cluster in found for record in cluster) == sorted(among)
    return {cluster for cluster in found if len(cluster) > 1}


BOTH = {frozenset({HUB, FITS})}


def test_among_three_less_is_enough_than_for_a_pair_alone() -> None:
    assert people(Edge(HUB, FITS, JOIN)) == BOTH
    assert people(Edge(HUB, FITS, JOIN - 1)) == set()
    assert people(Edge(HUB, FITS, LINK - 1), among=(HUB, FITS)) == set()
    assert people(Edge(HUB, FITS, LINK), among=(HUB, FITS)) == BOTH


def test_what_speaks_against_it_counts_half() -> None:
    assert people(Edge(HUB, FITS, JOIN + 1_000, doubt=-2_000)) == BOTH
    assert people(Edge(HUB, FITS, JOIN + 1_000, doubt=-2_002)) == set()


def test_what_says_too_little_joins_nobody_whatever_it_weighs() -> None:
    assert people(Edge(HUB, FITS, LINK * 2, (TOO_LITTLE,))) == set()


def test_who_fits_another_nearly_as_well_is_joined_to_neither() -> None:
    best = JOIN + MARGIN
    assert people(Edge(HUB, FITS, best), Edge(HUB, RIVAL, best - MARGIN)) == set()
    assert people(Edge(HUB, FITS, best), Edge(HUB, RIVAL, best - MARGIN - 1)) == BOTH


def test_one_pair_says_at_most_so_much() -> None:
    assert people(Edge(HUB, FITS, CLIP * 2), Edge(HUB, RIVAL, CLIP - MARGIN)) == set()
    assert people(Edge(HUB, FITS, CLIP * 2), Edge(HUB, RIVAL, CLIP - MARGIN - 1)) == BOTH


@pytest.mark.parametrize("first", [0, 1])
def test_where_people_contradict_each_other_who_spoke_first_is_followed(first: int) -> None:
    said = [
        Decision(HUB, FITS, "same", START + timedelta(hours=first)),
        Decision(FITS, RIVAL, "same", START + timedelta(hours=1 - first)),
        Decision(HUB, RIVAL, "different", START),
    ]
    assert people(decided=said) == ({frozenset({FITS, RIVAL})} if first else BOTH)


FULL = mention("Ines Marrable", "1984-03-22", at="AD1")


def test_records_that_say_the_same_are_weighed_once() -> None:
    assert alike(held(FULL, FULL, FULL), ()) == [[0, 1, 2]]


def test_what_says_too_little_to_link_is_not_one_because_it_is_repeated() -> None:
    thin = mention("Ines Marrable")
    assert sorted(alike(held(thin, thin), ())) == [[0], [1]]


def test_who_is_protected_or_parted_from_somebody_is_weighed_alone() -> None:
    assert sorted(alike(held(FULL, FULL, FULL), {1})) == [[0, 2], [1]]
    sealed = {**FULL, "protected": True}
    assert sorted(alike(held(sealed, sealed), ())) == [[0], [1]]


def test_what_speaks_against_all_of_many_counts_for_each_of_them() -> None:
    records = held(FULL, FULL, FULL, mention("Wenna Polglaze"), mention("Corin Trescothick"))
    node = next(node for node in alike(records, ()) if len(node) == 3)
    edge = Edge(node[0], 3, JOIN + 1_000, doubt=-2_002)
    assert not any({node[0], 3} <= person for person in Agglomeration(records, [edge], ()).run())
    edge = Edge(node[0], 3, JOIN + 1_000, doubt=-2_000)
    assert any({*node, 3} <= person for person in Agglomeration(records, [edge], ()).run())


@pytest.mark.parametrize("forbidden", [True, False])
def test_a_pair_by_itself_is_one_person_from_its_bar_unless_something_forbids_it(*, forbidden: bool) -> None:
    pair = {n: UNLIKE[n] for n in (HUB, FITS)}
    blocked = (TOO_LITTLE,) if forbidden else ()
    assert (frozenset(pair) in partition(pair, [Edge(HUB, FITS, LINK, blocked)])) is not forbidden
    assert frozenset(pair) not in partition(pair, [Edge(HUB, FITS, LINK - 1, blocked)])


def test_a_pair_of_which_one_cannot_be_the_other_is_two_whatever_it_weighs() -> None:
    pair = held(
        mention("Ines Marrable", "1984-03-22", nhs="9990000018"),
        mention("Ines Marrable", "1984-03-22", nhs="9990000026"),
    )
    assert partition(pair, [Edge(0, 1, CLIP)]) == [frozenset({0}), frozenset({1})]


def test_a_default_date_repeats_nothing_and_tells_nobody_apart() -> None:
    default = [standardise(mention("Ines Marrable", "1984-01-01"), agency) for agency in ("health", "police")]
    stated = [standardise(mention("Ines Marrable", "1984-03-22"), agency) for agency in ("health", "police")]
    assert all(standard.born_doubt for standard in default)
    assert repeated_births([*default, *stated]) == {(1984, 3, 22)}
    home = [standardise(mention(f"{name} Marrable", "1984-01-01", at="AD1"), agency)
            for name in ("Ines", "Wenna") for agency in ("health", "police")]  # fmt: skip
    assert of_two(home) == frozenset()


def test_two_dates_are_slips_of_a_third_only_if_both_are() -> None:
    one, other, far = (
        standardise(mention("Ines Marrable", born), "a") for born in ("1984-03-23", "1984-03-21", "1951-10-30")
    )
    assert are_slips(one, other, [(1984, 3, 22)])
    assert not are_slips(one, far, [(1984, 3, 22)])


def test_who_bears_both_names_is_neither_of_two_children() -> None:
    ines, wenna, both = (
        standardise(
            {**mention(born="2016-05-09"), "names": [{"given": given, "family": "Penhallow"} for given in names]}, "a"
        )
        for names in (["Ines"], ["Wenna"], ["Ines", "Wenna"])
    )
    spellings = frozenset({frozenset({("INES", (2016, 5, 9)), ("WENNA", (2016, 5, 9))})})
    assert are_two(ines, wenna, spellings)
    assert not are_two(ines, both, spellings)
