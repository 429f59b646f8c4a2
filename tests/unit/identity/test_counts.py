"""A count says how often names go together in this bus, the same whoever came first, and nothing of a name that few bear."""

import random

import pytest

from services.identity.compare import compare, explain, is_nothing
from services.identity.counts.count import ENOUGH, FLOOR, Born, Counts, TooFew, counted, counts_of, note
from services.identity.scoring import model
from services.identity.scoring.model import MILLI
from services.identity.standardise import Standard, standardise
from tests.unit.identity.population import mention

GIVEN = ("Ifeachi", "Chukwdi", "Nkemdil", "Obinwan")
FAMILY = ("Okanfor", "Nwankwe", "Ezeugoo", "Uzochiw")
"""Of one community, and in no table."""
FEW = ("Wilhelmina", "Thornworth")


def somebody(given: str, family: str, number: int) -> Standard:
    born = f"{1930 + number * 7 % 70}-{number % 12 + 1:02}-{number % 27 + 2:02}"
    return standardise(mention(f"{given} {family}", born), "police-kent")


def held() -> list[Standard]:
    """A town: a community in which two of a hundred bear one name, an invented one borne twice, and people of all names."""
    others = [
        somebody("Ann", "Thorn" + "".join("bcdfghjklm"[int(d)] for d in str(n)) + "ley", n) for n in range(ENOUGH)
    ]
    two = [somebody(given, family, n) for n in range(2) for given in GIVEN for family in FAMILY[1:]]
    return [
        *others,
        *two,
        *(somebody(GIVEN[0], FAMILY[0], n) for n in range(20)),
        *(somebody(*FEW, n) for n in range(2)),
    ]


def count_of(standards: list[Standard]) -> Counts:
    born: Born = {}
    for standard in standards:
        note(standard, born)
    return counts_of(len(standards), born)


@pytest.fixture(scope="module")
def counts() -> Counts:
    return count_of(held())


def test_the_order_of_arrival_and_repeats_of_one_person_do_not_matter(counts: Counts) -> None:
    standards = held()
    random.Random(4).shuffle(standards)
    assert count_of(standards).version == counts.version
    again = count_of([*standards, standards[0]])
    assert (again.names, again.unlisted) == (counts.names, counts.unlisted)


def test_what_is_kept_is_the_count_and_names_nobody_that_few_bear(counts: Counts) -> None:
    assert Counts.read(counts.content) == counts
    assert min(counts.names.values()) >= FLOOR
    assert counts.names["IFEACHI", "OKANFOR"] == 20
    for rare in FEW:
        assert rare.upper().encode() not in counts.content


def test_of_names_that_few_bear_it_says_how_they_go_together_as_a_whole(counts: Counts) -> None:
    assert counts.unlisted[False, False] > 3 * MILLI, "in no table, and of one community"
    assert counts.unlisted.get((True, True), 0) == 0


def test_of_a_handful_of_people_nothing_is_counted() -> None:
    with pytest.raises(TooFew, match="500 are needed"):
        count_of(held()[: ENOUGH - 1])


def test_another_count_is_another_model(counts: Counts) -> None:
    made = counted(counts)
    assert made.counts == counts.version
    assert counts.version in made.version
    assert counted(Counts.read(counts.content)) == made


@pytest.mark.parametrize(
    ("given", "family"), [("Ifeachi", "Okanfor"), ("Chukwdi", "Nwankwe")], ids=["listed", "not listed"]
)
def test_names_of_one_community_weigh_less_by_a_count(counts: Counts, given: str, family: str) -> None:
    a = standardise(mention(f"{given} {family}", "1977-08-20"), "police-kent")
    b = standardise(mention(f"{given} {family}", "1977-08-19"), "csc-essex")
    model.adopt(counted(counts))
    found, lines = compare(a, b), explain(a, b)
    assert found == compare(b, a)
    assert found.weight == sum(line.weight for line in lines)
    assert [line.weight < -3 * MILLI for line in lines if "go together" in line.says] == [True]


def test_a_name_that_few_bear_is_one_person_where_a_record_of_the_home_has_no_date(counts: Counts) -> None:
    a = standardise(mention("Wilhelmina Thornworth", "1977-08-20", at="17 Kings Lane"), "police-kent")
    b = standardise(mention("Wilhelmina Thornworth", None, at="17 Kings Lane"), "csc-essex")
    before = compare(a, b).weight
    model.adopt(counted(counts))
    assert compare(a, b).kind == "link"
    assert compare(a, b).weight > before


def test_whoever_is_dismissed_unweighed_is_nobody_by_a_count_too(counts: Counts) -> None:
    model.adopt(counted(counts))
    some = random.Random(5).sample(held(), 60)
    dismissed = [(a, b) for a in some for b in some if a is not b and is_nothing(a, b)]
    assert dismissed
    assert all(compare(a, b).kind == "none" for a, b in dismissed)
