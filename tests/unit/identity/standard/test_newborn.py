"""Which child of one birth is meant, and boy or girl, where no name says it."""

import pytest

from services.identity.standard.newborn import without_order
from services.identity.standardise import FullName, Standard, standardise

pytestmark = pytest.mark.unit


def mention(given: str | None, family: str | None, sex: str | None = None) -> Standard:
    return standardise({"names": [{"given": given, "family": family}], "sex": sex}, "health")


@pytest.mark.parametrize(
    ("given", "family", "order", "called"),
    [
        ("Twin 1", "Nash", 1, ""),
        ("Twin II", "Nash", 2, ""),
        ("TWIN-2", "Nash", 2, ""),
        ("2nd twin", "Nash", 2, ""),
        ("First twin", "Nash", 1, ""),
        ("Triplet C", "Nash", 3, ""),
        ("Baby Girl 2", "Nash", 2, ""),
        ("Twin 1 of 2", "Nash", 1, ""),
        ("Male infant twin two", "Nash", 2, ""),
        ("Baby", "Nash (Twin 2)", 2, ""),
        ("Twin 2 Nash", None, 2, ""),
        ("Twin One Aisha", "Nash", 1, "AISHA"),
        ("Aisha (twin 1)", "Nash", 1, "AISHA"),
        ("Aisha Twin 1", "Nash", 1, "AISHA"),
        ("Twin", "Nash", 0, ""),
        ("Baby Isaac", "Nash", 0, "ISAAC"),
        ("Isaac", "Nash", 0, "ISAAC"),
        ("Boy 2", "Nash", 0, ""),
    ],
)
def test_the_order_of_birth_is_read_and_is_no_name(given: str, family: str | None, order: int, called: str) -> None:
    found = mention(given, family)
    assert (found.birth_order, found.names) == (order, (FullName(called, "", "NASH"),))


def test_two_orders_say_none() -> None:
    both = {"names": [{"given": "Twin 1", "family": "Nash"}, {"given": "Twin 2", "family": "Nash"}]}
    assert standardise(both, "health").birth_order == 0


def test_a_name_without_an_order_stays_as_it_is() -> None:
    assert without_order("Baby Spice") == "Baby Spice"


@pytest.mark.parametrize(
    ("given", "sex", "said"),
    [
        ("Baby Girl", None, "f"),
        ("Unknown male", None, "m"),
        ("Baby Girl", "m", "m"),
        ("Baby", None, None),
        ("Baby of daughter", None, None),
        ("Boy or girl", None, None),
        ("Boy George", None, None),
    ],
)
def test_words_that_name_nobody_may_say_the_sex(given: str, sex: str | None, said: str | None) -> None:
    """What the agency wrote in its own box goes before."""
    assert mention(given, "Nash", sex).sex == said
