"""Every case that comes with Tocsin, in memory: each expected alert to the minute, whom it tells, how it ends, who is who.

What needs servers (ladders, webhooks, views, leaks) is asserted end to end; see tests/e2e. Birmingham has a file of its own.
"""

import json

import jsonschema
import pytest

from deploy.cases import load
from deploy.replay import compare, machine, memory

CASES = {path.stem: load.load(path) for path in sorted(load.FOLDER.glob("*.yaml")) if path.stem != "birmingham"}
ORDINARY = ("busy-family-move", "busy-family-supervised")
"""Families in whom nothing is wrong: they expect nothing, so they must be busy for that to say anything."""


@pytest.mark.parametrize(("name", "label"), [(name, label) for name, case in CASES.items() for label in case.variants])
def test_rings_what_the_case_says(name: str, label: str) -> None:
    case = CASES[name]
    found = memory.outcome(case, label, memory.trial(case, label))
    assert memory.differences(case, found) == []


@pytest.mark.parametrize("name", list(CASES))
def test_any_order_ends_in_the_same_findings(name: str) -> None:
    case = CASES[name]
    label = next(iter(case.variants))
    found = memory.outcome(case, label, memory.trial(case, label, unordered=True))
    assert compare.final_differences(case, found) == []


def test_the_outcome_for_machines_follows_its_published_schema() -> None:
    case = CASES["child-a"]
    found = memory.outcome(case, "S+", memory.trial(case, "S+"))
    document = machine.document(case, found, ["one"], seconds=1.0)
    jsonschema.Draft202012Validator(json.loads(machine.schema_text())).validate(document)
    assert document["missing"] == []
    assert {alert["expected"] for alert in document["alerts"] if alert["rang"]} >= {"A7", "A12"}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_family_is_busy_and_rings_nothing_urgent(name: str) -> None:
    case = CASES[name]
    assert len(case.rows) > 40
    assert len({row.from_ for row in case.rows}) >= 10
    assert len({row.type for row in case.rows}) >= 25
    assert case.expect is not None
    assert case.expect.rules == "all"
    assert case.expect.must_not[0].urgency == ["U1", "U2"]
