"""How often one full name is borne, where that is known: names of one origin go together (Jan Kowalski), and a list of one
community bears few of them. Given and family name taken each by itself, all of them would look rare. Symmetric.
"""

from collections.abc import Sequence
from itertools import product

from services.identity.scoring.model import Model, Seen
from services.identity.standardise import FullName

_STRANGER = 0
"""Place among RIVALS."""


def borne(one: FullName, other: FullName, seen: Sequence[Seen], by: Model) -> tuple[Seen, ...]:
    """By how much more often strangers agree in both names than `seen` counts, in thousandths of a bit; () where nothing is known.

    It never makes anything rarer: what bounds a weight from above stays a bound.
    """
    if not by.borne or not _by_frequency(seen, by):
        return ()
    more = max(
        by.borne.get((given, family), 0)
        for given, family in product({one.given, other.given}, {one.family, other.family})
    )
    return (Seen("full_name", "often", more),) if more else ()


def _by_frequency(seen: Sequence[Seen], by: Model) -> bool:
    """Whether both names agree, and strangers would as often as the names are frequent."""
    counted = {one.comparison for one in seen if by.rows[one.comparison, one.level].rivals[_STRANGER] is None}
    return {"given", "family"} <= counted or any(one.level == "swapped" for one in seen)
