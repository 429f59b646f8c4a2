"""When somebody is to leave prison: what was stated of each release, and whether it happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from services import calendar
from services.chronology.facts import Fact
from services.rules.view import Types, View
from services.rules.words import times

_PLANNED: Final = Types.of(["prison.release.planned"])
_RELEASED: Final = Types.of(["prison.person.released"])

Statement = tuple[datetime, Fact]
"""The end of the day of release as stated, and the event that states it."""


def planned(view: View, person: int) -> Mapping[str, Sequence[Statement]]:
    """Return what was stated of each release of a person, by its name, earliest known first."""
    return view.memo(("releases", person), lambda: _planned(view, person))


def next_after(view: View, person: int, moment: datetime) -> Statement | None:
    """Return the release that was stated last of those that lie after a moment."""
    newest = [statements[-1] for statements in planned(view, person).values()]
    later = [statement for statement in newest if statement[0] > moment]
    return max(later, key=lambda statement: (statement[1].known_at, statement[1].ref), default=None)


def releases(view: View, person: int) -> Sequence[Fact]:
    """Return the records of a person's releases, earliest known first."""
    return [fact for fact in view.facts(_RELEASED) if view.names(fact, person, "subject")]


def _planned(view: View, person: int) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for fact in view.facts(_PLANNED):
        span = times.stated(fact.fields.get("date"))
        if span is None or span.latest is None or not view.names(fact, person, "subject"):
            continue
        # Of a date known only as a month, the end of its first day: it may be then.
        end = span.latest if span.earliest is None else min(span.latest, calendar.add_days(span.earliest, 1))
        found.setdefault(str(fact.fields.get("release")), []).append((end, fact))
    return found
