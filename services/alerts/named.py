"""Alerts in the cases of those they name: what is found of one person may count when another is judged.

An alert belongs to one person, its subject, and may name another: R08 on a man and a child. When the child is judged, rules
of the second stratum see it (R12, R33, R41), so when it changes the child is judged again. Live, in a trial and in a
back-test it is this module that says which alerts count so, and whom a change concerns.

It cannot go round: only findings of the first stratum are read, those rest on facts and clocks alone, and only rules of the
second read them. So a change goes one step, from its subject's alert to the alerts of those it names, and ends there.
"""

from collections.abc import Callable, Iterable

from services.alerts.codec import anchor_records
from services.alerts.state import AlertState, Change, Condition
from services.rules.findings import Anchor, Finding
from services.rules.load import Rules
from services.rules.situation import Judged, Situation

COUNTING = frozenset({Condition.STANDING, Condition.ANSWERED, Condition.LAPSED})
"""One that has ended counts for the time when it stood; one that was withdrawn never should have stood."""
OTHER = 1
"""Place of the other among the records of an anchor: the subject is named first (services.rules.model)."""


def counts(condition: Condition, joined_to: int | None) -> bool:
    """Say whether an alert in this state counts: one that joined another is told by that one."""
    return condition in COUNTING and joined_to is None


def other_record(anchor: Anchor) -> int | None:
    """Return the record by which an anchor names somebody beside its subject."""
    records = anchor_records(anchor)
    return records[OTHER] if len(records) > OTHER else None


def judged(finding: Finding, owner: int, person: int) -> Judged:
    """Return what was found of `owner` as rules see it in the case of `person`, whom it names."""
    return Judged(Situation(owner, other=person), finding)


def of_others(alerts: Iterable[AlertState], person: int, person_of: Callable[[int], int]) -> list[Judged]:
    """Return what the alerts of others say of somebody, of alerts held in memory; `person_of` reads joined placeholders too."""
    found = []
    for alert in alerts:
        record = other_record(alert.anchor)
        if record is not None and counts(alert.condition, alert.joined_to) and person_of(record) == person:
            owner = person_of(alert.owner_record)
            if owner != person:
                found.append(judged(alert.finding, owner, person))
    return found


def concerned(
    changes: Iterable[Change], rules: Rules, person_of: Callable[[int], int], whose: Callable[[int], int]
) -> set[int]:
    """Return records of the people in whose cases these changes count.

    The records of the anchors, for they go wherever identity takes them; `whose` is membership, and where `person_of` knows
    better, because a placeholder was found to be somebody, that person as well.
    """
    found: set[int] = set()
    for change in changes:
        record = other_record(change.after.anchor)
        if record is not None and _said(change.before, rules) != _said(change.after, rules):
            found |= {record} if person_of(record) == whose(record) else {record, person_of(record)}
    return found


def _said(alert: AlertState | None, rules: Rules) -> object:
    """All that rules may read of an alert in another's case; None if it does not count there."""
    if alert is None or not counts(alert.condition, alert.joined_to) or not rules.tells_others(alert.finding):
        return None
    finding = alert.finding
    return (finding.urgency, finding.spans, finding.evidence, finding.since)
