"""Whoever would be linked is found, whichever of the two comes first."""

import random

import pytest

from services.identity.compare import compare
from services.identity.keys import keys
from services.identity.standardise import Standard, standardise
from tests.unit.identity.population import mention

GIVEN = ("Alban", "Alvan", "Albann", "Rob", "Robin", "A", "Ines", "Carys", "Corin", "Karys")
FAMILY = ("Marrable", "Marable", "Harrable", "Smith", "SmithJones", "Jones", "Spurway", "Spurwey", "")
BORN = ("1981-06-14", "1981-06-15", "1981-14", "1982-06-14", "1981-06", "1981", "1981-12-06", "1981-06-12", None)


def anybody(rng: random.Random) -> Standard:
    born = rng.choice(BORN)
    family = rng.choice(FAMILY)
    body = mention(
        f"{rng.choice(GIVEN)} {family}" if family else "",
        None if born == "1981-14" else born,
        at=rng.choice(("AD1", "AD2", None)),
        phone=rng.choice(("T1", "T2", None)),
        **({"nhs": rng.choice(("9990000018", "9990000026"))} if rng.random() < 0.2 else {}),
    )
    if family and rng.random() < 0.2:
        body["names"].append({"given": rng.choice(GIVEN), "family": rng.choice(FAMILY), "kind": "alias"})
    return standardise(body, rng.choice(("police-kent", "csc-kent")))


@pytest.mark.parametrize("seed", range(20))
def test_whoever_comes_near_is_found_from_either_side(seed: int) -> None:
    rng = random.Random(seed)
    found = 0
    for _ in range(1_500):
        a, b = anybody(rng), anybody(rng)
        verdict = compare(a, b)
        assert verdict == compare(b, a)
        # Where the name agrees in full; keys for the other ways in which records come near are still to come.
        if verdict.kind == "link" and {"same given name", "same family name"}.issubset(verdict.reasons):
            found += 1
            assert keys(a).searched & keys(b).stored, (a, b, verdict)
            assert keys(b).searched & keys(a).stored, (a, b, verdict)
    assert found > 0


def test_common_names_with_dates_meet_only_within_a_year() -> None:
    one, other = (standardise(mention("John Smith", born), "police-kent") for born in ("1980-01-02", "1990-03-04"))
    assert not keys(one).searched & keys(other).stored


def test_a_placeholder_is_found_through_whom_it_belongs_to() -> None:
    assert not keys(standardise({**mention(works="AD7"), "slot": {"of": "S", "relation": "partner"}}, "x")).stored
