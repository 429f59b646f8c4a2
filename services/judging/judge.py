"""One person judged: a loaded case, the rules and the times give changes of alerts, and when to look again. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.alerts import codec, named, rule_infos
from services.alerts import store as alerts
from services.alerts.diff import diff
from services.alerts.state import AlertState, Change
from services.alerts.view import ViewHash, hash_of
from services.chronology.store import Loaded
from services.directory.model import Directory
from services.disclosure.agreements import Masks
from services.disclosure.material import Material, RuleInfo, Viewer, hidden_in
from services.disclosure.view import worth_a_call
from services.judging.store import LIVE, SLOW, SPREAD, SPREADING, TIMER, TIMER_U1, Again, Claim
from services.rules.evaluate import evaluate, fault_of
from services.rules.findings import Evaluation, Finding, Incomplete, Judging, Recipient, State, Urgency
from services.rules.load import Rules
from services.rules.parameters import Settings, patience
from services.rules.people import People
from services.rules.situation import Judged as Found

BEHIND: Final = "The bus is behind: an answer may have been sent that it has not read yet."
RETRY_FIRST: Final = timedelta(minutes=1)
RETRY_CEILING: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one evaluation says."""

    person: int
    changes: Sequence[Change]
    wakes: Sequence[Again]
    incomplete: Sequence[Incomplete] = ()
    concerned: Collection[int] = ()
    """Records of others in whose cases it counts what changed here."""


@dataclass(frozen=True, slots=True)
class Court:
    """What everybody is judged by: one release of the rules, one revision of the directory."""

    rules: Rules
    directory: Directory
    masks: Masks
    infos: Mapping[str, RuleInfo]
    majors: Mapping[str, int]
    """Major version of each live rule."""

    @classmethod
    def of(cls, rules: Rules, directory: Directory, settings: Settings | None = None) -> "Court":
        """Compile the agreements of the directory; `settings` is what was set for areas."""
        if settings is not None:
            rules, directory = rules.with_settings(settings), directory.with_patience(patience(settings))
        majors = {rule.id: rule.file.major for rule in rules.live}
        return cls(rules, directory, Masks(directory.agreements, directory.sector), rule_infos.of(rules), majors)

    def rule(self, rule: str) -> RuleInfo:
        """What a view says of a rule."""
        return self.infos[rule]


def judge(
    person: int,
    loaded: Loaded,
    court: Court,
    claim: Claim,
    *,
    owned: Sequence[AlertState] | None = None,
    others: Sequence[Found] | None = None,
) -> Judged:
    """Evaluate a case and compare it with the alerts its subject owns: live, and in a back-test.

    `owned` are those alerts, ended and joined ones too, and `others` what was found of others that names the subject; None:
    the rows loaded with the case.
    """
    try:
        if others is None:
            others = [named.judged(codec.finding_of(said), owner, person) for owner, said in loaded.named]
        return _judge(person, loaded, court, claim, alerts.states_of(loaded.alerts) if owned is None else owned, others)
    except Exception as error:  # noqa: BLE001 - kept as incomplete and paged: one case must not hold up the others
        return Judged(person, (), (), (Incomplete(None, fault_of(error)),))


def _judge(
    person: int,
    loaded: Loaded,
    court: Court,
    claim: Claim,
    standing: Sequence[AlertState],
    others: Sequence[Found],
) -> Judged:
    if loaded.too_large is not None:
        found = Evaluation((), None, (Incomplete(None, f"too many {loaded.too_large}"),))
    else:
        found = evaluate(loaded.case, court.rules, court.directory, claim.now, others)
    failed = {reason.rule for reason in found.incomplete}
    judged = court.majors if not failed else {} if None in failed else _without(court.majors, failed)
    findings = [_say_if_behind(finding, claim) for finding in found.findings if finding.rule in judged]
    changes: tuple[Change, ...] = ()
    concerned: Collection[int] = ()
    if standing or findings:
        person_of = _Persons(loaded)
        changes = diff(
            standing,
            findings,
            person_of,
            claim.now.clock,
            subject=person,
            judged=judged,
            view_hash=_view_hash(loaded, court, person_of, claim.now.clock),
        )
        concerned = named.concerned(changes, court.rules, person_of, person_of.member)
    unsure = any(BEHIND in finding.unknown for finding in findings)
    return Judged(person, changes, wakes(person, found, claim.now, unsure=unsure), found.incomplete, concerned)


