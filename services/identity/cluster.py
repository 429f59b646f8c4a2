"""From links to persons: which records are one person, as a function of the set alone.

Not the transitive closure of the links: that joins a father and a son through one record that fits both. Each connected
set is weighed as a whole (services.identity.agglomerate). One too large for that is taken apart along its weakest
connections first, and what is left unjoined waits for a person: nothing is ever cut off by the order of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from services.identity.agglomerate import Agglomeration, alike
from services.identity.compare import LINK, conflicts
from services.identity.components import components, taken_apart
from services.identity.held import Cluster, Decision, Edge, Held

__all__ = ["CROWD", "NEAR", "Cluster", "Decision", "Edge", "Held", "Parted", "part", "partition", "person_of"]

NEAR: Final = 2_000
"""Thousandths of a bit. Weaker edges have no say in who is who: they neither join nor contest. People are asked about them."""
CROWD: Final = 200
"""Ways of being described that hang together, beyond which the machine joins only along strong links. All pairs are
weighed: 200 are 20,000 comparisons, half a second, under locks. The largest true persons measured have some 30."""


class Parted(NamedTuple):
    """Who is one with whom."""

    clusters: list[Cluster]
    crowds: list[frozenset[int]]
    """Connected sets too large to be weighed as a whole: somebody has to look what holds them together."""


def partition(records: Mapping[int, Held], edges: Iterable[Edge], decisions: Iterable[Decision] = ()) -> list[Cluster]:
    """Split records into persons: the clusters of `part`."""
    return part(records, edges, decisions).clusters


def part(records: Mapping[int, Held], edges: Iterable[Edge], decisions: Iterable[Decision] = ()) -> Parted:
    """Split records into persons. Every record is in exactly one; the machine joins no vetoed pair.

    `edges` are the pairs that came near, for review too: they say who else a record may be. Edges and decisions about
    records not given are ignored. The result does not depend on the order of anything.
    """
    links = [edge for edge in edges if edge.weight >= NEAR and edge.a in records and edge.b in records]
    decided = [decision for decision in decisions if decision.a in records and decision.b in records]
    same = [(d.a, d.b) for d in decided if d.verdict == "same"]
    found = Parted([], [])
    connected = components([(edge.a, edge.b) for edge in links] + same)
    component_of = {record: n for n, component in enumerate(connected) for record in component}
    inside: list[tuple[list[Edge], list[Decision]]] = [([], []) for _ in connected]
    for edge in links:
        inside[component_of[edge.a]][0].append(edge)
    for decision in decided:
        for n in {component_of[record] for record in (decision.a, decision.b) if record in component_of}:
            inside[n][1].append(decision)
    for component, (edges_inside, decided_inside) in zip(connected, inside, strict=True):
        _part_one({record: records[record] for record in component}, edges_inside, decided_inside, found)
    found.clusters.extend(frozenset((record,)) for record in records if record not in component_of)
    return found


def _part_one(records: Mapping[int, Held], links: Sequence[Edge], decided: Sequence[Decision], found: Parted) -> None:
    """Split what hangs together."""
    if len(records) == 2 and not decided:  # noqa: PLR2004 - by far the most frequent, and nothing to weigh
        found.clusters.extend(_pair(records, links[0]))
        return
    parted = {record for d in decided if d.verdict == "different" for record in (d.a, d.b)}

    def is_small(some: frozenset[int]) -> bool:
        return len(some) <= CROWD or len(alike({r: records[r] for r in some}, parted)) <= CROWD

    parts = [frozenset(records)]
    if not is_small(parts[0]):
        found.crowds.append(parts[0])
        weighed = [(edge.a, edge.b, edge.weight) for edge in links if not edge.blocked]
        same = [(d.a, d.b) for d in decided if d.verdict == "same"]
        parts = taken_apart(parts[0], weighed, same, is_small)
    for one in parts:
        about = [d for d in decided if d.a in one and d.b in one]
        inside = [edge for edge in links if edge.a in one and edge.b in one]
        found.clusters.extend(
            Agglomeration({r: records[r] for r in one}, inside, about).run() if len(one) > 1 else [one]
        )


def _pair(records: Mapping[int, Held], edge: Edge) -> list[Cluster]:
    a, b = records.values()
    if edge.weight >= LINK and not edge.blocked and not conflicts(a.standard, b.standard):
        return [frozenset(records)]
    return [frozenset((record,)) for record in records]


def person_of(cluster: Iterable[int], records: Mapping[int, Held]) -> int:
    """The person id of a cluster: the one first given to its oldest record. A named record goes before a placeholder."""
    return min(cluster, key=lambda record: (_is_unnamed(records[record]), records[record].age))


def _is_unnamed(held: Held) -> bool:
    return held.standard.slot or held.standard.sender
