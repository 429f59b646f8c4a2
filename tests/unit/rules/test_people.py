"""Who is who in a case: placeholders that are one, placeholders that joined, and those that are not."""

from typing import Any

from services.chronology.facts import EventRef, Fact, Join
from services.rules.people import People
from tests.unit.rules.making import at, case, fact, record, unnamed


def told(name: str, **stated: Any) -> Fact:
    placeholder = unnamed("X", "S", event=name, **stated)
    return fact(name, "police.information.received", f"03-{int(name):02}T10:00", ["S subject", placeholder])


def slot(name: str) -> int:
    return record(f"X@{name}")


def joined(name: str, person: str) -> Join:
    return Join(
        slot(name), record(person), at("03-20T10:00"), "named", (EventRef("urn:tocsin:agency:police-north", name),)
    )


def test_without_placeholders_everybody_is_whom_membership_says() -> None:
    people = People.of(
        case(fact("1", "police.concern.reported", "03-01T10:00", ["S subject", "A other"]), same={"A": "S"})
    )
    assert people.person(record("A")) == record("S")
    assert people.person(999_999) == 999_999


def test_placeholders_that_do_not_contradict_are_one_whoever_states_them() -> None:
    people = People.of(case(told("1"), told("2", workplace="w1"), told("3")))
    assert len({people.person(slot(name)) for name in "123"}) == 1
    assert [len(group.members) for group in people.groups] == [3]


def test_those_that_contradict_are_two() -> None:
    people = People.of(case(told("1", workplace="w1"), told("2", workplace="w2")))
    assert people.person(slot("1")) != people.person(slot("2"))


def test_those_of_other_times_are_two() -> None:
    people = People.of(case(told("1", until=at("2020-01-01T00:00")), told("2", since=at("2023-01-01T00:00"))))
    assert people.person(slot("1")) != people.person(slot("2"))


def test_an_event_that_speaks_of_two_means_two() -> None:
    both = fact(
        "9", "police.information.received", "03-09T10:00",
        ["S subject", unnamed("X", "S", "child", event="9"), unnamed("Y", "S", "child", event="9")],
    )  # fmt: skip
    people = People.of(case(both))
    assert people.person(record("X@9")) != people.person(record("Y@9"))


def test_who_joined_is_that_person_and_so_are_the_statements_that_are_one_with_it() -> None:
    people = People.of(case(told("1"), told("2"), joins=[joined("1", "A")]))
    assert people.person(slot("1")) == people.person(slot("2")) == record("A")
    assert people.groups[0].joined == record("A")


def test_two_that_joined_different_people_stay_apart() -> None:
    people = People.of(case(told("1"), told("2"), joins=[joined("1", "A"), joined("2", "B")]))
    assert (people.person(slot("1")), people.person(slot("2"))) == (record("A"), record("B"))


def test_a_child_of_the_placeholder_belongs_to_whom_it_joined() -> None:
    first = fact(
        "5", "police.information.received", "03-05T10:00",
        ["S subject", unnamed("X", "S", event="5"), unnamed("K", "X", "child", event="5")],
    )  # fmt: skip
    people = People.of(case(first, told("1"), joins=[joined("1", "A")]))
    (child,) = [group for group in people.groups if group.relation == "child"]
    assert child.subject == record("A")


def test_the_order_of_facts_does_not_matter() -> None:
    facts = [told("1", workplace="w1"), told("2"), told("3", workplace="w2"), told("4")]
    one, other = People.of(case(*facts)), People.of(case(*reversed(facts)))
    assert [one.person(slot(name)) for name in "1234"] == [other.person(slot(name)) for name in "1234"]
