"""Every case that comes with Tocsin, in memory: each expected alert to the minute, whom it tells, how it ends, who is who.

What needs servers (ladders, webhooks, views, leaks) is asserted end to end; see tests/e2e. Birmingham has a file of its own.
"""

import json
from dataclasses import replace
from datetime import timedelta

import jsonschema
import pytest

from deploy.cases import load
from deploy.cases.expected import Expectations, TermAnchor
from deploy.cases.words import Urgency
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


def test_an_agency_that_is_told_later_is_found_by_the_time_it_is_told() -> None:
    case = CASES["forced-marriage"]
    found = memory.outcome(case, "as-known", memory.trial(case, "as-known"))
    (meeting,) = (alert for alert in found.alerts if alert.rule == "R30")
    raised = meeting.moments[-1]
    to = {**raised.to, "CSCS": "D2"}
    later = replace(raised, at=raised.at + timedelta(days=8), to=to)
    leaked = replace(meeting, moments=(*meeting.moments, later))
    alerts = [leaked if alert is meeting else alert for alert in found.alerts]
    said = memory.differences(case, replace(found, alerts=alerts))
    assert any("R30" in text and "told CSCS at 2023-06-22 14:00 and must not" in text for text in said), said


def test_what_a_rule_on_trial_would_have_told_is_compared_and_told_to_nobody() -> None:
    case = CASES["neglect"]
    found = memory.outcome(case, "as-known", memory.trial(case, "as-known"))
    alerts = machine.document(case, found, [], seconds=1.0)["alerts"]
    tried = next(alert for alert in alerts if alert["expected"] == "N2")
    assert (tried["rule"], tried["shadow"], tried["rang"], tried["moments"][0]["to"]) == ("R43", True, None, {})
    assert (tried["would_have_rung"], tried["moments"][0]["would_tell"]) == ("2023-03-10 15:30", {"CSC-H": "D2"})
    wrong = case.model_copy(update={"expect": _with_urgency(case.expect, "N2", "U1")})
    assert memory.differences(wrong, found) == ["N2: rang with U2, expected U1"]
    alone = case.model_copy(update={"expect": Expectations(rules=["R06", "R43"])})
    assert [said.split(" rang")[0] for said in memory.differences(alone, found)] == ["R06 3 + B", "R43 B"]


def _with_urgency(expect: Expectations | None, ref: str, urgency: Urgency) -> Expectations:
    assert expect is not None
    changed = [one.model_copy(update={"urgency": urgency}) if one.ref == ref else one for one in expect.alerts]
    return expect.model_copy(update={"alerts": changed})


def test_an_anchor_without_a_term_is_any_and_a_miss_says_what_rang_instead() -> None:
    case = CASES["under-another-name"]
    found = memory.outcome(case, "as-known", memory.trial(case, "as-known"))
    assert case.expect is not None
    serial = next(one for one in case.expect.alerts if one.rule == "R45")
    assert [part for part in serial.anchor if not isinstance(part, str)] == []
    other = serial.model_copy(update={"anchor": [*serial.anchor, TermAnchor(term="theft")]})
    said = memory.differences(case.model_copy(update={"expect": Expectations(rules=["R45"], alerts=[other])}), found)
    assert said[0].endswith("never rang; expected 2022-10-03 09:30 (it rang about W + sexual at 2022-10-03 09:30)")
