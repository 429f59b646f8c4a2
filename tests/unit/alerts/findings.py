"""Findings made short, for tests of what becomes of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.alerts.diff import AlertState, Change, apply, diff
from services.chronology.facts import EventRef
from services.rules.findings import Anchor, Disclosure, EventPart, Finding, Recipient, RecordPart, State, Urgency

NOON = datetime(2013, 4, 2, 12, tzinfo=UTC)

POLICE, CARE, PROBATION = "police-one", "csc-one", "probation-one"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def recipient(agency: str, shown: Disclosure = Disclosure.D2) -> Recipient:
    return Recipient(agency, "owner", "lead", shown)


def finding(
    *records: int,
    rule: str = "R01",
    major: int = 1,
    event: str | None = None,
    state: State = State.STANDING,
    urgency: Urgency = Urgency.U2,
    to: Sequence[str | Recipient] = (POLICE,),
    steps: Sequence[datetime] = (),
    history_only: bool = False,
    why: str = "because",
    evidence: Sequence[str] = ("e1",),
) -> Finding:
    parts: tuple[RecordPart | EventPart, ...] = tuple(RecordPart(record) for record in records)
    if event is not None:
        parts = (EventPart(EventRef("urn:tocsin:agency:police-one", event)), *parts)
    return Finding(
        rule=rule,
        major=major,
        anchor=Anchor(parts),
        state=state,
        urgency=urgency,
        since=NOON,
        episode_since=NOON,
        until=None if state is State.STANDING else NOON + timedelta(minutes=1),
        ended_silently=False,
        steps=tuple(steps),
        recipients=tuple(to_ if isinstance(to_, Recipient) else recipient(to_) for to_ in to),
        not_reached=(),
        evidence=tuple(EventRef("urn:tocsin:agency:police-one", name) for name in evidence),
        history_only=history_only,
        corroborated=False,
        possible=False,
        why=why,
        unknown=(),
        would_stop=(),
        never=(),
        details={},
    )


class Alerts:
    """Folds changes in memory, as the trial does."""

    def __init__(self, subject: int = 1) -> None:
        self.subject = subject
        self.states: dict[int, AlertState] = {}
        self.persons: dict[int, int] = {}

    def person_of(self, record: int) -> int:
        return self.persons.get(record, record)

    def judge(
        self,
        minutes: float,
        *findings: Finding,
        subject: int | None = None,
        judged: Mapping[str, int] | None = None,
        view_hash: Callable[[AlertState, Recipient], bytes] | None = None,
    ) -> list[Change]:
        about = self.subject if subject is None else subject
        owned = [state for state in self.states.values() if self.person_of(state.owner_record) == about]
        more = {} if view_hash is None else {"view_hash": view_hash}
        changes = diff(owned, findings, self.person_of, at(minutes), subject=about, judged=judged, **more)
        for change in changes:
            if change.before is None:
                number = len(self.states) + 1
                self.states[number] = apply(None, change, number=number)
            else:
                self.states[change.alert] = apply(self.states[change.alert], change)
        return list(changes)


def told(change: Change) -> dict[str, tuple[str, bool]]:
    return {notice.agency: (notice.why.value, notice.ring) for notice in change.notices}


def kinds(changes: Sequence[Change]) -> list[list[str]]:
    return [[kind.value for kind in change.kinds] for change in changes]


def moved(one: Finding, **changes: object) -> Finding:
    return replace(one, **changes)  # type: ignore[arg-type]  # fields of a finding, by name
