"""How records become people, as rules one can name: what a set may do that no pair of it says."""

import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from services.identity.cluster import CROWD, Cluster, Decision, Edge, Held, part
from services.identity.standardise import content_hash, standardise
from tests.unit.identity.population import START, compared, mention

Verdict = Any
Body = dict[str, Any]
People = set[frozenset[str]]
HOME = "17 Kings Lane"


def held(bodies: Mapping[str, Body]) -> dict[int, Held]:
    """A record for each, of an agency of its own unless it names one."""
    records = {}
    for number, (name, body) in enumerate(bodies.items()):
        standard = standardise(body, body.get("by", f"agency-{name}"))
        arrived = START + timedelta(minutes=number)
        records[number] = Held(number, standard, arrived, content_hash(standard.to_json()))
    return records


def parted(records: Mapping[int, Held], *decided: Decision) -> tuple[list[Cluster], list[Cluster]]:
    edges = [Edge(a, b, said.weight, said.blocked, said.doubt) for (a, b), said in compared(records).items()]
    found = part(records, edges, decided)
    return found.clusters, found.crowds


def people(bodies: Mapping[str, Body], *decided: tuple[str, str, Verdict]) -> People:
    """The people by the names of their records, which must be the same whatever came first."""
    ends: list[People] = []
    orders = list(permutations(bodies))
    for order in random.Random(7).sample(orders, min(len(orders), 24)):
        names = list(order)
        decisions = [
            Decision(names.index(a), names.index(b), verdict, START + timedelta(hours=n))
            for n, (a, b, verdict) in enumerate(decided)
        ]
        clusters, _ = parted(held({name: bodies[name] for name in names}), *decisions)
        ends.append({frozenset(names[record] for record in cluster) for cluster in clusters})
    assert all(end == ends[0] for end in ends), "the order of arrival shows"
    return ends[0]


def together(found: People, *names: str) -> bool:
    return any(set(names) <= person for person in found)


def thin(**more: Any) -> Body:
    return mention("Endellion Trescothick", at=HOME, **more)


MOTHER = mention("Endellion Trescothick", "1955-08-15", at=HOME)
DAUGHTER = mention("Endellion Trescothick", "1986-10-08", at=HOME)


def test_what_links_to_two_does_not_make_them_one() -> None:
    a = mention("Tamsin Axworthy", "1991-06-15", nhs="9990000018")
    b = mention("Tamsin Axworthy", "1991-06-15")
    c = mention("Tamsin Axworthy", "1991-06-15", nhs="9990000026")
    assert people({"a": a, "b": b, "c": c}) == {frozenset("a"), frozenset("b"), frozenset("c")}


def test_many_thin_records_do_not_outvote_one_date_of_birth() -> None:
    found = people({"mother": MOTHER, "daughter": DAUGHTER, **{f"thin-{n}": thin() for n in range(4)}})
    assert not together(found, "mother", "daughter")
    assert frozenset({"mother"}) in found
    assert frozenset({"daughter"}) in found


def test_a_record_that_fits_one_and_not_the_other_is_his() -> None:
    found = people({"mother": MOTHER, "daughter": DAUGHTER, "year": mention("Endellion Trescothick", "1986", at=HOME)})
    assert found == {frozenset({"mother"}), frozenset({"daughter", "year"})}


def test_what_repeats_itself_counts_once() -> None:
    """One agency that sends a wrong date five times is one witness."""
    wrong = {
        f"wrong-{n}": {**mention("Piers Quillfeather", "1961-01-09", nhs="9990000018"), "by": "police"}
        for n in range(5)
    }
    right = {
        "health": mention("Piers Quillfeather", "1961-01-06", nhs="9990000018"),
        "social-care": mention("Piers Quillfeather", "1961-01-06", nhs="9990000018"),
    }
    assert people(wrong | right) == {frozenset(wrong | right)}


def test_the_others_do_not_change_when_a_stranger_arrives() -> None:
    family = {"mother": MOTHER, "daughter": DAUGHTER, "thin": thin()}
    stranger = {"stranger": mention("Ambrose Fennimore", "1961-03-04", at="40 Orchard Avenue")}
    assert people(family | stranger) == people(family) | {frozenset({"stranger"})}


