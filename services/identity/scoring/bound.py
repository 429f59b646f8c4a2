"""The most two records can weigh, before their names are weighed: nearly all that meet at a key are nothing to each other.

A bound, never an estimate: dates, homes, telephones and numbers count as they are, names that are not the same as whatever
likeness would weigh most. Worked out from the model's own rows, so that another model has another bound; a way of agreeing
this module has not heard of counts as if it were as rare as the rarest name. Symmetric.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import product
from typing import Final

from services.identity.scoring.model import MODEL, RIVALS, Row
from services.identity.scoring.names import (
    FAMILY,
    GIVEN,
    MISSPELT,
    family_chance,
    given_chance,
    in_one_box,
    initial_chance,
    lookalikes,
    middle,
)
from services.identity.scoring.slips import Spellings
from services.identity.standardise import FullName, Standard

Bound = tuple[int, int, int]
"""Thousandths of a bit against each of WEIGHED."""

WEIGHED: Final = tuple(RIVALS.index(rival) for rival in ("stranger", "household", "namesake"))
"""The rivals that explain best what has no name in common. One that leaves too little is enough, and three are soon added up."""
REMEMBERED: Final = 65_536
"""Pairs of names: some 20 MB."""

_RAREST: Final = min(*MODEL.given.values(), *MODEL.family.values(), MODEL.unknown_given, MODEL.unknown_family)
"""log2 of the share of people with the rarest name."""
_FORMS: Final = frozenset({"nick", "cousin", "variant", "gender"})
"""Levels at which strangers' names are as common as either of the two."""
_SLIPS: Final = frozenset({"slip", "letter", "near", "short"})
"""Levels at which they are as common as either misspelt, and at the least as its lookalikes."""
_MISSPELT: Final = frozenset({"misspelt"})
"""Levels at which they are as common as the commoner of the two that is known as a name, misspelt."""
_FROM_MIDDLE: Final = frozenset({"middle", "doubled"})
"""Levels that only a middle name makes."""
_FAR_BELOW: Final = -1_000_000
"""Of a level that has no such weight."""


def at_most(a: Standard, b: Standard, beside: Sequence[int]) -> int:
    """The most that two records can weigh, in thousandths of a bit.

    `beside` is what all but names and sex weighs against each of RIVALS, what is known beforehand included.
    """
    pairs = [_names(one, other) for one, other in product(a.names, b.names)]
    named = pairs[0] if len(pairs) == 1 else tuple(map(max, *pairs)) if pairs else _NOTHING
    sexes = _SEXES[_agreement(a.sex, b.sex)]
    return min(beside[rival] + name + sex for rival, name, sex in zip(WEIGHED, named, sexes, strict=True))


def _agreement(one: str | None, other: str | None) -> str:
    if not one or not other:
        return ""
    if one != other:
        return "differ"
    return "women" if one == "f" else "same"


def _names(one: FullName, other: FullName) -> Bound:
    """Of two full names: whatever `names.fit` would say weighs no more."""
    if not (one.family or other.given) or not (other.family or one.given):
        return _ANYHOW  # one word that stands in the other's other box
    swapped = one.given != other.given and one.family != other.family
    both = max(given_chance(name.given) + family_chance(name.family) for name in (one, other)) if swapped else 0
    one, other = in_one_box(one, other), in_one_box(other, one)
    middles = bool(one.middle or other.middle)
    given = _given(one.given, other.given, middles) if one.given and other.given else _NOTHING
    family = _family(one.family, other.family) if one.family and other.family else _NOTHING
    found = _sum(given, family)
    if swapped:
        found = _most(found, _weights(MODEL.rows["given", "swapped"], both))
    if one.middle and other.middle:
        seen = middle(one.middle, other.middle)
        # Where somebody is called by the middle name it is not counted twice.
        found = _sum(found, _most(_NOTHING, _weights(MODEL.rows[seen.comparison, seen.level], seen.chance)))
    if one.kind or other.kind:
        found = _sum(found, _VIA)
    return found


