"""A back-test's report for machines."""

from collections.abc import Mapping
from typing import Any

import orjson

from services.backtest.backtest import Report
from services.backtest.compare import Found
from services.backtest.desks import Desk, Load
from services.backtest.stories import Story


def document(report: Report) -> bytes:
    """Return the whole report as JSON: people by their public ids, no names."""
    was, would = report.loads()
    said = {
        "since": report.since,
        "until": report.until,
        "people": report.lineages,
        "events": report.events,
        "evaluations": report.evaluations,
        "evaluations_of_its_own": report.own,
        "alerts": dict(report.counted),
        "differences": [_found(found, report) for found in report.differences],
        "desks": [_desk(desk, was, would) for desk in sorted(was.keys() | would.keys())],
        "incomplete": dict(report.incomplete),
        "left_out": len(report.too_large),
    }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


def _found(found: Found, report: Report) -> dict[str, Any]:
    story = found.would_be or found.was
    assert story is not None  # noqa: S101 - a difference has at least one side
    return {
        "difference": found.difference,
        "rule": found.key.rule,
        "people": [report.people.get(person) for person in story.people()],
        "later_by_seconds": found.by.total_seconds(),
        "was": _story(found.was),
        "would_be": _story(found.would_be),
    }


def _story(story: Story | None) -> dict[str, Any] | None:
    if story is None:
        return None
    return {
        "alerts": story.alerts,
        "raised": story.raised(),
        "versions": [
            {
                "at": version.at,
                "kinds": version.kinds,
                "condition": version.condition,
                "urgency": f"U{int(version.urgency)}",
                "told": [list(one) for one in version.told],
            }
            for version in story.versions
        ],
    }


def _desk(desk: Desk, was: Mapping[Desk, Load], would: Mapping[Desk, Load]) -> dict[str, Any]:
    return {
        "agency": desk.agency,
        "desk": desk.desk,
        "urgency": desk.urgency.name,
        "was": _load(was.get(desk)),
        "would_be": _load(would.get(desk)),
    }


def _load(load: Load | None) -> dict[str, Any]:
    return load._asdict() if load else Load(0, 0.0, 0, 0)._asdict()