def test_another_name_altogether_under_one_number_waits_for_who_bears_both() -> None:
    before = mention("Rosalind Oakes", "1991-12-27", nhs="9990000018")
    swapped = mention("Fairweather Rosalind", "1991-12-27", nhs="9990000018")
    after = mention("Rosalind Fairweather", "1991-12-27", nhs="9990000018")
    assert not together(people({"before": before, "swapped": swapped}), "before", "swapped")
    assert len(people({"before": before, "swapped": swapped, "after": after})) == 1


def test_taking_the_joining_record_back_is_as_if_it_had_never_come() -> None:
    before = mention("Rosalind Oakes", "1991-12-27", nhs="9990000018")
    after = mention("Rosalind Fairweather", "1991-12-27", crn="X317204")
    both = mention("Rosalind Fairweather", "1991-12-27", nhs="9990000018", crn="X317204")
    assert people({"before": before, "after": after, "both": both}) == {frozenset({"before", "after", "both"})}
    assert people({"before": before, "after": after}) == {frozenset({"before"}), frozenset({"after"})}


# Twins


def child(given: str, agency: str, **more: Any) -> Body:
    return {**mention(f"{given} Penhallow", "2016-05-09", at=HOME, **more), "by": agency}


def test_two_spellings_that_two_agencies_each_repeat_are_two_children() -> None:
    found = people({
        "aisha-1": child("Aisha", "health"),
        "aisha-2": child("Aisha", "school"),
        "aaisha-1": child("Aaisha", "police"),
        "aaisha-2": child("Aaisha", "housing"),
    })  # fmt: skip
    assert found == {frozenset({"aisha-1", "aisha-2"}), frozenset({"aaisha-1", "aaisha-2"})}


def test_two_spellings_under_one_number_are_one_child() -> None:
    number = {"nhs": "9990000018"}
    found = people({
        "aisha-1": child("Aisha", "health", **number),
        "aisha-2": child("Aisha", "school", **number),
        "aaisha-1": child("Aaisha", "police", **number),
        "aaisha-2": child("Aaisha", "housing", **number),
    })  # fmt: skip
    assert len(found) == 1


def test_two_names_that_somebody_says_one_bears_are_one_child() -> None:
    found = people({
        "lily-1": child("Lily Olivia", "health"),
        "lily-2": child("Lily", "school"),
        "olivia-1": child("Olivia", "police"),
        "olivia-2": child("Olivia", "housing"),
    })  # fmt: skip
    assert len(found) == 1


def test_a_third_agency_that_says_only_the_initial_belongs_to_neither_twin() -> None:
    found = people({
        "jory-1": child("Jory", "health"),
        "jory-2": child("Jory", "school"),
        "jago-1": child("Jago", "health"),
        "jago-2": child("Jago", "school"),
        "j": child("J", "police"),
    })  # fmt: skip
    assert found == {frozenset({"jory-1", "jory-2"}), frozenset({"jago-1", "jago-2"}), frozenset({"j"})}


# What people decide


AUNT = mention("Helen Penhallow", "1979-08-14", at=HOME)


def test_same_joins_what_nothing_else_would() -> None:
    strangers = {"bill": mention("Bill Cooper", "1990-06-02"), "karim": mention("Karim Haddad", "1971-02-02")}
    assert people(strangers) == {frozenset({"bill"}), frozenset({"karim"})}
    assert people(strangers, ("bill", "karim", "same")) == {frozenset({"bill", "karim"})}


def test_different_parts_what_everything_else_joins() -> None:
    everything = mention("Helen Penhallow", "1979-08-14", at=HOME, phone="T1", nhs="9990000018")
    assert together(people({"a": everything, "b": everything}), "a", "b")
    assert not together(people({"a": everything, "b": everything}, ("a", "b", "different")), "a", "b")


def test_different_holds_through_whoever_comes_between() -> None:
    found = people({"a": AUNT, "b": AUNT, "c": AUNT, "d": AUNT}, ("a", "b", "different"))
    assert not together(found, "a", "b")


