"""What an evaluation answers: findings, their anchors and recipients, and when to look again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from services.chronology.facts import EventRef

Spans = tuple[tuple[datetime, datetime | None], ...]


class Urgency(IntEnum):
    """U1 is the most urgent: 1 pages people day and night, 4 is a diary entry (domain A1)."""

    U1 = 1
    U2 = 2
    U3 = 3
    U4 = 4


class Disclosure(IntEnum):
    """How much a recipient is shown: D1 pointer, D2 who and why, D3 fuller narrative (domain A1)."""

    D1 = 1
    D2 = 2
    D3 = 3


class State(StrEnum):
    """Whether a finding holds, and if not, how it ended."""

    STANDING = "standing"
    ANSWERED = "answered"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class RecordPart:
    """A person in an anchor, held as a record and matched through present membership."""

    record: int


@dataclass(frozen=True, slots=True)
class EventPart:
    """An event in an anchor."""

    event: EventRef


@dataclass(frozen=True, slots=True)
class TermPart:
    """A thing with a name of its own in an anchor: a licence, a release, an action, a programme."""

    term: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """What makes an alert this alert: the rule's subject and counterpart, or one event and a person in it."""

    parts: tuple[RecordPart | EventPart | TermPart, ...]

    def key(self, person_of: Callable[[int], int]) -> tuple[str, ...]:
        """Return the anchor as comparable text through present membership."""
        return tuple(_part_key(part, person_of) for part in self.parts)


def _part_key(part: RecordPart | EventPart | TermPart, person_of: Callable[[int], int]) -> str:
    match part:
        case RecordPart(record):
            return f"person:{person_of(record)}"
        case EventPart(event):
            return f"event:{event.source}#{event.id}"
        case TermPart(term):
            return f"term:{term}"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An agency to tell, in which function, and how much it may see.

    One agency appears once, with its highest class. `ladder` names the desk ladder of the directory that rings:
    `lead` (named officer in hours, duty desk outside and at U1), `duty-desk`, `duty-inspector`, `control-room`,
    `supervisor`, `team-manager`, `senior-manager` ...
    """

    agency: str
    role: str
    ladder: str
    shown: Disclosure


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's reason, complete as of the judging time. Same facts and clocks give the same finding."""

    rule: str
    major: int
    anchor: Anchor
    state: State
    urgency: Urgency
    since: datetime
    """When it first should have rung: the later of its wake and the received_at of the last fact needed."""
    episode_since: datetime
    """As `since`, for the present episode: later than `since` when an ended finding reopened on new evidence."""
    until: datetime | None
    """Own clock of the ending; None while standing."""
    ended_silently: bool
    """It was already ended when its last fact became known: kept, rings nobody."""
    steps: tuple[datetime, ...]
    """Steps passed; each new one tells again."""
    recipients: tuple[Recipient, ...]
    not_reached: tuple[str, ...]
    """Roles nobody on the bus holds."""
    evidence: tuple[EventRef, ...]
    history_only: bool
    """Rests on backfill alone: rings nobody until a live event joins it."""
    corroborated: bool
    possible: bool
    """An interval only possibly satisfies the rule; the text says so."""
    why: str
    unknown: tuple[str, ...]
    would_stop: tuple[str, ...]
    never: tuple[str, ...]
    """N codes of domain A1 that bind every view of it."""
    details: Mapping[str, tuple[str, ...]]
    """Rule-specific lists that views may show, e.g. unchecked people as 'ref' anchors, candidates as record ids."""
    spans: Spans = ()
    """When it rang and how long it stood, each time; what only history says is left out."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An evaluation that could not be finished: kept, retried, and pages an operator."""

    rule: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Judging:
    """The times of one evaluation (design section 5): deadlines of U1 rules wait 60 s for a lagging bus, others 10 min."""

    clock: datetime
    u1: datetime
    other: datetime

    @classmethod
    def at(cls, moment: datetime) -> "Judging":
        """All caught up: every rule judges at this moment."""
        return cls(moment, moment, moment)

    @classmethod
    def behind(cls, clock: datetime, watermark: datetime) -> "Judging":
        """greatest(least(clock, watermark), clock - wait) for each wait."""
        known = min(clock, watermark)
        return cls(clock, max(known, clock - U1_WAIT), max(known, clock - OTHER_WAIT))


U1_WAIT = timedelta(seconds=60)
OTHER_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Findings of one subject, and when to look again if nothing else happens."""

    findings: Sequence[Finding]
    wake_at: datetime | None
    incomplete: Sequence[Incomplete] = ()
    wake_u1: datetime | None = None
    """The first wake after `now.u1`. While the bus is behind, `wake_at` may be one that only waits for `now.other`, and
    a U1 deadline behind it must not wait as long."""
