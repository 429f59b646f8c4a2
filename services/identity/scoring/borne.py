"""How often one full name is borne, where that is known: names of one origin go together (Jan Kowalski), and a list of one
community bears few of them. Given and family name taken each by itself, all of them would look rare. Symmetric.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final

from services.identity.scoring.model import Model, Seen, kind_of
from services.identity.standardise import FullName, Standard

ONCE: Final = Seen("full_name", "once")
_MIDDLE: Final = "middle"
"""By a middle name a sister may be called: Natalia Malgorzata, whose sister is Malgorzata. That she bears it is not counted."""
_STRANGER: Final = 0
"""Place among RIVALS."""


def borne(one: FullName, other: FullName, seen: Sequence[Seen], by: Model) -> tuple[Seen, ...]:
    """By how much more often strangers agree in both names than `seen` counts, in thousandths of a bit; () where nothing is known.

    It never makes anything rarer: what bounds a weight from above stays a bound.
    """
    if not is_counted(by) or not _by_frequency(seen, by):
        return ()
    more = max(by.borne.get(name, 0) for name in _names(one, other)) or _unlisted(one, other, by)
    return (Seen("full_name", "often", more),) if more else ()


def borne_once(a: Standard, b: Standard, seen: Sequence[Seen], by: Model) -> tuple[Seen, ...]:
    """Whether hardly anybody else bears their name, as far as dates of birth tell: then a father or another of the
    name would be somebody whose date nobody ever wrote. Of two who both have a date it says nothing: the date does. Nor of a
    first of January: who was given one may be the other of that name, and in some communities one in six was.
    """
    dated = a.born_doubt or b.born_doubt or any(one.comparison == "born" for one in seen)
    of_another = any(one.comparison == "given" and one.level == _MIDDLE for one in seen)
    if not is_counted(by) or dated or of_another or not _by_frequency(seen, by):
        return ()
    pairs = product(a.names, b.names)
    return () if any(name in by.borne for one, other in pairs for name in _names(one, other)) else (ONCE,)


def is_counted(by: Model) -> bool:
    """Whether it is known how often full names are borne."""
    return by.unlisted is not None


def _unlisted(one: FullName, other: FullName, by: Model) -> int:
    """How names that few bear go together. Of a name and a slip of it the tables know the name."""
    if not by.unlisted:
        return 0
    kinds = {kind_of(each.given, each.family, by) for each in (one, other)}
    return min(by.unlisted.get(kind, 0) for kind in kinds)


def _names(one: FullName, other: FullName) -> Iterable[tuple[str, str]]:
    return product({one.given, other.given}, {one.family, other.family})


def _by_frequency(seen: Sequence[Seen], by: Model) -> bool:
    """Whether both names agree, and strangers would as often as the names are frequent."""
    counted = {one.comparison for one in seen if by.rows[one.comparison, one.level].rivals[_STRANGER] is None}
    return {"given", "family"} <= counted or any(one.level == "swapped" for one in seen)
