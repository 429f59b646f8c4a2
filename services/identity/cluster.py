"""From links to persons: which records are one person, as a function of the set alone.

Not the transitive closure of the links: that joins a father and a son through one record that fits both. Stronger links
are joined first; a link that would bring a conflicting pair into one cluster joins nothing and is left for review, and
where a record fits two people who cannot be one, it is joined to neither.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

from services.identity.compare import conflicts
from services.identity.standardise import Standard


class Edge(NamedTuple):
    """A link the comparison found between two records."""

    a: int
    b: int
    weight: int
    """Thousandths of a bit."""


class Decision(NamedTuple):
    """What a person decided about two records. It is never overridden."""

    a: int
    b: int
    verdict: Literal["same", "different"]
    decided_at: datetime
    privileged: bool = False
    """Made by the role that may link protected identities (services.identity.protect)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record as clustering needs it. Age and content order records, never their numbers: those tell of arrival."""

    record: int
    standard: Standard
    received_at: datetime
    """Of the earliest event that names it."""
    content: bytes

    @property
    def age(self) -> tuple[datetime, bytes, int]:
        """Oldest first. The number only parts two that are alike in everything."""
        return self.received_at, self.content, self.record


Cluster = frozenset[int]


def partition(records: Mapping[int, Held], edges: Iterable[Edge], decisions: Iterable[Decision] = ()) -> list[Cluster]:
    """Split records into persons. Every record is in exactly one; no cluster holds a vetoed pair.

    Edges and decisions about records not given are ignored. The result does not depend on the order of anything.
    """
    links = [edge for edge in edges if edge.a in records and edge.b in records]
    decided = [decision for decision in decisions if decision.a in records and decision.b in records]
    pairs = [(edge.a, edge.b) for edge in links] + [(d.a, d.b) for d in decided]
    clusters: list[Cluster] = []
    joined: set[int] = set()
    for component in _components(pairs):
        joined |= component
        inside = [edge for edge in links if edge.a in component]
        about = [decision for decision in decided if decision.a in component]
        clusters += _Partition({record: records[record] for record in component}, about).run(inside)
    return clusters + [frozenset((record,)) for record in records if record not in joined]


def person_of(cluster: Iterable[int], records: Mapping[int, Held]) -> int:
    """The person id of a cluster: the one first given to its oldest record. A named record goes before a placeholder."""
    return min(cluster, key=lambda record: (_is_unnamed(records[record]), records[record].age))


def _is_unnamed(held: Held) -> bool:
    return held.standard.slot or held.standard.sender


class _Partition:
    """Clusters under construction, and what keeps them apart."""

    def __init__(self, records: Mapping[int, Held], decisions: Sequence[Decision]) -> None:
        self.records = records
        self.conflicting = _conflicting(records)
        self.cluster_of: dict[int, Cluster] = {record: frozenset((record,)) for record in records}
        self.different = {frozenset((d.a, d.b)) for d in decisions if d.verdict == "different"}
        self.reviewed: dict[int, Cluster] = {}
        self._join_decided([decision for decision in decisions if decision.verdict == "same"])

    def run(self, links: Sequence[Edge]) -> list[Cluster]:
        for weight in sorted({edge.weight for edge in links}, reverse=True):
            self._join_level([(edge.a, edge.b) for edge in links if edge.weight == weight])
        return sorted(set(self.cluster_of.values()), key=lambda cluster: min(self.records[r].age for r in cluster))

    def _join_decided(self, decisions: Sequence[Decision]) -> None:
        """Join what people called the same. Where their decisions contradict each other, "different" stands."""
        for decision in sorted(decisions, key=lambda d: (d.decided_at, *self._order((d.a, d.b)))):
            ours, theirs = self.cluster_of[decision.a], self.cluster_of[decision.b]
            if not any(frozenset((x, y)) in self.different for x in ours for y in theirs):
                self._unite((ours, theirs))
        self.reviewed = {record: cluster for record, cluster in self.cluster_of.items() if len(cluster) > 1}

    def _join_level(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Join along links of one strength, but along none that is contested."""
        edges = {
            frozenset((self.cluster_of[a], self.cluster_of[b]))
            for a, b in pairs
            if self.cluster_of[a] != self.cluster_of[b]
        }
        # What a person or a veto parts already is no reason to leave either of the two alone.
        edges = {edge for edge in edges if not self.are_apart(*edge)}
        for component in _components(edges):
            if not self._is_torn(component):
                self._unite(component)
                continue
            inside = {edge for edge in edges if edge <= component}
            for part in _components(self._uncontested(inside)):
                self._unite_in_turn(part, inside)

    def _uncontested(self, edges: set[frozenset[Cluster]]) -> set[frozenset[Cluster]]:
        """Leave out each link one end of which is also linked to somebody who cannot be its other end."""
        linked: dict[Cluster, set[Cluster]] = {}
        for edge in edges:
            one, other = edge
            linked.setdefault(one, set()).add(other)
            linked.setdefault(other, set()).add(one)

        def is_contested(one: Cluster, other: Cluster) -> bool:
            return any(third != other and self.are_apart(third, other) for third in linked[one])

        return {edge for edge in edges if not any(is_contested(x, y) for x in edge for y in edge if x != y)}

    def _unite_in_turn(self, part: frozenset[Cluster], edges: set[frozenset[Cluster]]) -> None:
        """Join along the links of a part; if it is still torn (a long chain), oldest first as far as it goes."""
        if not self._is_torn(part):
            self._unite(part)
            return
        inside = [tuple(sorted(edge, key=self._age)) for edge in edges if edge <= part]
        for one, other in sorted(inside, key=lambda pair: (self._age(pair[0]), self._age(pair[1]))):
            ours, theirs = self.cluster_of[min(one)], self.cluster_of[min(other)]
            if ours != theirs and not self.are_apart(ours, theirs):
                self._unite((ours, theirs))

    def _unite(self, clusters: Iterable[Cluster]) -> None:
        union = frozenset().union(*clusters)
        for record in union:
            self.cluster_of[record] = union

    def _is_torn(self, clusters: Iterable[Cluster]) -> bool:
        """Whether two of the clusters cannot be one person."""
        found = list(clusters)
        return any(self.are_apart(one, other) for index, one in enumerate(found) for other in found[:index])

    def are_apart(self, one: Cluster, other: Cluster) -> bool:
        """Whether some pair between two clusters is vetoed."""
        if not self.conflicting and not self.different:
            return False
        return any(self._vetoed(x, y) for x in one for y in other)

    def _vetoed(self, x: int, y: int) -> bool:
        if frozenset((x, y)) in self.different:
            return True
        return y in self.conflicting.get(x, ()) and not (self._is_excused(x, y) or self._is_excused(y, x))

    def _is_excused(self, x: int, y: int) -> bool:
        """Whether a person already called x the same as somebody, in spite of just what speaks against y, whom y fits."""
        against = set(self._against(x, y))
        return any(
            against <= set(self._against(x, other)) and y not in self.conflicting.get(other, ())
            for other in self.reviewed.get(x, ())
        )

    def _against(self, x: int, y: int) -> tuple[str, ...]:
        return conflicts(self.records[x].standard, self.records[y].standard)

    def _age(self, cluster: Cluster) -> tuple[datetime, bytes, int]:
        return min(self.records[record].age for record in cluster)

    def _order(self, pair: Iterable[int]) -> list[tuple[datetime, bytes, int]]:
        return sorted(self.records[record].age for record in pair)


