import pytest

from services.identity.standard.dates import Born, born

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1984-03-22", Born((1984, 3, 22))),
        ("1984-03", Born((1984, 3))),
        ("1984", Born((1984,))),
        ("1984-01-01", Born((1984, 1, 1), "default")),
        ("2000-01-01", Born((2000, 1, 1), "default")),
        ("1984-01", Born((1984, 1))),
        ("2711-08-15", Born((2711, 8, 15))),  # a slip: the other digits are near the truth
        ("1901-08-15", Born((1901, 8, 15))),
        (None, Born()),
        ("", Born()),
    ],
)
def test_as_far_as_known(written: str | None, read: Born) -> None:
    assert born(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "1900-01-01",
        "1901-01-01",
        "1900",
        "1900-01",
        "0001-01-01",
        "1753-01-01",
        "1970-01-01",
        "1899-12-30",
        "9999-12-31",
        "2099-01-01",
    ],
)
def test_the_dates_that_systems_put_for_not_known_are_none(written: str) -> None:
    assert born(written) == Born()
