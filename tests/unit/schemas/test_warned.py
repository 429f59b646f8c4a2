"""What is likely to be a mistake is told of: a typing error must not look like a success."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.registry import EVENT_TYPES, wire_name
from schemas.warned import CLOCK_SKEW, MAX_WARNINGS, ahead, field_of, unlisted

REPORTED = "police.message.reported.v1"
CONDITIONS = "probation.licence-conditions.set.v1"


@pytest.mark.parametrize(
    ("wire_type", "data", "path", "field", "near"),
    [
        (REPORTED, {"classes": ["violence", "threat-to-lfe"]}, "/data/classes/1", "classes", "threat-to-life"),
        (CONDITIONS, {"conditions": [{"code": "curfw"}]}, "/data/conditions/0/code", "conditions/code", "curfew"),
        ("court.order.made.v1", {"order": "residense"}, "/data/order", "order", "residence"),
        (
            "mappa.meeting.held.v1",
            {"considered": {"orders": ["vooo"]}},
            "/data/considered/orders/0",
            "considered/orders",
            "voo",
        ),
    ],
)
def test_it_says_where_and_what_may_have_been_meant(
    wire_type: str, data: dict[str, object], path: str, field: str, near: str
) -> None:
    (warning,) = unlisted(wire_type, data)
    assert (warning.path, field_of(warning)) == (path, field)
    assert f"may have meant {near}." in warning.fix


def test_a_word_like_no_other_is_told_of_and_never_repeated() -> None:
    (warning,) = unlisted(REPORTED, {"classes": ["xyzzyx"]})
    assert "meant" not in warning.fix
    assert "xyzzyx" not in warning.fix
    assert "catalogue.md#codes-classes" in warning.fix


def test_listed_words_closed_fields_and_references_give_none() -> None:
    reference = {"id": "report-1", "source": "urn:tocsin:agency:police-west-mercia"}
    assert unlisted(REPORTED, {"classes": ["violence"], "cites": [reference]}) == ()
    assert unlisted("childrens-social-care.referral.opened.v1", {"source": "agency", "cites": [reference]}) == ()


def test_no_published_example_has_one() -> None:
    found = {
        name: unlisted(wire_name(name, version), example)
        for (name, version), model in EVENT_TYPES.items()
        for example in model.examples
    }
    assert {name for name, warnings in found.items() if warnings} == set()


def test_there_are_never_more_than_a_list_of_words_may_hold() -> None:
    assert len(unlisted(CONDITIONS, {"conditions": [{"code": "unheard-of"}] * 40})) == MAX_WARNINGS


def test_a_time_known_in_the_future_is_told_of_and_clocks_may_differ_a_little() -> None:
    now = datetime(2024, 3, 4, 10, 0, tzinfo=UTC)
    late = (now + CLOCK_SKEW + timedelta(seconds=1)).isoformat()
    assert ahead({"known_at": (now + CLOCK_SKEW).isoformat(), "recorded_at": now.isoformat()}, now) == ()
    found = ahead({"known_at": late, "recorded_at": {"earliest": "2024-03", "latest": "2025"}}, now)
    assert [(one.path, one.code) for one in found] == [
        ("/data/known_at", "time-ahead"),
        ("/data/recorded_at", "time-ahead"),
    ]
    assert ahead({"known_at": None, "recorded_at": now.isoformat()}, now) == ()
