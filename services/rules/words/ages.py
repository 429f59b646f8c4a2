"""How old somebody was: from partial dates of birth, which only ever possibly say."""

from datetime import datetime
from functools import lru_cache
from typing import Final

from services import calendar
from services.rules.view import View
from services.rules.words import times

ADULT: Final = 18
CHILD_ROLES: Final = frozenset({"child"})


def under(view: View, person: int, years: int, at: datetime) -> bool | None:
    """Say whether a person was under an age at a moment; None if no date of birth says.

    A date of birth only partly known counts at its latest: possibly a child is a child.
    """
    born = view.memo(("born", person), lambda: _born(view, person))
    if born is None:
        return None
    return _birthday(born, years) > at


def maybe_child(view: View, person: int, at: datetime) -> bool:
    """Say whether somebody claimed to be an adult's child may be one: under 18 unless a date of birth says otherwise."""
    return under(view, person, ADULT, at) is not False


def child(view: View, person: int, at: datetime) -> bool:
    """Say whether a person is a child: under 18, or without any date of birth named in the role of a child."""
    known = under(view, person, ADULT, at)
    if known is not None:
        return known
    return any(mention.role in CHILD_ROLES for _, mention in view.mentions(person))


def ever_child(view: View) -> bool:
    """Say whether a case's subject may have been a child at anything in it, or within a year before that."""
    return view.memo("ever a child", lambda: _ever_child(view))


def _ever_child(view: View) -> bool:
    born = view.memo(("born", view.subject), lambda: _born(view, view.subject))
    if born is None:
        return True
    first = min((fact.occurred.earliest or fact.known_at for fact in view.case.facts), default=born)
    return _birthday(born, ADULT + 1) > first


@lru_cache(maxsize=20_000)
def _birthday(born: datetime, years: int) -> datetime:
    return calendar.add_months(born, 12 * years)


def _born(view: View, person: int) -> datetime | None:
    """The start of the last day that the most exact date of birth allows."""
    best: tuple[int, str] | None = None
    for _, mention in view.mentions(person):
        born = mention.body.get("born")
        if isinstance(born, str) and (best is None or (len(born), born) > best):
            best = (len(born), born)
    return _last_day(best[1]) if best else None


@lru_cache(maxsize=20_000)
def _last_day(born: str) -> datetime | None:
    span = times.stated(born)
    return calendar.add_days(span.latest, -1) if span is not None and span.latest is not None else None