def test_where_peoples_words_contradict_each_other_different_stands() -> None:
    found = people({"a": AUNT, "b": AUNT, "c": AUNT}, ("a", "b", "same"), ("b", "c", "same"), ("a", "c", "different"))
    assert not together(found, "a", "c")


def test_a_word_about_two_is_no_word_about_their_neighbours() -> None:
    """That a person joined mother and daughter by mistake must not pull in the grandmother, whom nobody mentioned."""
    grandmother = mention("Endellion Trescothick", "1930-02-03", at=HOME)
    found = people({"mother": MOTHER, "daughter": DAUGHTER, "grandmother": grandmother}, ("mother", "daughter", "same"))
    assert found == {frozenset({"mother", "daughter"}), frozenset({"grandmother"})}


# Crowds


def test_men_of_one_name_under_one_roof_are_not_one_person() -> None:
    rng = random.Random(3)
    hostel = {
        f"{n}": mention("John Smith", f"{rng.randrange(1940, 2000)}-0{rng.randrange(1, 9)}", at="Harbour House")
        for n in range(60)
    }
    clusters, _ = parted(held(hostel))
    assert all(len({hostel[str(record)]["born"] for record in cluster}) == 1 for cluster in clusters)


def test_a_record_that_says_too_little_in_a_house_of_many_parts_nobody() -> None:
    """His mobile and his date of birth make two records one; a third, known by the mobile, joins them; a fourth is anybody's."""

    def there(name: str, **more: Any) -> Body:
        return {**mention(name, **more), "addresses": [{"dwelling": {"token": "refuge", "many": True}}]}

    found = people({
        "both": there("Endellion Trescothick", born="1981-10-25", phone="T1"),
        "dated": there("Endellion Trescothick", born="1981-10-25"),
        "undated": there("Endellion Trescothick", phone="T1"),
        "anybody": there("John Smith"),
        "somebody": there("John Smith", born="1981-10-25"),
    })  # fmt: skip
    assert found == {frozenset({"both", "dated", "undated"}), frozenset({"anybody"}), frozenset({"somebody"})}


def test_more_than_can_be_weighed_is_named_for_somebody_to_look() -> None:
    """Nothing is cut off: every record still belongs to somebody, and the crowd as a whole is reported."""
    records = held({f"{n}": mention("Endellion Trescothick", "1986-10-08", phone=f"T{n}") for n in range(CROWD + 5)})
    clusters, crowds = parted(records)
    assert crowds == [frozenset(records)]
    assert sorted(record for cluster in clusters for record in cluster) == sorted(records)


@pytest.mark.parametrize("missing", range(4))
def test_in_a_chain_of_four_no_end_is_joined_to_the_other(missing: int) -> None:
    """Each neighbour looks like the next, the ends are two people; whichever record is taken away."""
    chain = {
        "a": mention("Morwenna Jago", "1984-03-22", nhs="9990000018"),
        "b": mention("Morwenna Jago", "1984-03-22"),
        "c": mention("Morwenna Jago", "1984-03"),
        "d": mention("Morwenna Jago", "1984-03-29", nhs="9990000026"),
    }
    left = {name: body for n, (name, body) in enumerate(chain.items()) if n != missing}
    assert not together(people(left), "a", "d")


def test_two_dates_of_birth_that_agencies_each_repeat_are_two_people_however_rare_the_name() -> None:
    older, younger = "1981-03-04", "1981-03-16"
    bodies = {
        "a": mention("Alban Thornquist", older),
        "b": mention("Alban P Thornquist", older),
        "c": mention("Alban Thornquist", younger),
        "d": mention("Alban P Thornquist", younger),
    }
    assert people(bodies) == {frozenset("ab"), frozenset("cd")}


def test_two_dates_under_one_number_are_one_persons_however_often_they_are_repeated() -> None:
    older, younger = "1981-03-04", "1981-03-14"
    bodies = {
        "a": mention("Alban Thornquist", older, nhs="9990000018"),
        "b": mention("Alban P Thornquist", older, at=HOME),
        "c": mention("Alban Thornquist", younger, nhs="9990000018"),
        "d": mention("Alban P Thornquist", younger, at=HOME),
    }
    assert people(bodies) == {frozenset("abcd")}
