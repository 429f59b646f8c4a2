import random

import pytest

from tests.unit.identity.birmingham import FORMS, REVIEWS
from tests.unit.identity.population import Population

pytestmark = pytest.mark.unit


def cast(*, without: frozenset[str] = frozenset(), order: int = 0) -> Population:
    people = Population()
    forms = [form for form in FORMS if f"{form[0]}@{form[1]}" not in without]
    random.Random(order).shuffle(forms) if order else None
    for who, agency, body in forms:
        people.record(f"{who}@{agency}", agency, body)
    return people


def who(label: str) -> str:
    return label.partition("@")[0].partition(".")[0]


@pytest.mark.parametrize("order", range(12))
def test_everybody_is_one_person_and_nobody_is_two(order: int) -> None:
    found = {frozenset(map(who, group)) for group in cast(order=order).people()}
    assert all(len(group) == 1 for group in found)
    assert len(cast(order=order).people()) == len({who(f"{label}@{agency}") for label, agency, _ in FORMS})


@pytest.mark.parametrize("order", range(3))
def test_only_these_come_near(order: int) -> None:
    assert {frozenset(map(who, pair)) for pair in cast(order=order).reviewed()} == REVIEWS


def test_a_decision_makes_the_misspelt_name_the_same_man_and_ends_the_review() -> None:
    people = cast()
    people.decide("PP?@CSC-B", "PP@WMP", "same")
    assert any({"PP?", "PP"} == set(map(who, group)) for group in people.people())
    assert not any("PP?" in set(map(who, pair)) for pair in people.reviewed())


def test_a_decision_that_they_differ_ends_the_review_and_is_kept() -> None:
    people = cast()
    people.decide("PP?@CSC-B", "PP@WMERC", "different")
    assert not any("PP?" in set(map(who, pair)) for pair in people.reviewed())
    assert all(len(set(map(who, group))) == 1 for group in people.people())


# Senders and placeholders of sections 6.1 and 6.2.


def test_an_unnamed_sender_is_whoever_declared_the_number() -> None:
    people = cast(without=frozenset({"S.53@CSC-B", "S@HOU", "S@WMERC"}))
    people.sender("row49", "EMP", "T1")
    assert not together_with_s(people, "row49")  # one agency holds it: a claim
    people.declare("29d", "S.device@PROB-B", "T1")
    assert together_with_s(people, "row49")


def together_with_s(people: Population, label: str) -> bool:
    return any({label, "S@WMP"} <= group for group in people.people())


def with_claims(*, employer: bool) -> Population:
    """Up to the first placeholder: who is said to be his partner, and how the ended ones ended."""
    people = cast(without=frozenset() if employer else frozenset({"W@EMP"}))
    people.claim("H19", "S@PROB-W", "WE@PROB-W", status="confirmed")
    people.claim("H23", "S@PROB-W", "WO@PROB-W", status="confirmed")
    people.claim("H33a", "S@PROB-W", "WE@PROB-W", status="ended", ends_it=True)
    people.claim("H33b", "S@PROB-W", "WO@PROB-W", status="ended", ends_it=True)
    people.claim("29c", "S@AP-B", "SIS@AP-B", kind="romantic-correspondent", status="confirmed")
    people.claim("31", "S@PROB-B", "SIS@PROB-B", status="disclosed")
    people.claim("34", "S@PROB-B", "SIS@PROB-B", status="ended")  # by his word only
    if employer:
        people.claim("49", "S.device@PROB-B", "W@EMP", kind="cohabitant")
    people.claim("53", "S.53@CSC-B", "W.53@CSC-B")
    return people


def test_with_the_employer_the_placeholder_joins_at_once_and_takes_the_later_ones_along() -> None:
    people = with_claims(employer=True)
    people.slot("57a", "HOU", "S@HOU", body={"workplace": {"dwelling": {"token": "AD7"}}})
    joined_at = people.slots[0].received_at
    people.slot("57b", "WMP", "S@WMP")
    people.slot("57c", "PROB-B", "S.device@PROB-B")
    people.slot("66a", "CSC-B", "S@CSC-B", children=("stated", 2))
    group = next(group for group in people.people() if "57a" in group)
    assert {"57a", "57b", "57c", "66a", "W@HV", "W@EMP"} <= group
    assert people.joined_at("57a") == joined_at
    assert people.joined_at("57c") == people.slots[2].received_at
    assert not any({"57a", "57b", "57c", "66a"} & pair for pair in people.reviewed())


def test_without_the_employer_it_may_be_either_sister_and_joins_neither() -> None:
    people = with_claims(employer=False)
    people.slot("57b", "WMP", "S@WMP")
    people.slot("57c", "PROB-B", "S.device@PROB-B")
    assert any(group == {"57b", "57c"} for group in people.people())
    pairs = [pair for pair in people.reviewed() if pair & {"57b", "57c"}]
    assert {frozenset(map(who, pair)) for pair in pairs} == {frozenset({"57b", "W"}), frozenset({"57b", "SIS"})}


def test_a_source_that_names_her_and_cites_the_placeholder_joins_it() -> None:
    people = with_claims(employer=False)
    people.slot("57b", "WMP", "S@WMP")
    cited = people.slot("61", "WMP", "S@WMP")
    people.slot("66a", "CSC-B", "S@CSC-B", children=("stated", 2))
    assert not any({"61", "W@WMP"} <= group for group in people.people())
    at = people.now()
    people.claim("67", "S@WMP", "W@WMP", cites=(cited,))
    assert any({"57b", "61", "66a", "W@WMP", "W@HV"} <= group for group in people.people())
    assert people.joined_at("57b") == at


def test_her_unnamed_children_are_hers_and_not_her_sisters() -> None:
    people = with_claims(employer=True)
    people.claim("H30", "W@HV", "EC@HV", kind="parent")
    people.claim("H31", "W@HV", "BB@HV", kind="parent")
    people.claim("33a", "SIS@CSC-C", "SC@CSC-C", kind="parent")
    people.slot("57a", "HOU", "S@HOU", body={"workplace": {"dwelling": {"token": "AD7"}}})
    people.slot("66a", "CSC-B", "S@CSC-B")
    people.slot("66a-children", "CSC-B", "66a", relation="child")
    assert any(group == {"66a-children"} for group in people.people())
    near = {frozenset(map(who, pair)) for pair in people.reviewed() if "66a-children" in pair}
    assert near == {frozenset({"66a-children", "EC"}), frozenset({"66a-children", "BB"})}


def test_the_father_nobody_named_is_not_the_mother() -> None:
    people = cast()
    people.records[people.names["W@HV"]] = people.records[people.names["W@HV"]]
    mother = people.record("W.f@HV", "HV", {**dict(FORMS[21][2]), "sex": "f"})
    assert mother
    people.claim("H31", "W.f@HV", "BB@HV", kind="parent")
    people.slot("H31-father", "HV", "BB@HV", relation="father")
    assert frozenset({"H31-father"}) in people.people()
    assert not any("H31-father" in pair for pair in people.reviewed())
