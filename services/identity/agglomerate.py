"""From records to persons, inside one component: all pairs weighed, the best joined first, the contested to nobody.

Two groups of records are one person if what each says as a whole agrees (services.identity.composite), less what all pairs
between them say against it: one record that fits both a father and a son does not bridge them, for the father's other
records speak against the son, while a record that knows little takes nothing from what another knows. Where joining one would part another who fits nearly as
well, neither is joined: a person has to look. What people decided comes first and is never undone.

The result is a function of the set: pairs are taken by weight, then by content, never by the order of arrival.
"""

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import permutations
from operator import attrgetter
from typing import Final

from services.identity.compare import BORN_APART, JOIN, REVIEW, UNDATED, Verdict, compare, conflicts
from services.identity.composite import composite, names_less
from services.identity.held import Cluster, Decision, Edge, Held
from services.identity.scoring.little import A_TWIN, TOO_LITTLE
from services.identity.standardise import Standard
from services.identity.twins import are_slips, are_two, have_two_births, of_two, repeated_births

DOUBT: Final = 0.5
"""What the pairs that speak against a group count, on average over all pairs, against what speaks for it. On the training
population, twice as much lost 0.2 points of recall and gained 0.0003 of precision."""
CLIP: Final = 24_000
"""Thousandths of a bit. One pair says at most so much for or against: a shared number is no proof about ten records."""
MARGIN: Final = 2_000
"""Thousandths of a bit by which one must fit better than another who is somebody else, or it is contested. On the training
population, four bits lost 0.4 points of recall and gained 0.0002 of precision."""
FAR: Final = -8_000
"""Thousandths of a bit below which no two records of two parts fit: then what they say together is not looked at."""
TWINS: Final = "two children, each named by two agencies"
BIRTHS: Final = "two dates of birth, each stated by two agencies"
_IGNORANCE: Final = frozenset({TOO_LITTLE, UNDATED})
"""What forbids joining two because they say too little; what their groups say together may be more."""


_said: Final = attrgetter(*(name for name in Standard.__slots__ if name != "agency"))
"""All that a record says, whoever says it."""


def alike(records: Mapping[int, Held], parted: Collection[int]) -> list[list[int]]:
    """Records that say the same and so are one, whoever says it: weighed once, however many there are.

    Not those of `parted`, whom people part from somebody, and not the protected.
    """
    found: dict[object, list[int]] = {}
    for record in sorted(records, key=lambda r: records[r].rank):
        standard = records[record].standard
        own = record if record in parted or standard.protected else _said(standard)
        found.setdefault(own, []).append(record)
    nodes = []
    for same in found.values():
        if len(same) > 1 and compare(records[same[0]].standard, records[same[1]].standard).kind == "link":
            nodes.append(same)
        else:
            nodes += [[record] for record in same]
    return nodes


