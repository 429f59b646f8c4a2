"""An alert of one person in the case of another whom it names: one step, whatever the order, and never back again."""

import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from services.alerts.state import Kind
from services.rules.load import load_catalogue, release
from services.trial.rule_tests import arrival_of, default_directory
from services.trial.run import Trial, judge, run, run_unordered
from services.trial.world import Arrival
from tests.chaos.outcome import differences, of_trial

WITH = {"from": "csc-north", "type": "childrens-social-care.action.set", "people": ["C child"]}
POLICE = {"from": "police-north", "people": ["T subject", "C child", "Q reporter"]}
STORY: tuple[Mapping[str, Any], ...] = (
    {"at": "2024-01-02T09:00", "id": "lead", "lead": "police-lead", "of": "T", "held_by": "police-north"},
    {
        "at": "2024-01-02T10:00",
        "id": "flag",
        "from": "csc-north",
        "type": "childrens-social-care.risk-flag.set",
        "people": ["T subject"],
        "data": {"flag": "pprc"},
    },
    {
        "at": "2024-03-04T10:00",
        "id": "school",
        "from": "health-north",
        "type": "health.concern.reported",
        "people": ["T subject", "C child"],
        "informant": {"staff": "H1"},
    },
    {**POLICE, "at": "2024-03-05T10:00", "id": "caller", "type": "police.concern.reported", "informant": {"ref": "Q"}},
    {**WITH, "at": "2024-03-06T10:00", "id": "visit", "data": {"action": "A-1", "what": "visit", "owners": ["csc-north"], "due": "2024-03-08"}},
    {**WITH, "at": "2024-03-06T11:00", "id": "his", "people": ["T subject"], "data": {"action": "A-2", "what": "visit", "owners": ["csc-north"], "due": "2024-03-08"}},
    {"at": "2024-03-13T10:00", "id": "back", "from": "police-north", "type": "police.event.retracted", "people": [], "data": {"retracts": {"id": "caller"}, "reason": "wrong-fact"}},
    {"at": "2024-03-20T10:00", "id": "died", "from": "police-north", "type": "police.death.recorded", "people": ["C deceased"], "data": {"unexpected": True}},
)  # fmt: skip
"""Of a registered man and a child: each owns alerts that name the other, and each has an action that is overdue."""
UNTIL = arrival_of({**STORY[0], "at": "2024-05-01T00:00"}, 0).received_at


def _arrivals() -> list[Arrival]:
    return [arrival_of(given, n) for n, given in enumerate(STORY)]


def _trial() -> Trial:
    return run(_arrivals(), load_catalogue(), default_directory(), until=UNTIL)


def test_two_who_name_each_other_are_judged_a_few_times_and_come_to_rest() -> None:
    trial = _trial()
    owners = {alert.owner_record for alert in trial.alerts.values() if len(alert.anchor.parts) > 1}
    assert len(owners) > 1, "each owns alerts that name the other"
    # Once for the event, once more when the other's alerts changed with it; four of them live through it.
    assert max(Counter(trial.looks).values()) <= 3
    changes, versions = len(trial.log), {alert.alert: alert.version for alert in trial.alerts.values()}
    for person in [*sorted(set(trial.world.settled().person_of.values()))] * 3:
        judge(trial, person, UNTIL)
    assert len(trial.log) == changes
    assert {alert.alert: alert.version for alert in trial.alerts.values()} == versions


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_arrival_and_of_judging_does_not_matter(seed: int) -> None:
    arrivals = _arrivals()
    random.Random(seed).shuffle(arrivals)
    found = run_unordered([*arrivals, *arrivals], load_catalogue(), default_directory(), until=UNTIL)
    assert differences(of_trial(found), of_trial(_trial())) == {}


def test_what_is_for_the_owner_alone_counts_in_nobody_else_s_case() -> None:
    """Domain A3a: it never leaves the owner by way of another rule."""
    flag = {"from": "police-north", "type": "police.risk-flag.set", "people": ["T subject"], "data": {"flag": "da-perpetrator"}}  # fmt: skip
    tie = {"relationships": [{"from": "T", "to": "A", "kind": "partner", "status": "reported"}]}
    claim = {"from": "police-north", "type": "police.relationship.reported", "people": ["T subject", "A partner"], **tie}  # fmt: skip
    death = {"from": "police-north", "type": "police.death.recorded", "people": ["A deceased"], "data": {"unexpected": True}}  # fmt: skip
    found = {}
    for grade in ("2B", "3D"):
        given: list[Mapping[str, Any]] = [
            {**flag, "at": "2024-01-02T09:00", "id": "flag"},
            {**claim, "at": "2024-02-01T09:00", "id": "claim", "grade": grade},
            {**death, "at": "2024-03-04T10:00", "id": "death"},
        ]
        trial = run(
            [arrival_of(one, n) for n, one in enumerate(given)], load_catalogue(), default_directory(), until=UNTIL
        )
        found[grade] = {change.after.rule for change in trial.log if Kind.RAISED in change.kinds}
    assert "R01" in found["2B"] & found["3D"]
    assert "R33" in found["2B"] - found["3D"]


def test_only_what_cannot_depend_on_others_is_read_in_their_cases() -> None:
    rules = load_catalogue()
    assert release([rules.rule("R08").file]).read == {}, "nobody reads, so nobody is judged again for it"
    assert all(file.stratum == 1 and not file.lifts for file in rules.read.values())
