from typing import Any

import pytest

from services.identity.compare import compare
from services.identity.standardise import standardise
from tests.unit.identity.population import mention

BORN = "1984-03-22"
INES = mention("Ines Marrable", BORN)


def verdict(one: dict[str, Any], other: dict[str, Any]) -> str:
    a, b = standardise(one, "police-kent"), standardise(other, "csc-essex")
    assert compare(a, b) == compare(b, a)
    return compare(a, b).kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(mention("I Marrable", nhs="9990000018"), mention("Ines Marrable", nhs="999 000 0018"), id="NHS number"),
        pytest.param(mention("Marrable", "1984", pnc="98/417263M"), mention("Ines Marrable", BORN, pnc="1998/0417263M"), id="PNC, short and long"),
        pytest.param(mention("Ines M", prison_contact="4417-03"), mention("Ines N", prison_contact="4417-03"), id="contact"),
        pytest.param(mention("", nhs="9990000018"), mention("Ines Marrable", nhs="9990000018"), id="a number alone"),
        pytest.param(INES, mention("INES Clara MARRABLE", BORN), id="name and date, middle name absent"),
        pytest.param(mention("Ines C Marrable", BORN), mention("Ines Clara Marrable", BORN), id="middle initial"),
        pytest.param(mention("Ines Marrable", "1984", phone="T1"), mention("Ines Marrable", BORN, phone="T1"), id="year, telephone"),
        pytest.param(mention("Ines Marrable", "1984-03", at="AD1"), mention("Ines Marrable", BORN, at="AD1"), id="month, address"),
        pytest.param(mention("Ines Marrable", phone="T1"), mention("Ines Marrable", BORN, phone="T1"), id="name and telephone"),
    ],
)  # fmt: skip
def test_these_are_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert verdict(one, other) == "link"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(mention("Ines Marrable", BORN, nhs="9990000018"), mention("Ines Marrable", BORN, nhs="9990000026"), id="two NHS numbers"),
        pytest.param(mention("Ines Marrable", BORN, crn="X123456"), mention("Ines Marrable", "1985-04-23", crn="X123456"), id="two dates"),
        pytest.param(mention("Ines Marrable", BORN, crn="X123456"), mention("Carys Marrable", BORN, crn="X123456"), id="two given names"),
        pytest.param(mention("Leonard Spurwey"), mention("Leonard Arthur Spurway", "1955-02-19"), id="misspelt, no date"),
        pytest.param(mention("Ines Marrable"), INES, id="name alone"),
        pytest.param(mention("Ines Marrable", at="AD1"), mention("Ines Marrable", BORN, at="AD1"), id="name and address, no date"),
        pytest.param(mention("Ines Clara Marrable", BORN), mention("Ines Doris Marrable", BORN), id="two middle names"),
        pytest.param(INES, mention("I Marrable", BORN), id="initial and date"),
        pytest.param(mention("John Smith", BORN), mention("John Smith", BORN), id="a common name and a date"),
        pytest.param(INES, mention("Iness Marable", BORN), id="near, same date"),
    ],
)  # fmt: skip
def test_these_come_near(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert verdict(one, other) == "review"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(INES, mention("Carys Marrable", "1980-01-02"), id="sisters"),
        pytest.param(INES, mention("Ines Marrable", "1999-09-09"), id="one name, another life"),
        pytest.param(mention("John Smith", "1984"), mention("John Smith", BORN), id="a common name and a year"),
        pytest.param(mention("John Smith", BORN), mention("John Smith", "1984-03-23"), id="a common name, a slip in the date"),
        pytest.param(mention("", phone="T1"), mention("Ines Marrable", phone="T1"), id="a number alone"),
        pytest.param(mention("I Smith"), mention("Ines Smith"), id="an initial alone"),
        pytest.param({**mention(phone="T1"), "unnamed_sender": True}, mention("Ines Marrable", phone="T1"), id="a sender"),
    ],
)  # fmt: skip
def test_these_are_nothing_to_each_other(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert verdict(one, other) == "none"


def test_an_agencys_own_number_joins_but_two_of_them_do_not_part() -> None:
    one, same = (standardise(mention("Ines M", own="N-1"), "police-kent") for _ in range(2))
    other = standardise(mention("Ines M", own="N-1"), "csc-essex")
    assert compare(one, same).kind == "link"
    assert compare(one, other).kind != "link"
    two = [standardise(mention("Ines Marrable", BORN, own=number), "police-kent") for number in ("N-1", "N-2")]
    assert compare(*two).kind == "link"


def test_an_alias_counts_as_a_name() -> None:
    body = mention("Ines Marrable", BORN)
    body["names"].append({"given": "Clara", "family": "Oakes", "kind": "alias"})
    assert verdict(body, mention("Clara Oakes", BORN)) == "link"


def test_reasons_name_fields_and_never_values() -> None:
    found = compare(
        standardise(mention("Ines Marrable", BORN, nhs="9990000018"), "x"),
        standardise(mention("Ines Marrable", BORN, nhs="9990000018"), "y"),
    )
    assert found.reasons == ("same given name", "same family name", "same date of birth", "same identifier")