def _without(majors: Mapping[str, int], failed: Collection[str | None]) -> Mapping[str, int]:
    return {rule: major for rule, major in majors.items() if rule not in failed}


class _Persons:
    """Present person of a record: slots by the case's eyes, records outside the case by membership."""

    def __init__(self, loaded: Loaded) -> None:
        self._case = loaded.case.person_of
        self._all = loaded.person_of
        self._people = People.of(loaded.case)

    def __call__(self, record: int) -> int:
        return self._people.person(record) if record in self._case else self.member(record)

    def member(self, record: int) -> int:
        """Present person of a record by membership alone."""
        return self._all.get(record, record)


def _view_hash(loaded: Loaded, court: Court, person_of: _Persons, at: datetime) -> ViewHash:
    material = Material(
        facts={fact.ref: fact for fact in loaded.case.facts},
        person_of=person_of,
        masks=court.masks,
        at=at,
        protected=loaded.protected,
        hidden=hidden_in(loaded.case.facts, person_of),
    )

    def view_hash(alert: AlertState, recipient: Recipient) -> bytes:
        viewer = Viewer(recipient.agency, recipient.role, recipient.shown)
        return hash_of(worth_a_call(viewer, alert.finding, court.rule(alert.rule), alert.condition, material))

    return view_hash


def _say_if_behind(finding: Finding, claim: Claim) -> Finding:
    """A deadline that ran out beyond what the bus has read rings all the same, and says so."""
    judged = claim.now.u1 if finding.urgency is Urgency.U1 else claim.now.other
    unread = [moment for moment in (finding.episode_since, *finding.steps) if moment > claim.watermark]
    if finding.state is State.STANDING and judged > claim.watermark and unread:
        return replace(finding, unknown=(*finding.unknown, BEHIND))
    return finding


def wakes(person: int, found: Evaluation, now: Judging, *, unsure: bool = False) -> list[Again]:
    """When to look again: by which of the two judging times a moment is awaited decides the kind of its timer.

    `unsure`: something was said because the bus is behind; look again when it has caught up with the present clock.
    """
    timers = {(found.wake_u1, TIMER_U1)}
    if found.wake_at is not None and found.wake_at <= now.u1:
        timers.add((found.wake_at, TIMER))
    if unsure:
        timers.add((now.clock, TIMER))
    return sorted(
        (Again(person, at, LIVE, kind) for at, kind in timers if at is not None), key=lambda row: (row.at, row.kind)
    )


def spread(marked: Iterable[int], loaded: dict[int, Loaded], judged: Iterable[Judged], clock: datetime) -> list[Again]:
    """To whom marks spread: neighbours that were not judged in the same snapshot anyway. Spread does not spread.

    And whom an alert concerns that changed now, whatever led to it: even if judged in this snapshot, for that held the alert
    as it was before. What changes for them concerns nobody else (services.alerts.named).
    """
    others = {other for person in marked for other in loaded[person].around} - loaded.keys()
    others |= {record for one in judged for record in one.concerned}
    return [Again(other, clock, SPREADING, SPREAD) for other in sorted(others)]


def retry(person: int, tries: int, clock: datetime) -> Again:
    """When to try an incomplete evaluation again: after a minute, then twice as long each time, a day at most."""
    return Again(person, clock + min(RETRY_CEILING, RETRY_FIRST * 2 ** min(tries - 1, 20)), SLOW, TIMER_U1)
