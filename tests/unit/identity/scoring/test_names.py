"""How two names agree: what is one name in other boxes, and that no letter stops the comparison."""

import pytest

from services.identity.scoring.names import fit, is_slip
from services.identity.standardise import FullName

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("ANN MARIE", ""), ("ANNMARIE", ""), "exact"),
        (("ELLIE", "MAE"), ("ELLIE MAE", ""), "exact"),
        (("ELLIE", "MAE"), ("ELLIEMAE", ""), "exact"),
        (("FATMA", "ZOHRA"), ("FATIMA ZAHRA", ""), "variant"),
        (("ELLIE MAE", ""), ("ELLIE ROSE", ""), "part"),
        (("ELLIE", "MAE"), ("ELLIE", "ROSE"), "exact"),
    ],
)
def test_a_given_name_may_stand_in_two_boxes(one: tuple[str, str], other: tuple[str, str], level: str) -> None:
    ours, theirs = (FullName(given, middle, "TOLLAND") for given, middle in (one, other))
    for seen in (fit(ours, theirs), fit(theirs, ours)):
        assert next(agreed.level for agreed in seen if agreed.comparison == "given") == level


@pytest.mark.parametrize(("one", "other"), [("LEE ANNE", "LEEXANNE"), ("JAYDEN", "JAYDON")])
def test_whether_a_letter_is_a_slip_is_the_same_from_both_sides(one: str, other: str) -> None:
    """A space has no neighbours on the keyboard, and stopped the comparison once."""
    assert is_slip(one, other) == is_slip(other, one) is False


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("HARPREET", "SINGH", "GILL"), ("HARPREET", "", "SINGH"), "part"),
        (("HARPREET", "SINGH", "GILL"), ("HARPREET", "", "GILL"), "exact"),
        (("HARPREET", "SINGH", "GILL"), ("HARPREET", "SINGH", "DHILLON"), "other"),
    ],
)
def test_singh_may_stand_for_a_family_name_left_out(
    one: tuple[str, str, str], other: tuple[str, str, str], level: str
) -> None:
    for seen in (fit(FullName(*one), FullName(*other)), fit(FullName(*other), FullName(*one))):
        assert next(agreed.level for agreed in seen if agreed.comparison == "family") == level
