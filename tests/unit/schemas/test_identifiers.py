import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import IdentifierRefused, canonical, may_join

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


@pytest.mark.parametrize(
    ("system", "written", "read"),
    [
        ("nhs", "9990000018", "9990000018"),
        ("nhs", "999 000 0026", "9990000026"),
        ("nhs", "999-000-0034", "9990000034"),
        ("pnc", "2099/0000001G", "2099/0000001G"),
        ("pnc", "1970/1234567K", "1970/1234567K"),
        ("pnc", "98/417263M", "1998/0417263M"),  # short and long form are one number
        ("pnc", "06/220417Z", "2006/0220417Z"),
        ("cro", "000001/99W", "000001/99W"),
        ("cro", "1/99W", "000001/99W"),
        ("cro", "SF39/1234D", "SF39/1234D"),
        ("prison", "A1234BC", "A1234BC"),
        ("crn", "X123456", "X123456"),
        ("upn", "B801200005001", "B801200005001"),
        ("nino", "QQ 12 34 56 A", "QQ123456A"),
        ("prison-contact", "4417-03", "4417-03"),
        ("local:carefirst", "CF-100417", "CF-100417"),
    ],
)
def test_a_number_has_one_writing(system: str, written: str, read: str) -> None:
    assert canonical(system, written) == read


@pytest.mark.parametrize(
    ("system", "written", "code"),
    [
        ("nhs", "9990000019", "check-digit"),
        ("nhs", "999000001", "identifier-form"),
        ("pnc", "2000/1234567A", "check-digit"),  # documentation only
        ("pnc", "1998/0417263I", "check-digit"),  # I is no check letter at all
        ("pnc", "1998-0417263M", "identifier-form"),
        ("cro", "123456/00R", "check-digit"),
        ("cro", "SF39/1234E", "check-digit"),
        ("cro", "123456", "identifier-form"),
        ("upn", "C801200005001", "check-digit"),
        ("upn", "B80120000500I", "check-digit"),
        ("upn", "801200005001", "identifier-form"),
        ("prison", "A12345C", "identifier-form"),
        ("crn", "654321", "identifier-form"),
        ("nino", "QQ12345", "identifier-form"),
    ],
)
def test_a_wrong_number_is_refused_without_being_repeated(system: str, written: str, code: str) -> None:
    with pytest.raises(IdentifierRefused) as refused:
        canonical(system, written)
    assert refused.value.code == code
    assert written not in refused.value.fix
    assert not may_join(system, written)


@given(st.integers(0, 999_999_999))
def test_at_most_one_digit_makes_an_nhs_number(nine: int) -> None:
    valid = [digit for digit in range(10) if _is_valid("nhs", f"{nine:09}{digit}")]
    assert len(valid) <= 1


@given(st.integers(0, 999_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_never_makes_another_nhs_number(nine: int, position: int, shift: int) -> None:
    for digit in range(10):
        number = f"{nine:09}{digit}"
        if _is_valid("nhs", number):
            wrong = str((int(number[position]) + shift) % 10)
            assert not _is_valid("nhs", number[:position] + wrong + number[position + 1 :])


@given(st.integers(1950, 2039), st.integers(1, 9_999_999))
def test_short_and_long_pnc_are_one(year: int, serial: int) -> None:
    letter = LETTERS[int(f"{year % 100:02}{serial:07}") % 23]
    long = f"{year}/{serial:07}{letter}"
    assert canonical("pnc", f"{year % 100:02}/{serial}{letter}") == canonical("pnc", long) == long


@given(st.sampled_from(["nhs", "pnc", "cro", "upn", "nino", "prison", "crn"]), st.text(max_size=20))
def test_anything_is_a_number_or_refused(system: str, value: str) -> None:
    if _is_valid(system, value):
        assert canonical(system, canonical(system, value)) == canonical(system, value)


def test_numbers_never_given_to_anybody_join_nobody() -> None:
    assert not may_join("nino", "QQ123456A")
    assert may_join("nino", "AB123456C")
    assert may_join("nhs", "9990000018")


def _is_valid(system: str, value: str) -> bool:
    try:
        canonical(system, value)
    except IdentifierRefused:
        return False
    return True
