from typing import Any

import pytest

from services.identity.standard.identifiers import identifiers
from services.identity.standardise import Identifier

pytestmark = pytest.mark.unit


def read(system: str, value: str) -> Any:
    return identifiers({"identifiers": [{"system": system, "value": value}]}, "csc-kent")


@pytest.mark.parametrize(
    ("system", "written", "canonical"),
    [
        ("nhs", "999 000 0018", "9990000018"),
        ("nhs", "999-000-0018", "9990000018"),
        ("pnc", "98/417263M", "1998/0417263M"),
        ("pnc", "1998/0417263m", "1998/0417263M"),
        ("cro", "1/99W", "000001/99W"),
        ("cro", "SF39/1234D", "SF39/1234D"),
        ("prison", "a1234bc", "A1234BC"),
        ("crn", "x204881", "X204881"),
        ("upn", "B801200005001", "B801200005001"),
        ("nino", "ab 12 34 56 c", "AB123456"),
        ("nino", "AB123456", "AB123456"),
        ("nhs", "NHS No. 999 000 0018", "9990000018"),
        ("nhs", "999.000.0018", "9990000018"),
        ("pnc", "19980417263M", "1998/0417263M"),
        ("pnc", "98417263M", "1998/0417263M"),
        ("pnc", "PNCID: 98/417263M", "1998/0417263M"),
        ("cro", "CRO 020417/98F", "020417/98F"),
        ("crn", "CRN X 204881", "X204881"),
        ("prison", "A0885 GJ", "A0885GJ"),
        ("upn", "UPN Q999400119001", "Q999400119001"),
        ("nhs", "999OOOOO18", "9990000018"),
        ("prison", "AO885GJ", "A0885GJ"),
        ("crn", "X2O488I", "X204881"),
        ("nino", "AB12345O", "AB123450"),
    ],
)
def test_valid_numbers_in_one_writing(system: str, written: str, canonical: str) -> None:
    assert read(system, written).held == (Identifier(system, canonical),)
    assert read(system, written).misread == ()


@pytest.mark.parametrize(
    ("system", "written", "kept"),
    [
        ("nhs", "9990000019", "9990000019"),
        ("nhs", "999000001", "999000001"),
        ("pnc", "1998/0417263A", "19980417263A"),
        ("pnc", "98/417263A", "19980417263A"),
        ("cro", "000001/99X", "00000199X"),
        ("upn", "A801200005001", "A801200005001"),
    ],
)
def test_numbers_that_fail_their_check_are_misread_and_never_held(system: str, written: str, kept: str) -> None:
    assert read(system, written).held == ()
    assert read(system, written).misread == (Identifier(system, kept),)


@pytest.mark.parametrize(
    ("system", "written"),
    [
        ("nhs", "0000000000"),
        ("nhs", "9999999999"),  # the check digit holds
        ("nhs", "1111111111"),  # here too
        ("nhs", "1234567890"),
        ("nhs", "0123456789"),
        ("crn", "X000000"),
        ("prison", "A0000AA"),
        ("nino", "QQ123456A"),
        ("nino", "QQ123456"),
        ("nino", "TN 12 03 85 F"),  # made of a birthday and the sex
        ("nino", "TN120385M"),
        ("nino", "AA000000A"),
        ("nhs", "unknown"),
        ("pnc", "N/A"),
        ("local:carefirst", "000000"),
        ("local:carefirst", "TBC"),
    ],
)
def test_what_stands_where_no_number_is_known_is_none(system: str, written: str) -> None:
    assert read(system, written) == ((), ())


def test_a_temporary_pupil_number_is_of_a_kind_of_its_own() -> None:
    held = read("upn", "M80120000500A").held
    assert [identifier.system for identifier in held] == ["upn-temporary"]


def test_an_agencys_own_numbers_are_its_own() -> None:
    body: dict[str, Any] = {"own_id": "n-1", "identifiers": [{"system": "local:carefirst", "value": "CF-1"}]}
    assert identifiers(body, "csc-kent").held == (
        Identifier("local:carefirst@csc-kent", "CF-1"),
        Identifier("own@csc-kent", "N-1"),
    )
    assert identifiers(body, "csc-essex").held != identifiers(body, "csc-kent").held
