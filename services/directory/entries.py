"""The entries of the directory: areas, agencies, desks with hours, ladders, channels, coverage and agreements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from services import calendar


class DirectoryError(ValueError):
    """The mapping names something that is not there. `path` leads to the place, key by key."""

    def __init__(self, path: tuple[str | int, ...], reason: str) -> None:
        super().__init__(f"{'.'.join(map(str, path))}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Valid:
    """[since, until); None on a side means always."""

    since: datetime | None = None
    until: datetime | None = None

    def at(self, moment: datetime) -> bool:
        """Say whether the entry holds at this moment."""
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)

    @property
    def edges(self) -> tuple[datetime, ...]:
        """The moments at which it begins and ends, where there are such."""
        return tuple(moment for moment in (self.since, self.until) if moment is not None)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk is staffed, London local time; always if `start` is None."""

    start: time | None = None
    end: time | None = None
    daily: bool = False
    """Every day; else Monday to Friday but bank holidays."""

    def open_at(self, moment: datetime) -> bool:
        """Say whether the desk is staffed; [start, end)."""
        if self.start is None or self.end is None:
            return True
        local = calendar.london(moment)
        return self.start <= local.time() < self.end and (self.daily or calendar.working_day(local.date()))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people answer."""

    agency: str
    id: str
    name: str
    hours: Hours
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder."""

    n: int
    """Counted from 1."""
    desks: tuple[str, ...]
    """Desk ids of the agency; another agency's desk as `<agency>/<desk>` (see `Directory.desk`)."""
    after: timedelta
    """Since the ladder began, if nobody has acknowledged by then; zero for the first rung."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Desks of each rung, in hours and outside them."""

    in_hours: tuple[tuple[str, ...], ...]
    outside: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel professionals are bound to read, known by its token only."""

    name: str
    token: str | None
    valid: Valid


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency on the bus."""

    id: str
    name: str
    sector: str
    areas: tuple[str, ...]
    desks: Mapping[str, Desk]
    ladders: Mapping[str, Ladder]
    otherwise: str | None
    """The ladder of a function it does not name; None = it has no desk and is told nothing."""
    channels: tuple[Channel, ...]
    valid: Valid


@dataclass(frozen=True, slots=True)
class Area:
    """An area and those it lies directly in."""

    id: str
    name: str
    within: tuple[str, ...]
    valid: Valid


@dataclass(frozen=True, slots=True)
class Coverage:
    """An exception to "an agency publishes every type of its sector"."""

    type: str | None
    only: frozenset[str]
    agency: str | None
    types: frozenset[str] | None
    but: frozenset[str]
    valid: Valid


@dataclass(frozen=True, slots=True)
class Agreement:
    """A sharing agreement, compiled to masks by services/disclosure/agreements.py."""

    id: str
    sources: tuple[str, ...]
    recipients: tuple[str, ...]
    purpose: str
    legal_basis: str
    regime: str
    event_types: tuple[str, ...]
    fields: tuple[str, ...]
    shown: int
    valid: Valid


def unversioned(event_type: str) -> str:
    """Return the type without its version: `police.message.reported.v1` -> `police.message.reported`."""
    head, dot, last = event_type.rpartition(".")
    return head if dot and last[:1] == "v" and last[1:].isdigit() else event_type
