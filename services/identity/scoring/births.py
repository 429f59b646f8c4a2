"""How two dates of birth agree, as far as both are known. Symmetric."""

from datetime import date, timedelta
from typing import Final

from rapidfuzz.distance import OSA

from services.identity.scoring.model import Seen
from services.identity.standardise import FULL_DATE, Standard

DECADE: Final = 10
"""Years."""
A_GENERATION: Final = 15
"""Years between two births from which one may be the other's parent."""


def birth(a: Standard, b: Standard) -> Seen | None:
    """How the dates of birth agree; None where one is missing."""
    if not a.born or not b.born:
        return None
    return Seen(*_level(a, b))


def born_apart(a: Standard, b: Standard) -> bool:
    """Whether two full dates of birth are surely of two people: not one, nor two slips of one, nor a default."""
    ours, theirs = a.born, b.born
    if len(ours) < FULL_DATE or len(theirs) < FULL_DATE or a.born_doubt or b.born_doubt or ours == theirs:
        return False
    swapped = ours[0] == theirs[0] and ours[1:] == theirs[:0:-1]
    return not (swapped or _a_decade(ours, theirs)) and OSA.distance(_digits(ours), _digits(theirs), score_cutoff=2) > 2  # noqa: PLR2004 - two slips


def another_child(a: Standard, b: Standard) -> str:
    """Why two records that may not name anybody are of two people all the same; "" if nothing says so."""
    if a.birth_order and b.birth_order:
        return "another child of one birth" if a.birth_order != b.birth_order else ""
    nameless = not any(name.given for name in (*a.names, *b.names))
    return "another sex, and no given name" if nameless and {a.sex, b.sex} == {"m", "f"} else ""


def is_slip_of(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two full dates are one, or one and a single slip of it."""
    return one == other or _full_dates(one, other) in {"swapped", "digit"}


def _level(a: Standard, b: Standard) -> tuple[str, str]:
    ours, theirs = a.born, b.born
    known = min(len(ours), len(theirs))
    if a.born_doubt or b.born_doubt:
        known = 1  # a default day proves nothing; that two systems wrote the same default does not either
    if known == FULL_DATE:
        return "born", "exact" if ours == theirs else _full_dates(ours, theirs)
    if known == 1:
        if ours[0] != theirs[0]:
            return "born_year", "next" if abs(ours[0] - theirs[0]) == 1 else _apart(ours, theirs)
        return "born_year", "default" if a.born_doubt and b.born_doubt else "same"
    if ours[0] == theirs[0]:
        return "born_month", "same" if ours[1] == theirs[1] else "year"
    return "born_month", _apart(ours, theirs)


def _full_dates(ours: tuple[int, ...], theirs: tuple[int, ...]) -> str:
    if ours[0] == theirs[0] and ours[1] == theirs[2] and ours[2] == theirs[1]:
        return "swapped"
    if (
        OSA.distance(_digits(ours), _digits(theirs), score_cutoff=1) <= 1
        or _next_day(ours, theirs)
        or _a_decade(ours, theirs)
    ):
        return "digit"
    # 30 January and 3 October: 0130 and 1003 are the same keys in another order.
    shuffled = ours[0] == theirs[0] and sorted(_digits(ours)) == sorted(_digits(theirs))
    if shuffled or sum(x == y for x, y in zip(ours, theirs, strict=True)) == FULL_DATE - 1:
        return "part"
    return _apart(ours, theirs)


def _a_decade(ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Whether only the decade differs, by one: 1993 and 2003 are no farther from each other than 1983 and 1993."""
    return ours[1:] == theirs[1:] and abs(ours[0] - theirs[0]) == DECADE


def _next_day(ours: tuple[int, ...], theirs: tuple[int, ...]) -> bool:
    """Whether one is the day after the other, over the end of a month too: born at midnight."""
    try:
        return abs(date(*ours) - date(*theirs)) == timedelta(days=1)
    except ValueError:  # a slip that is no date: 1994-02-30
        return False


def _apart(ours: tuple[int, ...], theirs: tuple[int, ...]) -> str:
    return "generation" if abs(ours[0] - theirs[0]) >= A_GENERATION else "close"


def _digits(born: tuple[int, ...]) -> str:
    return f"{born[0]:04}{born[1]:02}{born[2]:02}"
