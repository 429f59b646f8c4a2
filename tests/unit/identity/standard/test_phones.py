import pytest

from services.identity.standard.phones import Number, phone

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "written",
    ["07700 900417", "+44 7700 900417", "0044 7700 900417", "(07700) 900-417", "+44 (0)7700 900417", "7700900417",
     "07700900417 (mum)", "Mum: 07700 900417", "07700 900417 mum", "07700 900417 ext 2", "07700 900417 / 07700 900418",
     "07700900417,07700900418", "07700 900417 or 0121 496 0553", "07700 9OO417", "O7700 900417", "0770O 9OO4I7", "07700900417.0", "07700 900417 (12)", "tel:+447700900417"],
)  # fmt: skip
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert phone(written) == Number("+447700900417", "mobile")


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("07700 900417", "mobile"),
        ("0121 496 0553", "fixed"),
        ("020 7946 0018", "fixed"),
        ("070 1234 9876", "other"),  # a personal number: rings anywhere
        ("0800 496 0183", "other"),
        ("03069 990123", "other"),
        ("17700 900417", "other"),  # a slip
    ],
)
def test_what_line_it_is(written: str, line: str) -> None:
    found = phone(written)
    assert found is not None
    assert found.line == line


@pytest.mark.parametrize(
    "written",
    [
        "01234567890",
        "01234 567 890",
        "07000000000",
        "00000000000",
        "07777777777",
        "07123456789",
        "07987654321",
        "0123456789",
        "99999999999",
        "07700000000",
        "07070 070707",
        "N/A",
        "",
        "999",
        "1111111",
    ],
)
def test_numbers_that_are_none(written: str) -> None:
    assert phone(written) is None


@pytest.mark.parametrize("number", range(900000, 901000, 37))
def test_numbers_of_tests_and_dramas_are_numbers(number: int) -> None:
    assert phone(f"07700{number}") is not None


def test_what_can_be_no_number_is_its_digits() -> None:
    assert phone("900417") in {Number("900417", "other"), Number("+44900417", "other")}
