"""Who leads on a person, and when: dated holdings from `<sector>.lead-role.started` and `.ended`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules.view import Types, View
from services.rules.words import times

PROBATION: Final = "probation-lead"
POLICE: Final = "police-lead"
MAPPA: Final = "mappa-lead"
PRISON: Final = "prison"
APPROVED_PREMISES: Final = "approved-premises"
LEADS: Final = frozenset({PROBATION, POLICE, MAPPA, PRISON, APPROVED_PREMISES})
PLACES: Final = frozenset({PRISON, APPROVED_PREMISES})
"""Roles that somebody holds only while he is there: nobody is missed where he is not."""
MANAGING: Final = frozenset({PROBATION, POLICE, MAPPA})
OWNING: Final = (PROBATION, POLICE)
"""Roles whose holders own an alert about somebody they lead on."""

STARTED: Final = Types.of(["*.lead-role.started"])
"""Without any of these nobody leads on anybody."""
_ENDED: Final = Types.of(["*.lead-role.ended"])


@dataclass(frozen=True, slots=True)
class Held:
    """An agency's holding of a lead role over [start, end)."""

    agency: str
    role: str
    start: datetime
    end: datetime | None
    fact: Fact
    """The record that it began."""

    def at(self, moment: datetime) -> bool:
        """Say whether the role is held at this moment."""
        return self.start <= moment and (self.end is None or moment < self.end)


def holdings(view: View, person: int) -> Sequence[Held]:
    """Return every holding of a lead role for a person, past and to come."""
    return view.memo(("roles", person), lambda: _holdings(view, person))


def holders(view: View, person: int, role: str, at: datetime) -> list[str]:
    """Return the agencies that hold the role at a moment: two during a shared transfer."""
    return sorted({held.agency for held in holdings(view, person) if held.role == role and held.at(at)})


def last_holders(view: View, person: int, role: str, at: datetime) -> tuple[list[str], datetime | None]:
    """Return who held the role last before a moment at which nobody does, and until when."""
    ended = [
        held
        for held in holdings(view, person)
        if held.role == role and held.end is not None and held.end <= at and held.start < held.end
    ]
    if not ended or holders(view, person, role, at):
        return [], None
    last = max(held.end for held in ended if held.end is not None)
    return sorted({held.agency for held in ended if held.end == last}), last


def leads(view: View, person: int, agency: str, at: datetime) -> bool:
    """Say whether the agency holds any lead role for the person at a moment."""
    return any(held.agency == agency and held.at(at) for held in holdings(view, person))


def managed(view: View, person: int, at: datetime) -> bool:
    """Say whether somebody leads on the person: probation, police or MAPPA."""
    return any(held.role in MANAGING and held.at(at) for held in holdings(view, person))


def changes(view: View, person: int) -> list[datetime]:
    """Return the moments at which a holding begins or ends: times to look again."""
    return [edge for held in holdings(view, person) for edge in (held.start, held.end) if edge is not None]


def _holdings(view: View, person: int) -> list[Held]:
    ends = [fact for fact in view.facts(_ENDED) if view.names(fact, person, "subject")]
    started = [fact for fact in view.facts(STARTED) if view.names(fact, person, "subject")]
    found = [
        Held(_holder(fact), str(fact.fields.get("role")), start, _end(fact, start, started, ends), fact)
        for fact in started
        for start in [_moment(fact, "starts")]
    ]
    return sorted(found, key=lambda held: (held.start, held.agency, held.role))


def _holder(fact: Fact) -> str:
    return str(fact.fields.get("held_by") or fact.agency)


def _moment(fact: Fact, name: str) -> datetime:
    """The instant stated; else when it happened. Of a span, a start is its first moment and an end its last."""
    span = times.stated(fact.fields.get(name))
    if span is None or (span.earliest is None and span.latest is None):
        return times.starts(fact, "occurred") if name == "starts" else times.ends(fact, "occurred")
    first, last = (span.earliest or span.latest, span.latest or span.earliest)
    moment = first if name == "starts" else last
    return moment if moment is not None else fact.known_at


def _end(start: Fact, since: datetime, started: list[Fact], ended: list[Fact]) -> datetime | None:
    """The end known last, before the same agency starts again; else the end stated at the start."""
    again = [
        moment
        for fact in started
        if _same(fact, start) and fact is not start
        for moment in [_moment(fact, "starts")]
        if moment > since
    ]
    limit = min(again, default=None)
    ends = [
        moment
        for fact in ended
        if _same(fact, start)
        for moment in [_moment(fact, "ends")]
        if moment >= since and (limit is None or moment <= limit)
    ]
    if ends:
        return ends[-1]
    span = times.stated(start.fields.get("ends"))
    return span.latest if span is not None else None


def _same(fact: Fact, other: Fact) -> bool:
    return _holder(fact) == _holder(other) and fact.fields.get("role") == other.fields.get("role")
