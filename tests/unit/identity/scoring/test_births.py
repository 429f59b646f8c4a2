"""A slip of the decade is one slip, over the turn of a century too."""

import pytest

from services.identity.scoring.births import birth, born_apart
from services.identity.standardise import Standard, standardise
from tests.unit.identity.population import mention


def born(date: str) -> Standard:
    return standardise(mention("Harriet Thornworth", date), "police-kent")


@pytest.mark.parametrize(
    ("one", "other", "level", "apart"),
    [
        ("1983-07-05", "1993-07-05", "digit", False),
        ("1993-07-05", "2003-07-05", "digit", False),
        ("1993-07-05", "2013-07-05", "part", True),
        ("1993-07-05", "2003-07-16", "close", True),
    ],
)
def test_how_dates_ten_years_apart_agree(one: str, other: str, level: str, *, apart: bool) -> None:
    for a, b in ((born(one), born(other)), (born(other), born(one))):
        seen = birth(a, b)
        assert seen is not None
        assert (seen.level, born_apart(a, b)) == (level, apart)
