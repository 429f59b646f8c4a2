"""The escalation policy: who is rung next, and when. Pure; frozen into a ring when the ladder starts.

R28 of the domain is this data, not a rule. Every rung has its time to acknowledge from the moment it was told, so a late
escalator delays the next rung but never takes time from it. Desks in or outside hours are chosen once, at raise,
reopening, rise, or for a newcomer: a directory loaded meanwhile changes nothing for a ladder under way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.directory.model import Directory
from services.rules.findings import Recipient, Urgency

RUNGS_LEAST: Final = 4
"""Rungs of any ladder, the last of them another agency on the alert (domain A3b, R28): a silent agency must not end it."""
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


def policy(
    directory: Directory, recipient: Recipient, urgency: Urgency, at: datetime, others: Iterable[Recipient] = ()
) -> Policy | None:
    """Choose an agency's ladder now; None where the agency has no desk, or the urgency no ladder.

    `others` are the other agencies on the alert. The directory's own rungs come first; where they are too few, all of their
    desks are rung together until only the last rung is left, which is a desk of another agency, if there is any.
    """
    patience = directory.rung_after(recipient.agency, urgency, at)
    rungs = [rung.desks for rung in directory.ladder(recipient.agency, recipient.ladder, urgency, at)]
    if patience is None or not rungs:
        return None
    every = tuple(dict.fromkeys(desk for rung in rungs for desk in rung))
    last = _elsewhere(directory, recipient.agency, urgency, at, others)
    while len(rungs) + bool(last) < RUNGS_LEAST:
        rungs.append(every)
    return Policy(urgency, (*rungs, *((last,) if last else ())), patience)


def _elsewhere(
    directory: Directory, agency: str, urgency: Urgency, at: datetime, others: Iterable[Recipient]
) -> tuple[str, ...]:
    """The desks at which another agency on the alert is reached: of several, the one that is shown most."""
    for other in sorted(others, key=lambda other: (-other.shown, other.agency)):
        if other.agency != agency:
            desks = desks_now(directory, other, urgency, at)
            if desks:
                return tuple("/".join(desk_of(other.agency, path)) for path in desks)
    return ()


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