@lru_cache(REMEMBERED)
def _given(one: str, other: str, middles: bool) -> Bound:
    if len(one) == 1 or len(other) == 1:
        found = _initials("given_initial", one, other)
    elif one.replace(" ", "") == other.replace(" ", ""):
        return _weights(MODEL.rows["given", "exact"], max(given_chance(one), given_chance(other)))
    else:
        found = _unlike("given", one, other, GIVEN, given_chance(one), given_chance(other))
    return _most(found, _CALLED) if middles else found


@lru_cache(REMEMBERED)
def _family(one: str, other: str) -> Bound:
    if len(one) == 1 or len(other) == 1:
        return _initials("family_initial", one, other)
    if one == other:
        return _weights(MODEL.rows["family", "exact"], family_chance(one))
    return _unlike("family", one, other, FAMILY, family_chance(one), family_chance(other))


def _initials(comparison: str, one: str, other: str) -> Bound:
    same = one[0] == other[0]
    return _weights(MODEL.rows[comparison, "same" if same else "other"], initial_chance(one) if same else 0)


def _unlike(comparison: str, one: str, other: str, known: Spellings, chance: int, others: int) -> Bound:
    """Of two names that are not the same: the most of all levels they may have."""
    either = max(chance, others)
    meant = max(chance if one in known else _RAREST, others if other in known else _RAREST)
    as_common = either, max(either + MISSPELT, lookalikes(one, other)), meant + MISSPELT
    found = _ELSE[comparison]
    for same, common in zip(_IF_AS_COMMON[comparison], as_common, strict=True):
        found = _most(found, (same[0] - common, same[1] - common, same[2] - common))
    return found


def _weights(row: Row, chance: int) -> Bound:
    """What a level weighs against each of WEIGHED, if strangers agree in the value so often."""
    stranger, household, namesake = (row.rivals[rival] for rival in WEIGHED)
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
    found = _FLOOR
    for level in levels:
        found = _most(found, _weights(MODEL.rows[level], _RAREST))
    return found


_NOTHING: Final = (0, 0, 0)
_FLOOR: Final = (_FAR_BELOW, _FAR_BELOW, _FAR_BELOW)
_ANYHOW: Final = (-_FAR_BELOW, -_FAR_BELOW, -_FAR_BELOW)
_VIA: Final = _most_of((of, level) for of, level in MODEL.rows if of == "via")
_CALLED: Final = _most_of(("given", level) for level in _FROM_MIDDLE)
_SEXES: Final = {"": _NOTHING} | {
    level: _most_of((of, level) for of in ("sex", "sex_named")) for level in ("same", "women", "differ")
}


def _if_as_common(comparison: str, levels: Iterable[str]) -> Bound:
    """The most these levels weigh if strangers always agreed so; only against rivals whose likelihood is the value's."""
    rows = [row for (of, level), row in MODEL.rows.items() if of == comparison and level in levels]
    of_value = (max((row.same for row in rows if row.rivals[rival] is None), default=_FAR_BELOW) for rival in WEIGHED)
    return tuple(of_value)


def _else(comparison: str) -> Bound:
    """The most any level weighs that two names may have which are not the same, if not for how common they are."""
    found = _FLOOR
    for (of, level), row in MODEL.rows.items():
        if of == comparison and level not in _FROM_MIDDLE | {"exact", "swapped"}:
            # As good as impossible, for these are bounded by the names themselves.
            chance = -_FAR_BELOW if level in _FORMS | _SLIPS | _MISSPELT else _RAREST
            found = _most(found, _weights(row, chance))
    return found


_IF_AS_COMMON: Final = {
    comparison: [_if_as_common(comparison, levels) for levels in (_FORMS, _SLIPS, _MISSPELT)]
    for comparison in ("given", "family")
}
_ELSE: Final = {comparison: _else(comparison) for comparison in ("given", "family")}
