"""The lists as something to draw from: weighted names, short forms, spellings, streets. Built once for each process."""

import random
from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Final, NamedTuple

from tests.bench.identity.generator.names import BRITISH, ENDINGS, OTHERS, SHORT_FORMS, SPELLINGS, STEMS, Community

COMMON: Final = 0.42
"""Share of the British whose family name is a listed one; the others have composed ones (ONS: the commonest 150 names
cover about two in five)."""
ERA: Final = 35
"""Names that are in fashion together: a given name is drawn around the place its year of birth has in the list."""
FIRST_BORN, LAST_BORN = 1930, 2024
_STREET_NAMES: Final = """
    Foundry Tannery Quarry Cooper Saddler Weaver Larkspur Bramble Orchard Meadow Spinney Chapel Priory Abbey Vicarage
    Railway Canal Wharf Harbour Mariner Nelson Wellington Gladstone Albert Trafalgar Jubilee Coronation Cromwell
    Hawthorn Sycamore Juniper Chestnut Lilac Primrose Kestrel Falcon Plover Curlew Beacon Summit Valley Riverside
"""
_STREET_KINDS: Final = "Street Road Avenue Close Drive Lane Way Gardens Crescent Place Court Row"
STREETS: Final = tuple(f"{name} {kind}" for name in _STREET_NAMES.split() for kind in _STREET_KINDS.split())


class Drawn:
    """A list to draw from by weight, in a microsecond."""

    def __init__(self, words: Sequence[str], weights: Sequence[float]) -> None:
        self.words = words
        self._ends = list(accumulate(weights))

    def draw(self, rng: random.Random) -> str:
        """One of the words."""
        return self.words[bisect(self._ends, rng.random() * self._ends[-1])]


class Names(NamedTuple):
    """Of one community."""

    community: str
    given: dict[tuple[str, int], Drawn]
    """By sex and decade of birth."""
    family: Drawn
    middle: float


def zipf(words: Sequence[str], slope: float) -> Drawn:
    """Words in falling order: the n-th is drawn as 1/n**slope."""
    return Drawn(words, [1 / (rank + 2) ** slope for rank in range(len(words))])


@cache
def communities() -> tuple[Drawn, dict[str, Names]]:
    """Which community, and its names."""
    every = (BRITISH, *OTHERS)
    which = Drawn([one.name for one in every], [one.share for one in every])
    return which, {one.name: _names(one) for one in every}


def _names(one: Community) -> Names:
    given = {
        (sex, decade): _in_fashion([cased(word) for word in listed.split()], decade, spread=one is BRITISH)
        for sex, listed in (("female", one.female), ("male", one.male))
        for decade in range(FIRST_BORN // 10, LAST_BORN // 10 + 1)
    }
    family = [cased(word) for word in one.family.split()]
    if one is BRITISH:
        tail = [cased(stem + ending) for ending in ENDINGS for stem in STEMS]
        weights = [1 / (rank + 3) ** 0.8 for rank in range(len(family))]
        rest = [1 / (rank + 40) ** 0.7 for rank in range(len(tail))]
        scale = sum(weights) * (1 - COMMON) / COMMON / sum(rest)
        random.Random(0).shuffle(tail)  # which of the composed ones are rarest has no meaning
        return Names(one.name, given, Drawn(family + tail, weights + [scale * weight for weight in rest]), one.middle)
    return Names(one.name, given, zipf(family, 0.8), one.middle)


def _in_fashion(words: Sequence[str], decade: int, *, spread: bool) -> Drawn:
    """British lists run from the old to the young: a decade draws around its place. Other lists do not change so fast."""
    if not spread:
        return zipf(words, 0.7)
    span = LAST_BORN // 10 - FIRST_BORN // 10
    centre = (decade - FIRST_BORN // 10) / span * (len(words) - ERA)
    weights = [1 / (1 + (abs(place - centre) / ERA) ** 3) / (1 + place % 7) ** 0.5 for place in range(len(words))]
    return Drawn(words, weights)


@cache
def short_forms() -> dict[str, list[str]]:
    """Given name -> what its bearers are called."""
    entries = (entry.partition(":") for entry in SHORT_FORMS.split())
    return {cased(full): [cased(short) for short in shorts.split(",")] for full, _, shorts in entries}


@cache
def spellings() -> dict[str, list[str]]:
    """Name -> how else it is written."""
    found: dict[str, list[str]] = {}
    for family in SPELLINGS.split():
        words = [cased(word) for word in family.split(",")]
        for word in words:
            found.setdefault(word, []).extend(other for other in words if other != word)
    return found


def cased(word: str) -> str:
    """`o'brien` -> `O'Brien`, `al-masri` -> `Al-Masri`, `mcdonald` -> `McDonald`."""
    made = "'".join("-".join(part.capitalize() for part in piece.split("-")) for piece in word.split("'"))
    return f"Mc{made[2:].capitalize()}" if made.startswith("Mc") and len(made) > 4 else made
