"""What was seen, weighed against every rival at once: w = log2 P(seen | same) - log2 of the sum over rivals."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from services.identity.scoring.model import MILLI, Model, Seen

_FARTHEST: Final = 12 * MILLI
"""A rival that much less likely than another changes nothing in thousandths of a bit."""
_MORE: Final = tuple(round(MILLI * math.log2(1 + 2 ** (-apart / MILLI))) for apart in range(_FARTHEST))
"""By how much two rivals together are likelier than the likelier one, by how far they are apart."""


def against_each(model: Model, seen: Iterable[Seen]) -> list[int]:
    """The weight against each rival alone, in the order of RIVALS: thousandths of a bit, sums of whole numbers."""
    stranger, household, twin, namesake, shared = model.priors
    rows = model.rows
    for comparison, level, chance in seen:
        same, (of_stranger, of_household, of_twin, of_namesake, of_shared) = rows[comparison, level]
        stranger += same - (chance if of_stranger is None else of_stranger)
        household += same - (chance if of_household is None else of_household)
        twin += same - (chance if of_twin is None else of_twin)
        namesake += same - (chance if of_namesake is None else of_namesake)
        shared += same - (chance if of_shared is None else of_shared)
    return [stranger, household, twin, namesake, shared]


def against_all(each: Sequence[int]) -> int:
    """The weight against all rivals together."""
    total = each[0]
    for one in each[1:]:
        total = together(total, one)
    return total


def together(one: int, other: int) -> int:
    """The weight against two rivals, from the weights against each."""
    apart = abs(one - other)
    return min(one, other) - (_MORE[apart] if apart < _FARTHEST else 0)
