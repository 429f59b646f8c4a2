"""What must stand: brute force over complete knowledge, written apart from the engine and sharing nothing with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from tests.bench.chronology.population import ACKNOWLEDGED, BREACH, CONCERN, Population, Said

CONCERNS: Final = 3
TOGETHER: Final = timedelta(hours=6)
TO_ACKNOWLEDGE: Final = timedelta(hours=2)

Standing = Collection[tuple[str, int, int | None]]
"""(rule, first id of the person, breach) of everything that stands."""


def persons(population: Population, at: datetime) -> Mapping[int, int]:
    """Return source id -> the smallest id of its person, as known at a moment."""
    links: dict[tuple[int, int], bool] = {}
    for same in population.same:
        if same.at <= at:
            links[same.one, same.other] = not same.apart
    together = [[one, first] for one, first in enumerate(population.first_id) if one != first]
    together += [list(pair) for pair, holds in links.items() if holds]
    found = list(range(population.ids))
    changed = True
    while changed:
        changed = False
        for one, other in together:
            least = min(found[one], found[other])
            if found[one] != least or found[other] != least:
                found[one] = found[other] = least
                changed = True
    return dict(enumerate(found))


def standing(population: Population, at: datetime) -> Standing:
    """Return what stands at a moment, knowing all that had been received by then and nothing else."""
    person_of = persons(population, at)
    known: dict[int, Said] = {
        one.number: one
        for one in population.said
        if one.received <= at and (one.taken_back is None or one.taken_back > at)
    }
    concerns: dict[int, list[datetime]] = defaultdict(list)
    acknowledged = defaultdict(set)
    for one in known.values():
        if one.kind == CONCERN:
            concerns[person_of[one.source_id]].append(one.at)
        elif one.kind == ACKNOWLEDGED and one.answers is not None:
            acknowledged[one.answers].add(one.number)
    found: set[tuple[str, int, int | None]] = {
        ("R01", person, None) for person, moments in concerns.items() if _near(moments)
    }
    for one in known.values():
        # Acknowledged late, it no longer stands; in time, it never did.
        if one.kind == BREACH and one.at + TO_ACKNOWLEDGE <= at and not acknowledged[one.number]:
            found.add(("R02", person_of[one.source_id], one.number))
    return found


def _near(moments: list[datetime]) -> bool:
    ordered = sorted(moments)
    return any(last - first <= TOGETHER for first, last in zip(ordered, ordered[CONCERNS - 1 :], strict=False))
