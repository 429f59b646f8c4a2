"""The escalation policy: who is rung next, and when. Pure; frozen into a ring when the ladder starts.

R28 of the domain is this data, not a rule. Every rung has its time to acknowledge from the moment it was told, so a late
escalator delays the next rung but never takes time from it. Desks in or outside hours are chosen once, at raise,
reopening, rise, or for a newcomer: a directory loaded meanwhile changes nothing for a ladder under way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.directory.model import Directory
from services.rules.findings import Recipient, Urgency

UNACTED: Final = 2
"""An acknowledgement without an action holds for as long as this many rungs, then the ladder goes on."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One agency's ladder, as chosen when it started."""

    urgency: Urgency
    rungs: tuple[tuple[str, ...], ...]
    """Desks of each rung, as the directory names them seen from the agency: `desk`, or `agency/desk`."""
    patience: timedelta
    """What each rung has to acknowledge."""

    def desks(self, rung: int) -> tuple[str, ...]:
        """Return the desks of a rung, counted from 1; empty beyond the last."""
        return self.rungs[rung - 1] if rung <= len(self.rungs) else ()

    def due(self, started_at: datetime) -> datetime:
        """Return when a rung told at `started_at` has had its time."""
        return started_at + self.patience

    def expires(self, acknowledged_at: datetime) -> datetime:
        """Return when an acknowledgement without an action no longer holds."""
        return acknowledged_at + UNACTED * self.patience


def policy(directory: Directory, recipient: Recipient, urgency: Urgency, at: datetime) -> Policy | None:
    """Choose an agency's ladder now; None where the agency has no desk, or the urgency no ladder."""
    patience = directory.rung_after(recipient.agency, urgency, at)
    if patience is None:
        return None
    rungs = directory.ladder(recipient.agency, recipient.ladder, urgency, at)
    return Policy(urgency, tuple(rung.desks for rung in rungs), patience) if rungs else None


def desks_now(directory: Directory, recipient: Recipient, urgency: Urgency, at: datetime) -> tuple[str, ...]:
    """Return the desks an alert goes to first; at U3 and U4 those in whose queue it waits. Empty: told nothing."""
    rungs = directory.ladder(recipient.agency, recipient.ladder, urgency, at)
    return rungs[0].desks if rungs else ()


def policy_json(chosen: Policy) -> dict[str, Any]:
    """Return a policy as it is stored with a ring."""
    return {
        "urgency": int(chosen.urgency),
        "rungs": [list(desks) for desks in chosen.rungs],
        "patience_seconds": chosen.patience.total_seconds(),
    }


def policy_of(said: Mapping[str, Any]) -> Policy:
    """Read what `policy_json` wrote."""
    rungs: Sequence[Sequence[str]] = said["rungs"]
    return Policy(
        Urgency(said["urgency"]),
        tuple(tuple(desks) for desks in rungs),
        timedelta(seconds=said["patience_seconds"]),
    )


def desk_of(agency: str, path: str) -> tuple[str, str]:
    """Return the agency whose desk a rung's path names, and the desk."""
    owner, _, desk = path.rpartition("/")
    return owner or agency, desk