class Agglomeration:
    """Groups under construction, and what keeps them apart.

    A node is a record, or several that say the same, numbered in an order that tells nothing of arrival. A part is what the machine holds together; a block is a part, or
    several that people joined: a machine's doubt about two parts of one block does not count.
    """

    def __init__(self, records: Mapping[int, Held], edges: Iterable[Edge], decisions: Sequence[Decision]) -> None:
        self.records = records
        self.edges = {(edge.a, edge.b): edge for edge in edges}
        self.different = {frozenset((d.a, d.b)) for d in decisions if d.verdict == "different"}
        self.nodes = alike(records, {record for pair in self.different for record in pair})
        self.node_of = {record: n for n, node in enumerate(self.nodes) for record in node}
        self.against: dict[tuple[int, int], frozenset[str]] = {}
        self.best: dict[tuple[int, int], int] = {}
        """Two parts -> weight of the best pair between them."""
        self.doubt: dict[tuple[int, int], int] = {}
        """Two parts -> sum of what all pairs between them say against it."""
        self.said = {n: [self.records[r].standard for r in node] for n, node in enumerate(self.nodes)}
        """Part -> what its records say."""
        self.whole = {n: said[0] for n, said in self.said.items()}
        """Part -> what they say together."""
        self._weigh()
        self.parts: dict[int, list[int]] = {}
        """Block -> its parts. A part has the number of its first node, until it grows: then a new one."""
        self.members: dict[int, list[int]] = {n: [n] for n in range(len(self.nodes))}
        """Part -> its nodes."""
        self.size = {n: len(node) for n, node in enumerate(self.nodes)}
        self.foes: dict[int, set[int]] = {}
        """Block -> nodes it must not be joined with."""
        self.first: dict[int, int] = {}
        """Block -> its first node."""
        self._start([d for d in decisions if d.verdict == "same"])
        self.fit: dict[tuple[int, int], tuple[float, int, int]] = {}
        """Two blocks, the lower number first -> the best fit between their parts, and which."""
        self.next = len(self.nodes)

    # What is given

    def _weigh(self) -> None:
        standards = [self.records[node[0]].standard for node in self.nodes]
        spellings = of_two(held.standard for held in self.records.values())
        births = repeated_births(held.standard for held in self.records.values())
        for y, other in enumerate(standards):
            for x, one in enumerate(standards[:y]):
                found = self.edges.get(_pair(self.nodes[x][0], self.nodes[y][0])) or compare(one, other)
                self.best[x, y] = min(CLIP, _to_join(found))
                self.doubt[x, y] = max(-CLIP, found.doubt) * len(self.nodes[x]) * len(self.nodes[y])
                against = frozenset(found.blocked).union(conflicts(one, other)) - _IGNORANCE - {A_TWIN}
                if BORN_APART in against and are_slips(one, other, births):
                    against -= {BORN_APART}
                if spellings and are_two(one, other, spellings):
                    against |= {TWINS}
                if len(births) > 1 and have_two_births(one, other, births):
                    against |= {BIRTHS}
                if against:
                    self.against[x, y] = against

    def _start(self, same: Sequence[Decision]) -> None:
        """Begin with what people called the same. Where their decisions contradict each other, "different" stands."""
        block = {n: n for n in self.members}
        inside = {n: set(node) for n, node in enumerate(self.nodes)}
        for decision in sorted(same, key=lambda d: (d.decided_at, *sorted(self.records[r].rank for r in (d.a, d.b)))):
            ours, theirs = block[self.node_of[decision.a]], block[self.node_of[decision.b]]
            if ours != theirs and not any(
                frozenset((x, y)) in self.different for x in inside[ours] for y in inside[theirs]
            ):
                inside[ours] |= inside.pop(theirs)
                for node in [n for n, b in block.items() if b == theirs]:
                    block[node] = ours
        for node, own in block.items():
            self.parts.setdefault(own, []).append(node)
            self.foes.setdefault(own, set())
            self.first.setdefault(own, node)
        for x, y in self._apart():
            self.foes[block[x]].add(y)
            self.foes[block[y]].add(x)
        for parts in self.parts.values():
            for p, q in permutations(parts, 2):
                if names_less(self.whole[p], self.whole[q]):
                    self._know_as(p, q, parts)

    def _know_as(self, p: int, q: int, parts: Sequence[int]) -> None:
        """A person said that the one who is only an initial is this one: they fit others no better than with that name."""
        known = composite(self.said[p] + self.said[q])
        for third in self.members:
            pair = _pair(p, third)
            if third not in parts and self.best[pair] >= FAR:
                self.best[pair] = min(self.best[pair], _to_join(compare(known, self.whole[third])))

    def _apart(self) -> Iterable[tuple[int, int]]:
        """Nodes that must not be joined."""
        for pair in self.different:
            x, y = sorted(self.node_of[record] for record in pair)
            yield x, y
        reviewed = {node: parts for parts in self.parts.values() if len(parts) > 1 for node in parts}
        for (x, y), against in self.against.items():
            if not (self._excused(x, y, against, reviewed) or self._excused(y, x, against, reviewed)):
                yield x, y

    def _excused(self, x: int, y: int, against: frozenset[str], reviewed: Mapping[int, Sequence[int]]) -> bool:
        """Whether a person already called x the same as somebody in spite of just what speaks against y, whom y fits."""
        for other in reviewed.get(x, ()):
            overruled = self.against.get(_pair(x, other), frozenset())
            fits = other == y or _pair(y, other) not in self.against
            if other != x and against <= overruled and fits:
                return True
        return False

    # Joining

    def run(self) -> list[Cluster]:
        """Join what may be joined; return the records of each person."""
        blocks = sorted(self.parts)
        heap = [entry for y in blocks for x in blocks if x < y and (entry := self._entry(x, y))]
        heapq.heapify(heap)
        contested = []
        while heap:
            entry = heapq.heappop(heap)
            *_, x, y = entry
            if x not in self.parts or y not in self.parts:
                continue
            if self._is_contested(x, y) or self._is_contested(y, x):
                contested.append(entry)
                continue
            joined = self._join(x, y)
            for entry in [*contested, *(e for other in list(self.parts) if (e := self._entry(other, joined)))]:
                heapq.heappush(heap, entry)
            contested = []
        return [
            frozenset(record for part in parts for node in self.members[part] for record in self.nodes[node])
            for parts in self.parts.values()
        ]

    def _entry(self, x: int, y: int) -> tuple[float, int, int, int, int] | None:
        """Two blocks that may be joined, as the heap orders them: the best first, then by content."""
        if x == y or self._are_apart(x, y):
            return None
        score = self._score(x, y)
        if score < JOIN:
            return None
        first, second = sorted((self.first[x], self.first[y]))
        return -score, first, second, x, y

    def _score(self, x: int, y: int) -> float:
        return self._fit(x, y)[0]

    def _fit(self, x: int, y: int) -> tuple[float, int, int]:
        pair = _pair(x, y)
        found = self.fit.get(pair)
        if found is None:
            found = max((self._of_parts(p, q), -p, -q) for p in self.parts[pair[0]] for q in self.parts[pair[1]])
            found = self.fit[pair] = found[0], -found[1], -found[2]
        return found

    def _of_parts(self, p: int, q: int) -> float:
        pair = _pair(p, q)
        return self.best[pair] + DOUBT * self.doubt[pair] / (self.size[p] * self.size[q])

    def _are_apart(self, x: int, y: int) -> bool:
        foes = self.foes[x]
        return bool(foes) and any(node in foes for part in self.parts[y] for node in self.members[part])

    def _is_contested(self, hub: int, other: int) -> bool:
        """Whether somebody else fits `hub` nearly as well as `other`, and would be parted from it by their joining."""
        floor = max(REVIEW, self._score(hub, other) - MARGIN)
        for third in self.parts:
            if third in (hub, other) or self._score(hub, third) < floor or self._are_apart(hub, third):
                continue
            if self._are_apart(other, third) or self._together(hub, other, third) < JOIN:
                return True
        return False

    def _together(self, hub: int, other: int, third: int) -> float:
        """How well a third would fit the two joined."""
        p, q = self._parts(hub, other)
        _, t = self._parts(hub, third)
        ours, theirs = _pair(p, t), _pair(q, t)
        doubt = self.doubt[ours] + self.doubt[theirs]
        count = (self.size[p] + self.size[q]) * self.size[t]
        best = max(self.best[ours], self.best[theirs])
        if best >= JOIN:
            best = min(best, _to_join(compare(composite(self.said[p] + self.said[q]), self.whole[t])))
        return best + DOUBT * doubt / count

    def _parts(self, x: int, y: int) -> tuple[int, int]:
        """The best-fitting parts of two blocks, in the order of the blocks."""
        _, p, q = self._fit(x, y)
        return (p, q) if x < y else (q, p)

    def _join(self, x: int, y: int) -> int:
        """Make the two best-fitting parts of two blocks one, and the blocks too; return the new block's number."""
        _, p, q = self._fit(x, y)
        made = self.next
        self.next += 1
        self.parts[made] = [part for part in (*self.parts.pop(x), *self.parts.pop(y)) if part not in {p, q}]
        self.said[made] = self.said.pop(p) + self.said.pop(q)
        self.whole[made] = composite(self.said[made])
        for part in [part for parts in self.parts.values() for part in parts]:
            ours, theirs = _pair(part, p), _pair(part, q)
            self.best[part, made] = self._together_best(part, made, max(self.best[ours], self.best[theirs]))
            self.doubt[part, made] = self.doubt[ours] + self.doubt[theirs]
        self.members[made] = self.members.pop(p) + self.members.pop(q)
        self.size[made] = self.size.pop(p) + self.size.pop(q)
        self.parts[made].append(made)
        self.foes[made] = self.foes.pop(x) | self.foes.pop(y)
        self.first[made] = min(self.first.pop(x), self.first.pop(y))
        return made

    def _together_best(self, part: int, made: int, pairs: int) -> int:
        """How well a part fits what two parts say together: one knows the telephone, the other the date of birth."""
        if pairs < FAR:
            return pairs
        return min(CLIP, _to_join(compare(self.whole[part], self.whole[made])))


def _to_join(found: Edge | Verdict) -> int:
    """The weight by which groups are joined: below `JOIN` where too little agrees, however much it weighs. It still contests."""
    return min(found.weight, JOIN - 1) if not _IGNORANCE.isdisjoint(found.blocked) else found.weight


def _pair(x: int, y: int) -> tuple[int, int]:
    return (x, y) if x < y else (y, x)
