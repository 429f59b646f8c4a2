"""The whole answer to "who is who" over a set of records: clusters, placeholders, senders, reviews. Pure.

The stored pipeline calls this over the part of the population an event touches, a trial over all it has; both see the
same persons, because no part of the answer depends on records that nothing connects.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.chronology.facts import Join, Review
from services.identity.cluster import Decision, Edge, Held, part, person_of
from services.identity.compare import Verdict
from services.identity.protect import open_verdicts, standing_decisions
from services.identity.unnamed.facts import Facts
from services.identity.unnamed.joins import slot_joins

Pair = tuple[int, int]
"""Two records, the lower number first."""

CROWDED: Final = "too many records hang together to be joined by a machine"


@dataclass(frozen=True, slots=True)
class Settled:
    """Record -> person for every record, why placeholders joined, and what people should look at."""

    person_of: Mapping[int, int]
    joins: tuple[Join, ...]
    reviews: tuple[Review, ...]
    crowds: tuple[frozenset[int], ...] = ()
    """Records that hang together and are too many for a machine to weigh: somebody has to look by what."""


_NOBODY: Final[Mapping[int, int]] = {}


def settle(facts: Facts, verdicts: Mapping[Pair, Verdict], fixed: Mapping[int, int] = _NOBODY) -> Settled:
    """Work out the persons of `facts.records` from the verdicts about their pairs.

    `fixed` are named records whose persons nothing here can change: neighbours, looked at but not worked out again.
    """
    records = facts.records
    verdicts = open_verdicts(verdicts, records)
    facts = replace(facts, decisions=standing_decisions(facts.decisions, records))
    named = {
        record: held
        for record, held in records.items()
        if record not in fixed and not (held.standard.slot or held.standard.sender)
    }
    edges = [Edge(a, b, verdict.weight, verdict.blocked, verdict.doubt) for (a, b), verdict in verdicts.items()]
    parted = part(named, edges, facts.decisions)
    persons = {record: person_of(cluster, records) for cluster in parted.clusters for record in cluster}
    persons |= {record: person for record, person in fixed.items() if record in records}
    joined = slot_joins(facts, persons)
    asked = _few_of_crowds(verdicts, persons, parted.crowds)
    reviews = (*_reviews(asked, persons, records, facts.decisions), *joined.reviews)
    return Settled(joined.person_of, tuple(joined.joins), reviews, tuple(parted.crowds))


def _few_of_crowds(
    verdicts: Mapping[Pair, Verdict], persons: Mapping[int, int], crowds: Sequence[frozenset[int]]
) -> Mapping[Pair, Verdict]:
    """Leave out of each crowd all pairs of people but those that fit one of the two best: an item each, not each pair."""
    crowded = frozenset[int]().union(*crowds)
    if not crowded:
        return verdicts
    apart = {
        pair: verdict
        for pair, verdict in verdicts.items()
        if crowded.issuperset(pair) and persons.get(pair[0]) != persons.get(pair[1])
    }
    best: dict[int, int] = {}
    for pair, verdict in apart.items():
        for record in pair:
            person = persons.get(record, record)
            best[person] = max(verdict.weight, best.get(person, verdict.weight))
    return {
        pair: replace(verdict, reasons=(*verdict.reasons, CROWDED)) if pair in apart else verdict
        for pair, verdict in verdicts.items()
        if pair not in apart or any(best[persons.get(record, record)] == verdict.weight for record in pair)
    }


def _reviews(
    verdicts: Mapping[Pair, Verdict],
    persons: Mapping[int, int],
    records: Mapping[int, Held],
    decisions: Iterable[Decision],
) -> Iterable[Review]:
    """One item for two people, however many of their records come near: the earliest pair that does stands for all."""
    different = {
        frozenset((persons[d.a], persons[d.b]))
        for d in decisions
        if d.verdict == "different" and d.a in persons and d.b in persons
    }
    first: dict[frozenset[int], Review] = {}
    for (a, b), verdict in verdicts.items():
        if a not in persons or b not in persons or persons[a] == persons[b]:
            continue
        people = frozenset((persons[a], persons[b]))
        if people in different:
            continue
        older, newer = sorted((records[a], records[b]), key=lambda held: held.age)
        words = verdict.reasons if verdict.kind == "review" else (*verdict.reasons, "fits two who cannot be one")
        item = Review(newer.record, older.record, newer.received_at, "; ".join(words))
        known = first.get(people)
        if known is None or (newer.age, older.age) < _ages(known, records):
            first[people] = item
    return first.values()


def _ages(review: Review, records: Mapping[int, Held]) -> tuple[object, object]:
    return records[review.record].age, records[review.candidate_record].age
