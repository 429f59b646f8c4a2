"""An alert as it stands, and one change of it: frozen values that fold in memory as they do in the database.

`apply` is the whole fold. The evaluator writes the same changes to PostgreSQL; the in-memory trial keeps the states in
a dictionary; both therefore agree on what an alert is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.rules.findings import Anchor, Finding, Recipient, Urgency


class Condition(StrEnum):
    """Whether an alert stands, and if not, how it ended. `joined` is no condition: it is a link to an older alert."""

    STANDING = "standing"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    """Facts or identity were wrong, or an answer given in time arrived late."""
    SUPERSEDED = "superseded"
    """A new major version of its rule took its place."""


class Kind(StrEnum):
    """What happened to an alert in one evaluation. Several may happen at once, and then stand in this order."""

    RAISED = "raised"
    """Told for the first time; or, where `Change.silent`, first kept without telling anybody."""
    REOPENED = "reopened"
    RISEN = "risen"
    STEPPED = "stepped"
    ANSWERED = "answered"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"
    """Of the younger alert: linked to the older. Of the older: took the younger one in."""
    RESUMED = "resumed"
    """A joined alert that stands alone again after a split."""
    SUPERSEDED = "superseded"
    RECIPIENTS = "recipients"
    """Somebody is new to it, or handed over."""
    UPDATED = "updated"


class Why(StrEnum):
    """Why one recipient is told."""

    RAISED = "raised"
    REOPENED = "reopened"
    NEW = "new"
    """The alert stood already; this agency is new to it."""
    RISEN = "risen"
    STEPPED = "stepped"
    ENDED = "ended"
    JOINED = "joined"
    VIEW = "view"
    """What this agency may see changed."""
    HANDED_OVER = "handed-over"
    """The one note to an agency whose role ended; nothing follows it."""


RINGING: Final = frozenset({Urgency.U1, Urgency.U2})
"""Urgencies that have a ladder. U3 and U4 are told, and wait in a queue for the next working day."""


@dataclass(frozen=True, slots=True)
class RecipientState:
    """One agency on one alert: what it has been told so far."""

    recipient: Recipient
    added_at: datetime
    left_at: datetime | None = None
    told: bool = False
    version: int = 0
    """This agency's own count of what it was told. The alert's count would show it that hidden evidence came."""
    view: bytes | None = None
    """Hash of its view when it was last told; None: told of it only under an alert that joined this one."""

    @property
    def present(self) -> bool:
        """It is a recipient now."""
        return self.left_at is None


@dataclass(frozen=True, slots=True)
class AlertState:
    """An alert. `finding` is the newest content; for a withdrawn one, the last it had."""

    alert: int
    """Number inside the bus; negative while a change has not been given its number yet."""
    rule: str
    major: int
    anchor: Anchor
    """As raised: it follows its records through membership and is never rewritten."""
    owner_record: int
    """Whoever this record belongs to is the subject whose evaluation owns the alert."""
    raised_at: datetime
    """Domain time at which it was first kept. The older of two joined alerts is the one that stays."""
    changed_at: datetime
    condition: Condition
    silent: bool
    """The present episode is kept without telling: it rests on history alone, or was over when first seen."""
    version: int
    finding: Finding
    joined_to: int | None = None
    supersedes: int | None = None
    recipients: Mapping[str, RecipientState] = field(default_factory=dict)
    """By agency; those who left remain, with `left_at`."""

    @property
    def urgency(self) -> Urgency:
        """Urgency of its newest content."""
        return self.finding.urgency

    @property
    def rings(self) -> bool:
        """It stands, and somebody was or is being told."""
        return self.condition is Condition.STANDING and not self.silent


@dataclass(frozen=True, slots=True)
class Notice:
    """One agency is to be brought up to date; with `ring`, its ladder starts afresh."""

    agency: str
    why: Why
    ring: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What one evaluation did to one alert."""

    kinds: tuple[Kind, ...]
    at: datetime
    """Domain time of the evaluation."""
    before: AlertState | None
    after: AlertState
    notices: tuple[Notice, ...] = ()
    """In order of agency. Empty: nobody is told."""

    @property
    def alert(self) -> int:
        """Number of the alert; negative if this change creates it."""
        return self.after.alert

    @property
    def succeeded(self) -> int | None:
        """The alert of a lower major version whose place the one that this change creates takes."""
        return self.after.supersedes if self.before is None else None

    @property
    def silent(self) -> bool:
        """Nobody is told of this change."""
        return not self.notices


def apply(state: AlertState | None, change: Change, *, number: int | None = None) -> AlertState:
    """Return the alert after the change. `number` names one that the change creates.

    Raises:
        ValueError: the change was made of another state than this.
    """
    if state != change.before:
        raise ValueError(f"alert {change.alert}: this change was made of another state")
    return change.after if number is None else replace(change.after, alert=number)


def fold(alerts: dict[int, AlertState], changes: Iterable[Change]) -> list[Change]:
    """Apply changes to alerts held in memory, none of which is ever removed; return them with the numbers they were given."""
    numbered = []
    for change in changes:
        number = change.alert if change.before is not None else len(alerts) + 1
        alerts[number] = apply(change.before, change, number=number)
        numbered.append(replace(change, after=alerts[number]))
    return numbered