def _conflicting(records: Mapping[int, Held]) -> dict[int, frozenset[int]]:
    """Record -> the records that cannot be its person. Worked out once for each way of being described, not each pair."""
    described: dict[tuple[object, ...], list[int]] = {}
    for record, held in records.items():
        described.setdefault(_what_can_conflict(held.standard), []).append(record)
    found: dict[int, frozenset[int]] = {}
    groups = list(described.values())
    for ours in groups:
        standard = records[ours[0]].standard
        against = [theirs for theirs in groups if conflicts(standard, records[theirs[0]].standard)]
        if against:
            found |= dict.fromkeys(ours, frozenset(record for theirs in against for record in theirs))
    return found


def _what_can_conflict(standard: Standard) -> tuple[object, ...]:
    given = frozenset(name[:2] for name in standard.names)
    return given, standard.born, standard.born_doubt, frozenset(standard.identifiers), standard.protected


Node = TypeVar("Node", int, Cluster)


def _components(edges: Iterable[Iterable[Node]]) -> list[frozenset[Node]]:
    """The connected sets, in no particular order: they have nothing to do with each other."""
    root: dict[Node, Node] = {}

    def find(node: Node) -> Node:
        while root.setdefault(node, node) != node:
            root[node] = node = root[root[node]]
        return node

    for edge in edges:
        one, other = edge
        root[find(one)] = find(other)
    found: dict[Node, set[Node]] = {}
    for node in list(root):
        found.setdefault(find(node), set()).add(node)
    return [frozenset(component) for component in found.values()]
