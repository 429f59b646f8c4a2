"""Who may publish what, and for whom a caller may ask."""

import pytest

from services.access import Caller, Scope, agency_of, default_sources
from services.errors import NotFound, NotPermitted

WMP, WEST = "police-west-midlands", "police-west"


def caller(**publishes: tuple[str, ...]) -> Caller:
    named = {name.replace("_", "-"): types for name, types in publishes.items()}
    return Caller("client", named, default_sources(named), frozenset({Scope.WRITE_EVENTS}))


@pytest.mark.parametrize(
    ("source", "agency"),
    [
        ("urn:tocsin:agency:police-west", "police-west"),
        ("urn:tocsin:agency:police-west:custody", "police-west"),
        ("urn:tocsin:agency:", None),
        ("urn:tocsin:agency", None),
        ("https://police-west.example", None),
        ("", None),
    ],
)
def test_the_agency_stands_in_the_source(source: str, agency: str | None) -> None:
    assert agency_of(source) == agency


def test_a_name_that_begins_like_ones_own_is_foreign() -> None:
    west = caller(police_west=("police.*",))
    assert west.publisher("urn:tocsin:agency:police-west", "police.message.reported.v1") == WEST
    assert west.publisher("urn:tocsin:agency:police-west:custody", "police.message.reported.v1") == WEST
    for foreign in ("urn:tocsin:agency:police-west-midlands", "urn:tocsin:agency:police-wes", "urn:x:police-west"):
        with pytest.raises(NotPermitted) as refused:
            west.publisher(foreign, "police.message.reported.v1")
        assert refused.value.faults[0].code == "foreign-source"
        assert foreign not in str(refused.value)


def test_a_token_may_be_bound_to_one_system() -> None:
    custody = Caller("c", {WEST: ("police.*",)}, ("urn:tocsin:agency:police-west:custody",), frozenset())
    assert custody.publisher("urn:tocsin:agency:police-west:custody", "police.arrest.made.v1") == WEST
    for other in ("urn:tocsin:agency:police-west", "urn:tocsin:agency:police-west:custody2"):
        with pytest.raises(NotPermitted):
            custody.publisher(other, "police.arrest.made.v1")


@pytest.mark.parametrize(
    ("pattern", "permitted"),
    [
        ("police.*", True),
        ("police.message.*", True),
        ("police.message.reported", True),
        ("police.message", False),
        ("police", False),
        ("pol.*", False),
        ("*", False),
        ("probation.*", False),
        ("police.message.reported.v1", False),
    ],
)
def test_types_are_permitted_by_sector_or_one_by_one(pattern: str, *, permitted: bool) -> None:
    west = caller(police_west=(pattern,))
    for _ in range(2):  # remembered the second time
        try:
            found = west.publisher("urn:tocsin:agency:police-west", "police.message.reported.v1") == WEST
        except NotPermitted as refused:
            found = refused.faults[0].code != "type-not-permitted"
        assert found == permitted


def test_each_agency_of_a_token_has_its_own_types() -> None:
    both = caller(police_west=("police.*",), csc_birmingham=("childrens-social-care.*",))
    with pytest.raises(NotPermitted):
        both.publisher("urn:tocsin:agency:csc-birmingham", "police.message.reported.v1")


def test_for_whom_one_asks() -> None:
    one, two = caller(police_west=()), caller(police_west=(), csc_birmingham=())
    assert one.acting_agency(None) == WEST
    assert two.acting_agency("csc-birmingham") == "csc-birmingham"
    with pytest.raises(NotFound):
        one.acting_agency("csc-birmingham")
    with pytest.raises(NotPermitted):
        two.acting_agency(None)


def test_scopes() -> None:
    one = caller(police_west=())
    one.require(Scope.WRITE_EVENTS)
    with pytest.raises(NotPermitted):
        one.require(Scope.REPLAY)
