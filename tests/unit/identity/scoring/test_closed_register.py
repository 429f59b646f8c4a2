"""In a small register, too, names alone join nobody: a stranger is less likely there, kin and in-laws are not."""

from collections.abc import Iterator
from typing import Any

import pytest

from services.identity.compare import Verdict, compare
from services.identity.scoring.little import TOO_LITTLE
from services.identity.scoring.model import PEOPLE, assume_people
from services.identity.standardise import standardise
from tests.unit.identity.population import mention

FEW = 600


@pytest.fixture(autouse=True)
def _small_register() -> Iterator[None]:
    assume_people(FEW)
    yield
    assume_people(PEOPLE)


def said(a: dict[str, Any], b: dict[str, Any]) -> Verdict:
    return compare(standardise(a, "police-kent"), standardise(b, "csc-essex"))


@pytest.mark.parametrize(("born", "kind"), [(None, "review"), ("1988-02-03", "link")])
def test_two_of_one_given_name_in_one_house_are_two_until_a_date_joins_them(born: str | None, kind: str) -> None:
    warsame, taylor = (
        mention(f"Rukhsana {family}", born, at="home") | {"sex": "female"} for family in ("Warsame", "Taylor")
    )
    assert said(warsame, taylor).kind == kind


def test_a_middle_name_that_whole_families_bear_makes_no_name_longer() -> None:
    singh = said(mention("Ranjeet Singh Singh"), mention("Ranjeet Singh Singh"))
    assert singh.kind == "review"
    assert singh.blocked


def test_a_name_at_the_next_door_and_no_date_is_for_a_person_to_decide() -> None:
    mother, daughter = (mention("Winifred Quilligan", at=plot) for plot in ("plot 15", "plot 28"))
    for body in (mother, daughter):
        body["addresses"][0]["postcode"] = {"token": "the lane"}
    verdict = said(mother, daughter)
    assert verdict.kind == "review"
    assert TOO_LITTLE in verdict.blocked
