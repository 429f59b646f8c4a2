"""The figures by which "who is who" is judged. Pure: records and people are any values that can be keys.

`truth` and `held` say for every record which person it is, and which person we hold it to be. A pair is of two records;
pairs are unordered. Precision is 1 where nothing was claimed, recall 1 where there was nothing to find.
Sources: Bagga and Baldwin 1998 (B-cubed); Fellegi and Sunter 1969 (match weight as log2 odds); Naeini 2015 (ECE).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from math import log2
from typing import Final, NamedTuple, TypeVar

Rec = TypeVar("Rec", bound=Hashable)

BIN_ENDS: Final = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999)
"""Upper ends of the bins of probability, with a last one above: narrow where decisions are made."""
MOST_BITS: Final = 40.0
"""Beyond this a weight counts as this in the log-loss: one sure error must not drown a thousand others."""
SURE_BITS: Final = 60.0
"""Beyond this a probability is 0 or 1 in double precision."""


class Fit(NamedTuple):
    """How many of the claimed are right, and how many of the true are found."""

    right: int
    claimed: int
    true: int

    @property
    def precision(self) -> float:
        """Share of the claimed that are right."""
        return self.right / self.claimed if self.claimed else 1.0

    @property
    def recall(self) -> float:
        """Share of the true that are found."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return harmonic(self.precision, self.recall)


class Shares(NamedTuple):
    """Precision and recall that are means, not counts."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return harmonic(self.precision, self.recall)


class Calibration(NamedTuple):
    """Whether a probability of 0.9 is right nine times in ten."""

    ece: float
    """Mean distance between predicted and observed, over the pairs."""
    log_loss_bits: float
    """Mean surprise at the truth."""


def harmonic(one: float, other: float) -> float:
    """Harmonic mean; 0 of two zeroes."""
    return 2 * one * other / (one + other) if one + other else 0.0


def pair_count(size: int) -> int:
    """Pairs among so many."""
    return size * (size - 1) // 2


def members(assigned: Mapping[Rec, Hashable]) -> dict[Hashable, list[Rec]]:
    """Person -> records."""
    found: dict[Hashable, list[Rec]] = defaultdict(list)
    for record, person in assigned.items():
        found[person].append(record)
    return found


def edges(truth: Mapping[Rec, Hashable], linked: Iterable[tuple[Rec, Rec]]) -> Fit:
    """Of pairs linked by comparison alone, before any clustering."""
    pairs = {frozenset(pair) for pair in linked}
    right = sum(len({truth[record] for record in pair}) == 1 for pair in pairs)
    return Fit(right, len(pairs), _true_pairs(truth))


def closure(truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable]) -> Fit:
    """Of all pairs that end in one person. Counted, not listed: a person of n records holds n(n-1)/2."""
    together = sum(map(pair_count, Counter((truth[r], held[r]) for r in truth).values()))
    claimed = sum(map(pair_count, Counter(held[r] for r in truth).values()))
    return Fit(together, claimed, _true_pairs(truth))


def _true_pairs(truth: Mapping[Rec, Hashable]) -> int:
    return sum(map(pair_count, Counter(truth.values()).values()))


def bcubed(truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable]) -> Shares:
    """Seen from each record: how much of its person is truly it, and how much of it is in its person. Means over records."""
    true_sizes, held_sizes = Counter(truth.values()), Counter(held[r] for r in truth)
    both = Counter((truth[r], held[r]) for r in truth)
    # The records of one cell of the table all see the same: n of them n / size.
    precision = sum(n * n / held_sizes[person] for (_, person), n in both.items())
    recall = sum(n * n / true_sizes[person] for (person, _), n in both.items())
    count = len(truth) or 1
    return Shares(precision / count, recall / count)


def exact_people(truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable]) -> float:
    """Share of the true people whom we hold with all their records and no other."""
    true_people = {frozenset(records) for records in members(truth).values()}
    held_people = {frozenset(records) for records in members({r: held[r] for r in truth}).values()}
    return len(true_people & held_people) / (len(true_people) or 1)


def polluted(truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable]) -> list[list[Rec]]:
    """The people we hold who are truly several."""
    people = members({r: held[r] for r in truth}).values()
    return [records for records in people if len({truth[r] for r in records}) > 1]


def polluted_people(truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable]) -> float:
    """How many of the people we hold are truly several, for each true person: leaving others apart makes it no smaller."""
    return len(polluted(truth, held)) / (len(set(truth.values())) or 1)


def distance(one: Mapping[Rec, Hashable], other: Mapping[Rec, Hashable]) -> int:
    """Pairs that one answer puts together and the other does not; 0 is the same answer."""
    alone = sum(map(pair_count, Counter(one.values()).values())) + sum(
        map(pair_count, Counter(other[r] for r in one).values())
    )
    return alone - 2 * sum(map(pair_count, Counter((one[r], other[r]) for r in one).values()))


def united(held: Mapping[Rec, Hashable], pairs: Iterable[tuple[Rec, Rec]]) -> dict[Rec, Hashable]:
    """What we hold after these pairs have been called the same."""
    root: dict[Hashable, Hashable] = {}

    def find(person: Hashable) -> Hashable:
        while (above := root.get(person, person)) != person:
            person = above
        return person

    for a, b in pairs:
        one, other = find(held[a]), find(held[b])
        if one != other:
            root[one] = other
    return {record: find(person) for record, person in held.items()}


def calibration(scored: Sequence[tuple[float, bool]]) -> Calibration:
    """Of compared pairs: (log2 odds that they are one person, whether they are)."""
    bins = [[0.0, 0.0] for _ in range(len(BIN_ENDS) + 1)]
    loss = 0.0
    for bits, same in scored:
        probability = 1 / (1 + 2 ** -max(-SURE_BITS, min(SURE_BITS, bits)))
        place = bins[sum(probability >= end for end in BIN_ENDS)]
        place[0] += probability
        place[1] += same
        short = max(-MOST_BITS, min(MOST_BITS, bits))
        loss += log2(1 + 2 ** (-short if same else short))
    count = len(scored) or 1
    return Calibration(sum(abs(predicted - seen) for predicted, seen in bins) / count, loss / count)


def by_group(
    truth: Mapping[Rec, Hashable], held: Mapping[Rec, Hashable], groups: Mapping[Rec, Iterable[str]]
) -> dict[str, Fit]:
    """Closure figures for each group: of the pairs at least one record of which is in it."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])

    def count(records: Sequence[Rec], place: int) -> None:
        for a, b in combinations(records, 2):
            for group in {*groups.get(a, ()), *groups.get(b, ())}:
                found[group][place] += 1
                found[group][0] += place == 1 and truth[a] == truth[b]

    for records in members({r: held[r] for r in truth}).values():
        count(records, 1)
    for records in members(truth).values():
        count(records, 2)
    for record in truth:  # a group without a pair is there too, with nothing claimed and nothing to find
        for group in groups.get(record, ()):
            found.setdefault(group, [0, 0, 0])
    return {group: Fit(*counts) for group, counts in sorted(found.items())}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
