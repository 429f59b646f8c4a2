"""How two dates of birth agree, as far as both are known. Symmetric."""

from typing import Final

from rapidfuzz.distance import OSA

from services.identity.scoring.model import Seen
from services.identity.standardise import FULL_DATE, Standard

A_GENERATION: Final = 15
"""Years between two births from which one may be the other's parent."""


def birth(a: Standard, b: Standard) -> Seen | None:
    """How the dates of birth agree; None where one is missing."""
    if not a.born or not b.born:
        return None
    return Seen(*_level(a, b))


def _level(a: Standard, b: Standard) -> tuple[str, str]:
    ours, theirs = a.born, b.born
    known = min(len(ours), len(theirs))
    if a.born_doubt or b.born_doubt:
        known = 1  # a default day proves nothing; that two systems wrote the same default does not either
    if known == FULL_DATE:
        return "born", "exact" if ours == theirs else _full_dates(ours, theirs)
    if known == 1:
        return "born_year", "same" if ours[0] == theirs[0] else _apart(ours, theirs)
    if ours[0] == theirs[0]:
        return "born_month", "same" if ours[1] == theirs[1] else "year"
    return "born_month", _apart(ours, theirs)


def _full_dates(ours: tuple[int, ...], theirs: tuple[int, ...]) -> str:
    if ours[0] == theirs[0] and ours[1] == theirs[2] and ours[2] == theirs[1]:
        return "swapped"
    if OSA.distance(_digits(ours), _digits(theirs), score_cutoff=1) <= 1:
        return "digit"
    if sum(x == y for x, y in zip(ours, theirs, strict=True)) == FULL_DATE - 1:
        return "part"
    return _apart(ours, theirs)


def _apart(ours: tuple[int, ...], theirs: tuple[int, ...]) -> str:
    return "generation" if abs(ours[0] - theirs[0]) >= A_GENERATION else "close"


def _digits(born: tuple[int, ...]) -> str:
    return f"{born[0]:04}{born[1]:02}{born[2]:02}"
