"""A full name that many of a register bear says less than its parts: it goes with half a date to a person. One that nobody else bears links."""

import pytest

from services.identity.compare import compare, explain
from services.identity.scoring import model
from services.identity.scoring.model import MILLI, assume_people
from services.identity.standardise import Standard, standardise
from tests.unit.identity.population import mention

OFTEN = 10 * MILLI
"""As of a name that ten of a hundred thousand bear, and whose parts no table holds."""


def obinna(name: str, born: str, agency: str) -> Standard:
    return standardise(mention(name, born), agency)


def weights(one: str, other: str, *, born: str = "1977-08-19") -> tuple[int, int]:
    """Before and after a register in which Obinna Okafor is a common name has been counted."""
    a, b = obinna(one, "1977-08-20", "police-kent"), obinna(other, born, "csc-essex")
    before = compare(a, b).weight
    model.adopt(model.current()._replace(borne={("OBINNA", "OKAFOR"): OFTEN}, unlisted={}))
    try:
        verdict = compare(a, b)
        assert verdict == compare(b, a)
        assert sum(line.weight for line in explain(a, b)) == verdict.weight
        return before, verdict.weight
    finally:
        assume_people(model.PEOPLE)


def test_a_name_that_many_bear_weighs_less() -> None:
    before, after = weights("Obinna Okafor", "Obinna Okafor")
    assert after < before - 2 * MILLI


def test_misspelt_or_the_other_way_round_it_is_the_same_name() -> None:
    for other in ("Obina Okafor", "Okafor Obinna"):
        before, after = weights("Obinna Okafor", other)
        assert after < before, other


def test_another_name_weighs_as_before() -> None:
    before, after = weights("Obinna Thornworth", "Obinna Thornworth")
    assert after == before


def test_a_name_of_one_person_alone_is_nobody_elses_where_a_record_has_no_date() -> None:
    home = "17 Kings Lane"
    dated, other, undated = (
        standardise(mention("Obinna Okafor", born, at=home), agency)
        for born, agency in (("1977-08-20", "police-kent"), ("1977-08-20", "health-kent"), (None, "csc-essex"))
    )
    before = compare(dated, undated), compare(dated, other)
    model.adopt(model.current()._replace(unlisted={}))
    try:
        after = compare(dated, undated), compare(dated, other)
        assert after[0] == compare(undated, dated)
        assert (before[0].kind, after[0].kind) == ("review", "link")
        assert before[1] == after[1]
    finally:
        assume_people(model.PEOPLE)


@pytest.mark.parametrize(
    ("name", "born"),
    [
        pytest.param("Obinna Okafor", "1977-01-01", id="a first of January was given to whoever had no papers"),
        pytest.param("Emeka Obinna Okafor", None, id="a brother may bear it as his middle name"),
    ],
)
def test_a_name_of_one_person_alone_may_still_be_anothers(name: str, born: str | None) -> None:
    home = "17 Kings Lane"
    a = standardise(mention("Obinna Okafor", "1977-08-20", at=home), "police-kent")
    b = standardise(mention(name, born, at=home), "csc-essex")
    before = compare(a, b)
    model.adopt(model.current()._replace(unlisted={}))
    try:
        assert compare(a, b) == before
    finally:
        assume_people(model.PEOPLE)
