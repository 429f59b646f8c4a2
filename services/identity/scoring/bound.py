"""The most two records can weigh, told for a third of the cost of weighing them: nearly all that meet at a key are nobody.

A bound, never an estimate. Dates, homes, telephones and numbers count as they are, and so does each box of a name against the
same box; where a name may also agree by a middle name, as whatever weighs most. Worked out
from the model's own rows, so that another model has another bound. Symmetric.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Final

from services.identity.scoring.model import MODEL, RIVALS, Row, Seen
from services.identity.scoring.names import as_called, crossed_fit, family_fit, given_fit, left_out_fit, middle_fit
from services.identity.standardise import FullName, Standard

Bound = tuple[int, int, int]
"""Thousandths of a bit against each of WEIGHED."""

WEIGHED: Final = tuple(RIVALS.index(rival) for rival in ("stranger", "household", "namesake"))
"""The rivals that explain best what has little of a name in common. One that leaves too little is enough, and three are soon added up."""
REMEMBERED: Final = 65_536
"""Pairs of names: some 20 MB."""

_STRANGER, _HOUSEHOLD, _NAMESAKE = WEIGHED
_RAREST: Final = min(*MODEL.given.values(), *MODEL.family.values(), MODEL.unknown_given, MODEL.unknown_family)
"""log2 of the share of people with the rarest name."""
_FROM_MIDDLE: Final = frozenset({"middle", "doubled"})
"""Levels of the given name that only a middle name makes."""
_BEYOND: Final = 1_000_000
"""Thousandths of a bit that nothing weighs."""


def at_most(a: Standard, b: Standard, beside: Sequence[int]) -> int:
    """The most that two records can weigh, in thousandths of a bit.

    `beside` is what all but names and sex weighs against each of RIVALS, what is known beforehand included.
    """
    named = _NOTHING
    if len(a.names) == len(b.names) == 1:
        named = _names(a.names[0], b.names[0])
    elif a.names and b.names:
        stranger, household, namesake = zip(
            *(_names(one, other) for one, other in product(a.names, b.names)), strict=True
        )
        named = max(stranger), max(household), max(namesake)
    sexes = _NOTHING
    if a.sex and b.sex:
        sexes = _SEXES["differ" if a.sex != b.sex else "women" if a.sex == "f" else "same"]
    return min(
        beside[_STRANGER] + named[0] + sexes[0],
        beside[_HOUSEHOLD] + named[1] + sexes[1],
        beside[_NAMESAKE] + named[2] + sexes[2],
    )


def _names(one: FullName, other: FullName) -> Bound:
    """Of two full names: whatever `names.fit` would say weighs no more."""
    if not (one.family or other.given) or not (other.family or one.given):
        return _ANYHOW  # one word that stands in the other's other box
    if crossed := crossed_fit(one, other):
        found = _of(crossed)
        return _sum(found, _VIA) if one.kind or other.kind else found
    if one.middle or other.middle:
        one, other = as_called(one, other)
    found = _NOTHING
    if one.given and other.given:
        found = _given(one.given, other.given)
        if one.middle or other.middle:
            found = _most(found, _CALLED)
    if one.family and other.family:
        left_out = left_out_fit(one, other)
        found = _sum(found, _of(left_out) if left_out else _family(one.family, other.family))
    if one.middle and other.middle:
        # Where somebody is called by the middle name it is not counted twice.
        found = _sum(found, _most(_NOTHING, _of(middle_fit(one.middle, other.middle))))
    if one.kind or other.kind:
        found = _sum(found, _VIA)
    return found


@lru_cache(REMEMBERED)
def _given(one: str, other: str) -> Bound:
    return _of(given_fit(one, other))


@lru_cache(REMEMBERED)
def _family(one: str, other: str) -> Bound:
    seen = family_fit(one, other)
    return _OTHER if seen.level == "other" and seen.comparison == "family" else _of(seen)


def _of(seen: Seen) -> Bound:
    return _weights(MODEL.rows[seen.comparison, seen.level], seen.chance)


def _weights(row: Row, chance: int) -> Bound:
    """What a level weighs against each of WEIGHED, if strangers agree in the value so often."""
    stranger, household, namesake = row.rivals[_STRANGER], row.rivals[_HOUSEHOLD], row.rivals[_NAMESAKE]
    return (
        row.same - (chance if stranger is None else stranger),
        row.same - (chance if household is None else household),
        row.same - (chance if namesake is None else namesake),
    )


def _sum(one: Bound, other: Bound) -> Bound:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _most(one: Bound, other: Bound) -> Bound:
    return max(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2])


def _most_of(levels: Iterable[tuple[str, str]]) -> Bound:
    found = -_BEYOND, -_BEYOND, -_BEYOND
    for level in levels:
        found = _most(found, _weights(MODEL.rows[level], _RAREST))
    return found


_NOTHING: Final = (0, 0, 0)
_ANYHOW: Final = (_BEYOND, _BEYOND, _BEYOND)
_OTHER: Final = _most_of(("family", level) for level in ("other", "other_woman"))
_VIA: Final = _most_of((of, level) for of, level in MODEL.rows if of == "via")
_CALLED: Final = _most_of(("given", level) for level in _FROM_MIDDLE)
_SEXES: Final = {level: _most_of((of, level) for of in ("sex", "sex_named")) for level in ("same", "women", "differ")}
