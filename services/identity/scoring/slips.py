"""Which known name a name that no table holds may be misspelt for. Pure; the index is made once, from the frozen tables."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

SHORTEST: Final = 3
"""Letters: of shorter names a slip leaves nothing to know them by."""
REMEMBERED: Final = 32_768
"""Names: some 10 MB."""


class Spellings:
    """Known names, to be found by what is left of them after one slip."""

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(known)
        self._found: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(self._known):
            if len(name) >= SHORTEST:
                for rest in _rests(name):
                    self._found[rest].append(name)
        self.meant = lru_cache(REMEMBERED)(self._meant)
        """Name -> the known names it may be: itself, or all that are one slip away."""

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def _meant(self, name: str) -> frozenset[str]:
        if name in self._known or len(name) < SHORTEST:
            return frozenset((name,))
        near = {known for rest in _rests(name) for known in self._found.get(rest, ())}
        return frozenset(known for known in near if OSA.distance(name, known, score_cutoff=1) <= 1)


def _rests(name: str) -> Iterator[str]:
    """The name, and the name without each of its letters: two names one slip apart have one of them in common."""
    yield name
    for place in range(len(name)):
        yield name[:place] + name[place + 1 :]
