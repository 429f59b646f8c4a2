"""From records to persons, inside one component: all pairs weighed, the best joined first, the contested to nobody.

Two groups of records are one person if what each says as a whole agrees (services.identity.composite), less what all pairs
between them say against it: one record that fits both a father and a son does not bridge them, for the father's other
records speak against the son, while a record that knows little takes nothing from what another knows. Where joining one would part another who fits nearly as
well, neither is joined: a person has to look. What people decided comes first and is never undone.

The result is a function of the set: pairs are taken by weight, then by content, never by the order of arrival.
"""

import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import permutations
from operator import attrgetter
from typing import Final

from services.identity.compare import (
    BORN_APART,
    JOIN,
    LINK,
    NONE,
    RENAMED,
    REVIEW,
    UNDATED,
    Verdict,
    compare,
    conflicts,
    is_nothing,
)
from services.identity.composite import composite, names_less
from services.identity.held import Cluster, Decision, Edge, Held
from services.identity.scoring.little import OF_TWO, TOO_LITTLE
from services.identity.standardise import Standard
from services.identity.twins import are_slips, are_two, have_two_births, of_two, repeated_births, two_births

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
NOTHING: Final = (-math.inf, 0, 0)
"""The fit of two that come nowhere near, and no parts of theirs."""
TWINS: Final = "two children, each named by two agencies"
BIRTHS: Final = "two dates of birth, each stated by two agencies"
_IGNORANCE: Final = frozenset({TOO_LITTLE, UNDATED, RENAMED})
"""What forbids joining two because they say too little; what their groups say together may be more: both names, or a date."""


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

    What two nodes or parts weigh is worked out when it is asked for, and kept: where a hundred namesakes hang on one record
    without a date of birth, nearly all of five thousand pairs are dismissed by their bound (`compare.is_nothing`).
    """

    def __init__(self, records: Mapping[int, Held], edges: Iterable[Edge], decisions: Sequence[Decision]) -> None:
        self.records = records
        self.edges = {(edge.a, edge.b): edge for edge in edges}
        different = {frozenset((d.a, d.b)) for d in decisions if d.verdict == "different"}
        self.nodes = alike(records, {record for pair in different for record in pair})
        self.descriptions = len({_said(held.standard) for held in records.values()})
        """How many different things all of them say."""
        self.node_of = {record: n for n, node in enumerate(self.nodes) for record in node}
        self.different = {_pair(*(self.node_of[record] for record in pair)) for pair in different}
        self.spellings = of_two(held.standard for held in records.values())
        self.births = repeated_births(held.standard for held in records.values())
        self.births_of_two = two_births(self.births, (held.standard for held in records.values()))
        self.against: dict[tuple[int, int], frozenset[str]] = {}
        self.best: dict[tuple[int, int], int] = {}
        """Two parts -> weight of the best pair between them."""
        self.doubt: dict[tuple[int, int], int] = {}
        """Two parts -> sum of what all pairs between them say against it."""
        self.near: dict[tuple[int, int], bool] = {}
        """Two parts -> whether they may weigh enough to be joined or to contest."""
        self.said = {n: [self.records[r].standard for r in node] for n, node in enumerate(self.nodes)}
        """Part -> what its records say."""
        self.whole = {n: said[0] for n, said in self.said.items()}
        """Part -> what they say together."""
        self.parts: dict[int, list[int]] = {}
        """Block -> its parts. A part has the number of its first node, until it grows: then a new one, which is its block's too."""
        self.members: dict[int, list[int]] = {n: [n] for n in range(len(self.nodes))}
        """Part -> its nodes."""
        self.size = {n: len(node) for n, node in enumerate(self.nodes)}
        self.made_of: dict[int, tuple[int, int]] = {}
        """Part that grew -> the two it was made of."""
        self.joined_of: dict[int, tuple[int, int]] = {}
        """Block that grew -> the two it was made of."""
        self.apart: dict[tuple[int, int], bool] = {}
        """Two blocks -> whether they must not be joined."""
        self.first: dict[int, int] = {}
        """Block -> its first node."""
        self._start([d for d in decisions if d.verdict == "same"])
        self.began = {block: list(nodes) for block, nodes in self.parts.items()}
        """Block at the start -> its nodes."""
        self.reviewed = {node: parts for parts in self.began.values() if len(parts) > 1 for node in parts}
        """Node -> all nodes that people joined with it."""
        self.fit: dict[tuple[int, int], tuple[float, int, int]] = {}
        """Two blocks, the lower number first -> the best fit between their parts, and which."""
        self.next = len(self.nodes)

    # What is given

    def _start(self, same: Sequence[Decision]) -> None:
        """Begin with what people called the same. Where their decisions contradict each other, "different" stands."""
        block = {n: n for n in self.members}
        inside = {n: {n} for n in self.members}
        for decision in sorted(same, key=lambda d: (d.decided_at, *sorted(self.records[r].rank for r in (d.a, d.b)))):
            ours, theirs = block[self.node_of[decision.a]], block[self.node_of[decision.b]]
            if ours != theirs and not any(_pair(x, y) in self.different for x in inside[ours] for y in inside[theirs]):
                inside[ours] |= inside.pop(theirs)
                for node in [n for n, b in block.items() if b == theirs]:
                    block[node] = ours
        for node, own in block.items():
            self.parts.setdefault(own, []).append(node)
            self.first.setdefault(own, node)
        for parts in self.parts.values():
            for p, q in permutations(parts, 2):
                if names_less(self.whole[p], self.whole[q]):
                    self._know_as(p, q, parts)

    def _know_as(self, p: int, q: int, parts: Sequence[int]) -> None:
        """A person said that the one who is only an initial is this one: they fit others no better than with that name."""
        known = composite(self.said[p] + self.said[q])
        for third in self.members:
            if third not in parts and (best := self._best(p, third)) >= FAR:
                self.best[_pair(p, third)] = min(best, _to_join(compare(known, self.whole[third])))

    # What two weigh

    def _best(self, p: int, q: int) -> int:
        """The weight of the best pair between two parts; what two grown parts say together, if that is not far."""
        pair = x, y = _pair(p, q)
        if pair not in self.best:
            if y in self.made_of:  # after x, which therefore met both of those it was made of
                one, other = self.made_of[y]
                self.best[pair] = self._together_best(x, y, max(self._best(x, one), self._best(x, other)))
            else:
                self._weigh(x, y)
        return self.best[pair]

    def _doubt(self, p: int, q: int) -> int:
        """The sum of what all pairs between two parts say against it."""
        pair = x, y = _pair(p, q)
        if pair not in self.doubt:
            if y in self.made_of:
                one, other = self.made_of[y]
                self.doubt[pair] = self._doubt(x, one) + self._doubt(x, other)
            else:
                self._weigh(x, y)
        return self.doubt[pair]

    def _weigh(self, x: int, y: int) -> None:
        """Two nodes."""
        found = self._edge(x, y) or compare(self.whole[x], self.whole[y])
        self.best[x, y] = min(CLIP, _to_join(found))
        self.doubt[x, y] = max(-CLIP, found.doubt) * len(self.nodes[x]) * len(self.nodes[y])

    def _edge(self, x: int, y: int) -> Edge | None:
        return self.edges.get(_pair(self.nodes[x][0], self.nodes[y][0]))

    def _is_near(self, p: int, q: int) -> bool:
        """Whether two parts may weigh enough to be joined or to contest; what they weigh exactly matters only then."""
        pair = x, y = _pair(p, q)
        if pair not in self.near:
            known = pair in self.best or (y < len(self.nodes) and self._edge(x, y) is not None)
            self.near[pair] = known or not is_nothing(self.whole[x], self.whole[y])
        return self.near[pair]

    # What keeps them apart

    def _are_apart(self, x: int, y: int) -> bool:
        """Whether two blocks must not be joined."""
        pair = x, y = _pair(x, y)
        if pair not in self.apart:
            if y in self.joined_of:
                self.apart[pair] = any(self._are_apart(x, half) for half in self.joined_of[y])
            else:
                self.apart[pair] = any(self._nodes_are_apart(m, n) for m in self.began[x] for n in self.began[y])
        return self.apart[pair]

    def _nodes_are_apart(self, x: int, y: int) -> bool:
        if _pair(x, y) in self.different:
            return True
        return bool(self._against(x, y)) and not (self._is_excused(x, y) or self._is_excused(y, x))

    def _against(self, x: int, y: int) -> frozenset[str]:
        """What speaks against two nodes ever being one person."""
        pair = x, y = _pair(x, y)
        if pair not in self.against:
            one, other = self.whole[x], self.whole[y]
            found = (self._edge(x, y) or compare(one, other)) if self._is_near(x, y) else NONE
            against = frozenset(found.blocked).union(conflicts(one, other)) - OF_TWO - _IGNORANCE
            if BORN_APART in against and are_slips(one, other, self.births):
                against -= {BORN_APART}
            if self.spellings and are_two(one, other, self.spellings):
                against |= {TWINS}
            if self.births_of_two and have_two_births(one, other, self.births_of_two):
                against |= {BIRTHS}
            self.against[pair] = against
        return self.against[pair]

    def _is_excused(self, x: int, y: int) -> bool:
        """Whether a person already called x the same as somebody in spite of just what speaks against y, whom y fits."""
        against = self._against(x, y)
        for other in self.reviewed.get(x, ()):
            if other != x and against <= self._against(x, other) and (other == y or not self._against(y, other)):
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
        if x == y:
            return None
        score = self._score(x, y)
        if score < JOIN or self._are_apart(x, y) or not self._is_third_there(x, y):
            return None
        first, second = sorted((self.first[x], self.first[y]))
        return -score, first, second, x, y

    def _is_third_there(self, x: int, y: int) -> bool:
        """Whether there is more to go by than one pair, which links by itself or not at all: a record repeated word for word
        by another agency says no more of a father without a date than it said before.
        """
        return self.descriptions > 2 or self._best(*self._parts(x, y)) >= LINK  # noqa: PLR2004 - a pair

    def _score(self, x: int, y: int) -> float:
        return self._fit(x, y)[0]

    def _fit(self, x: int, y: int) -> tuple[float, int, int]:
        pair = _pair(x, y)
        found = self.fit.get(pair)
        if found is None:
            fits = (
                (self._of_parts(p, q), -p, -q)
                for p in self.parts[pair[0]]
                for q in self.parts[pair[1]]
                if self._is_near(p, q)
            )
            found = max(fits, default=NOTHING)
            found = self.fit[pair] = found[0], -found[1], -found[2]
        return found

    def _of_parts(self, p: int, q: int) -> float:
        return self._best(p, q) + DOUBT * self._doubt(p, q) / (self.size[p] * self.size[q])

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
        doubt = self._doubt(p, t) + self._doubt(q, t)
        count = (self.size[p] + self.size[q]) * self.size[t]
        best = max(self._best(p, t), self._best(q, t))
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
        self.made_of[made] = p, q
        self.joined_of[made] = x, y
        self.members[made] = self.members.pop(p) + self.members.pop(q)
        self.size[made] = self.size.pop(p) + self.size.pop(q)
        self.parts[made].append(made)
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
