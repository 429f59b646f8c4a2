"""What came of it all, in words that do not depend on the order of arrival: people by who mentioned them, events by id."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from services.alerts.codec import finding_of
from services.db import Pool, hot_transaction
from services.replay import store
from services.rules.findings import EventPart, Finding, RecordPart, State
from services.trial.run import Trial
from tests.chaos.population import Population

Told = tuple[object, ...]
KEPT = (State.STANDING, State.ANSWERED)
"""Endings by lapse leave an alert only if it was ever raised, which depends on when the evaluation came."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who is who, and which findings stand or were answered."""

    people: frozenset[frozenset[str]]
    findings: Counter[Told]


def of_trial(trial: Trial) -> Outcome:
    """What a trial ends in."""
    person_of = trial.world.settled().person_of
    mentions = [
        (f"{fact.ref.id}/{mention.ref}", mention.record, person_of.get(mention.record, mention.record))
        for fact in trial.world.standing()
        for mention in fact.mentions
    ]
    kept = [alert for alert in trial.alerts.values() if alert.joined_to is None and alert.condition.value in KEPT]
    return _outcome(mentions, [alert.finding for alert in kept])


async def of_database(pool: Pool, events: Population) -> Outcome:
    """What the database holds."""
    back = _taken_back(events)
    async with hot_transaction(pool) as conn:
        stored = await store.mentions(conn)
        alerts = await store.alerts(conn)
    mentions = [(f"{m.id}/{m.ref}", m.record, m.person) for m in stored if m.id not in back]
    newest = [(alert, alert.versions[-1]) for alert in alerts]
    findings = [
        finding_of(version.finding) for _, version in newest if version.joined_to is None and version.condition in KEPT
    ]
    return _outcome(mentions, findings)


def _taken_back(events: Population) -> set[str]:
    """The events that a standing retraction names: the newest word first, for it may take back a retraction."""
    back: set[str] = set()
    for arrival in reversed(events.arrivals):
        if "retracts" in arrival.event["data"] and arrival.event["id"] not in back:
            back.add(arrival.event["data"]["retracts"]["id"])
    return back


def _outcome(mentions: Iterable[tuple[str, int, int]], findings: Iterable[Finding]) -> Outcome:
    people: dict[int, set[str]] = defaultdict(set)
    person_of: dict[int, int] = {}
    for label, record, person in mentions:
        people[person].add(label)
        person_of[record] = person

    def name(record: int) -> str:
        return min(people.get(person_of.get(record, record), {f"nobody: {record}"}))

    told = Counter(_told(finding, name) for finding in findings if finding.state in KEPT)
    return Outcome(frozenset(frozenset(labels) for labels in people.values()), told)


def _told(finding: Finding, name: Callable[[int], str]) -> Told:
    return (
        finding.rule,
        tuple(_part(part, name) for part in finding.anchor.parts),
        finding.state.value,
        finding.urgency.name,
        _utc(finding.since),
        _utc(finding.until) if finding.until else "",
        tuple(sorted((one.agency, one.role, one.shown.name) for one in finding.recipients)),
        tuple(_utc(step) for step in finding.steps),
        tuple(sorted(ref.id for ref in finding.evidence)),
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _part(part: object, name: Callable[[int], str]) -> str:
    match part:
        case RecordPart(record):
            return name(record)
        case EventPart(event):
            return event.id
    return str(part)


def differences(found: Outcome, wanted: Outcome) -> Mapping[str, object]:
    """What is missing and what is too much, in a form that a failed test can print."""
    return {
        name: value
        for name, value in {
            "people missing": sorted(map(sorted, wanted.people - found.people)),
            "people wrong": sorted(map(sorted, found.people - wanted.people)),
            "findings missing": sorted((wanted.findings - found.findings).elements(), key=str),
            "findings wrong or doubled": sorted((found.findings - wanted.findings).elements(), key=str),
        }.items()
        if value
    }
