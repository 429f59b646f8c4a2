"""What is told to whom: the notices of a change turned into desks to reach and ladders to start. Pure.

An endpoint that knows the alert is brought up to date by whatever tells its agency. Only a raise, a reopening, a rise or
a newcomer chooses desks anew, by the hour; for these the ladder's first rung is that choice.
"""

from dataclasses import dataclass
from typing import Final

from services.alerts.ladder import Policy, desk_of, desks_now, policy
from services.alerts.state import Change, Why
from services.directory.model import Directory

CHOOSES_DESKS: Final = frozenset({Why.RAISED, Why.REOPENED, Why.RISEN, Why.NEW})
ENDS: Final = frozenset({Why.ENDED, Why.HANDED_OVER})
"""Only endpoints that were told of the alert are told of these."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One agency to be brought up to date on one alert."""

    alert: int
    agency: str
    why: Why
    version: int
    """The agency's own count, which the message names."""
    desks: tuple[tuple[str, str], ...]
    """(agency, desk) to reach now. Empty: the agency has no desk, or only what already knows is told."""
    chosen_anew: bool
    """The desks are those of this hour; else they serve only an agency none of whose endpoints knows the alert."""
    policy: Policy | None
    """The ladder that starts now."""


def tellings(change: Change, directory: Directory) -> list[Telling]:
    """Return what the change tells, in order of agency. An agency without a desk is told nothing, and is no recipient."""
    found = []
    present = [state.recipient for state in change.after.recipients.values() if state.present]
    for notice in change.notices:
        state = change.after.recipients[notice.agency]
        urgency = change.after.urgency
        ladder = policy(directory, state.recipient, urgency, change.at, present) if notice.ring else None
        paths: tuple[str, ...] = ()
        if notice.why not in ENDS:
            paths = ladder.desks(1) if ladder else desks_now(directory, state.recipient, urgency, change.at)
            if not paths:
                continue
        found.append(
            Telling(
                alert=change.alert,
                agency=notice.agency,
                why=notice.why,
                version=state.version,
                desks=tuple(desk_of(notice.agency, path) for path in paths),
                chosen_anew=notice.why in CHOOSES_DESKS,
                policy=ladder,
            )
        )
    return found
