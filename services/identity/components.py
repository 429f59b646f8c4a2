"""Connected sets, and how a set too large to be weighed pair by pair is taken apart. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from services.identity.compare import LINK

BARS: Final = (LINK, LINK + 8_000, LINK + 16_000, LINK + 24_000)
"""Thousandths of a bit. What is too large is taken apart along its weakest connections: those below one bar after another."""


def components(pairs: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    """The connected sets, in no particular order: they have nothing to do with each other."""
    root: dict[int, int] = {}

    def find(node: int) -> int:
        while root.setdefault(node, node) != node:
            root[node] = node = root[root[node]]
        return node

    for one, other in pairs:
        root[find(one)] = find(other)
    found: dict[int, set[int]] = {}
    for node in list(root):
        found.setdefault(find(node), set()).add(node)
    return [frozenset(component) for component in found.values()]


def taken_apart(
    component: frozenset[int],
    weighed: Sequence[tuple[int, int, int]],
    decided: Sequence[tuple[int, int]],
    is_small: Callable[[frozenset[int]], bool],
) -> list[frozenset[int]]:
    """Split a component until each part is small: a function of the set, so the order of arrival cannot matter.

    `weighed` are (record, record, weight) of what may be joined, `decided` pairs a person called the same: those hold
    whatever the size. What is too large even above the last bar falls into what people decided, and singles.
    """
    found: list[frozenset[int]] = []
    large = [component]
    for bar in (*BARS, None):
        strong = [(a, b) for a, b, weight in weighed if bar is not None and weight >= bar]
        parts = [part for one in large for part in _inside(one, [*strong, *decided])]
        large = [] if bar is None else [part for part in parts if not is_small(part)]
        found += [part for part in parts if bar is None or is_small(part)]
    return found


def _inside(component: frozenset[int], pairs: Iterable[tuple[int, int]]) -> list[frozenset[int]]:
    inside = [(a, b) for a, b in pairs if a in component and b in component]
    parts = components(inside)
    lonely = component.difference(*parts) if parts else component
    return parts + [frozenset((record,)) for record in lonely]
