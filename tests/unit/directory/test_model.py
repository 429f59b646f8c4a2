"""Areas, coverage, validity, and what a mapping is refused for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from services.directory.model import DirectoryError, from_mapping
from tests.unit.directory import example

DIRECTORY = example.directory()
AT = datetime(2013, 4, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("area", "other", "answer"),
    [
        ("west-midlands", "birmingham", True),
        ("birmingham", "west-midlands", False),
        ("birmingham", "birmingham", True),
        ("wales", "wrexham", True),
        ("worcestershire", "birmingham", False),
        ("nowhere", "nowhere", True),
        ("nowhere", "birmingham", False),
    ],
)
def test_containment_goes_down_any_number_of_levels(area: str, other: str, answer: bool) -> None:
    assert DIRECTORY.contains(area, other) is answer


def test_areas_are_outside_each_other_when_neither_contains_the_other() -> None:
    assert DIRECTORY.outside("worcestershire", "birmingham")
    assert not DIRECTORY.outside("west-midlands", "birmingham")
    assert not DIRECTORY.outside("birmingham", "west-midlands")


@pytest.mark.parametrize(
    ("kind", "area", "agencies"),
    [
        ("csc-for-area", "birmingham", ["csc-birmingham"]),
        ("police-for-area", "birmingham", ["police-west-midlands"]),
        ("police-for-area", "worcestershire", ["police-west-mercia"]),
        ("csc-for-area", "cornwall", ["csc-cornwall"]),
        ("police-for-area", "cornwall", []),
        ("csc-for-area", "west-midlands", []),
        ("asc-for-area", "birmingham", ["asc-birmingham"]),
        ("csc-for-area", None, []),
        ("csc", "wrexham", ["csc-wrexham"]),
    ],
)
def test_who_holds_a_role_of_an_area(kind: str, area: str | None, agencies: list[str]) -> None:
    assert DIRECTORY.covering(kind, area, AT) == agencies


def test_an_agency_covers_the_types_of_its_sector_but_those_stated() -> None:
    assert DIRECTORY.covers("police-west-mercia", "police.checks.completed.v1", AT)
    assert DIRECTORY.covers("police-west-midlands", "police.case-supervision.held", AT)
    assert not DIRECTORY.covers("police-west-mercia", "police.case-supervision.held.v2", AT)
    assert not DIRECTORY.covers("police-west-mercia", "probation.recall.decided", AT)
    assert not DIRECTORY.covers("employer-tamarisk", "employer.message.reported", AT)
    assert not DIRECTORY.covers("nobody", "police.checks.completed", AT)
    assert DIRECTORY.publishers("police.case-supervision.held", AT) == ["police-west-midlands"]


def test_a_monitored_channel_is_known_by_its_token() -> None:
    assert DIRECTORY.monitored("token-of-07700 900300", AT) == "police-west-midlands"
    assert DIRECTORY.monitored("token-of-another", AT) is None
    assert "900300" not in repr(from_mapping(example.mapping()))


def small(**entries: Any) -> dict[str, Any]:
    return {
        "areas": {"town": {}},
        "agencies": {
            "csc-town": {
                "sector": "childrens-social-care",
                "areas": ["town"],
                "desks": {"duty": {}},
                "ladders": {"duty-desk": {"always": ["duty"]}},
            }
        },
    } | entries


def test_entries_hold_from_the_first_london_midnight_to_the_end_of_their_last_day() -> None:
    mapping = small()
    mapping["agencies"]["csc-town"]["valid"] = {"from": "2013-04-01", "to": "2013-04-15"}
    directory = from_mapping(mapping)
    begins, ends = datetime(2013, 3, 31, 23, tzinfo=UTC), datetime(2013, 4, 15, 23, tzinfo=UTC)
    assert directory.covering("csc", "town", begins) == ["csc-town"]
    assert directory.covering("csc", "town", ends) == []
    assert directory.changes_after(datetime(2013, 1, 1, tzinfo=UTC)) == (begins, ends)
    assert directory.changes_after(begins) == (ends,)


@pytest.mark.parametrize(
    ("mapping", "path"),
    [
        pytest.param(small(areas={}), ("agencies", "csc-town", "areas"), id="unknown area"),
        pytest.param(small(areas={"town": {"within": "shire"}}), ("areas", "town", "within"), id="unknown outer area"),
        pytest.param(small(areas={"town": {"within": "town"}}), ("areas", "town", "within"), id="area in itself"),
        pytest.param(small(coverage=[{"agency": "nobody", "types": []}]), ("coverage", 0), id="unknown agency"),
    ],
)
def test_what_is_named_must_be_there(mapping: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(DirectoryError) as refused:
        from_mapping(mapping)
    assert refused.value.path == path


def test_a_rung_names_a_desk_that_exists() -> None:
    mapping = small()
    mapping["agencies"]["csc-town"]["ladders"]["duty-desk"]["always"].append("csc-town/manager")
    with pytest.raises(DirectoryError, match="there is no desk 'csc-town/manager'"):
        from_mapping(mapping)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"hours": "9-5"}, id="hours"),
        pytest.param({"hour": "always"}, id="unknown field"),
    ],
)
def test_a_malformed_desk_is_refused(wrong: dict[str, Any]) -> None:
    mapping = small()
    mapping["agencies"]["csc-town"]["desks"]["duty"] = wrong
    with pytest.raises(ValidationError):
        from_mapping(mapping)
