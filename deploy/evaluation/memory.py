"""The pipeline's own functions over records held in memory: standardise, keys, compare, settle. No server.

Records arrive one after the other, as in the pipeline: each searches what came before it. Mentions that take-in would
find to be one record (equal content of one agency) are one here too.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Final

from deploy.evaluation.figures import Answer
from deploy.evaluation.labelled import DEVELOPMENT_KEY, Record, body_of
from services.clock import monotonic
from services.identity.cluster import Held
from services.identity.compare import Verdict, compare
from services.identity.keys import keys
from services.identity.people import Pair, Settled, settle
from services.identity.standardise import Standard, content_hash, standardise
from services.identity.unnamed.facts import Facts
from services.tokens import Tokens

START: Final = datetime(2024, 1, 1, tzinfo=UTC)
APART: Final = timedelta(seconds=1)
"""Between two arrivals."""
MILLI_BITS: Final = 1_000
"""Weights are in thousandths of a bit."""


@dataclass(slots=True)
class InMemory:
    """Everything that has arrived, and what was found."""

    tokens: Tokens = field(default_factory=lambda: Tokens(DEVELOPMENT_KEY))
    held: dict[int, Held] = field(default_factory=dict)
    number_of: dict[str, int] = field(default_factory=dict)
    """rid -> record."""
    verdicts: dict[Pair, Verdict] = field(default_factory=dict)
    """All that came near; pairs compared and found nothing are in `compared`."""
    compared: dict[Pair, Verdict] = field(default_factory=dict)
    milliseconds: list[float] = field(default_factory=list)
    """For each record: its candidates found and compared."""
    candidates: list[int] = field(default_factory=list)
    """For each record: how many it was compared with."""
    _bucket: dict[str, list[int]] = field(default_factory=dict)
    _same: dict[bytes, int] = field(default_factory=dict)

    def arrive(self, rid: str, record: Record) -> int:
        """Take a record in and compare it with its candidates; return its number."""
        standard = standardise(body_of(record, self.tokens), record.source_for(rid))
        began = monotonic()
        number = self._arrive(standard)
        self.milliseconds.append(1_000 * (monotonic() - began))
        self.number_of[rid] = number
        return number

    def _arrive(self, standard: Standard) -> int:
        content = content_hash(standard.to_json())
        if standard.reusable and content in self._same:
            return self._same[content]
        number = len(self.held) + 1
        self.held[number] = Held(number, standard, START + number * APART, content)
        self._same[content] = number
        its = keys(standard)
        candidates = {found for key in its.searched for found in self._bucket.get(key, ())}
        self.candidates.append(len(candidates))
        for other in candidates:
            verdict = compare(standard, self.held[other].standard)
            self.compared[other, number] = verdict
            if verdict.kind != "none":
                self.verdicts[other, number] = verdict
        for key in its.stored:
            self._bucket.setdefault(key, []).append(number)
        return number

    def settled(self) -> Settled:
        """Who is who, of all that has arrived."""
        return settle(Facts(self.held), self.verdicts)


def bits(verdict: Verdict) -> float:
    """The weight of a verdict, log2 odds."""
    return verdict.weight / MILLI_BITS


def standards(records: Iterable[tuple[str, Record]]) -> list[Standard]:
    """What each of these says, as it would be compared."""
    tokens = Tokens(DEVELOPMENT_KEY)
    return [standardise(body_of(record, tokens), record.source_for(rid)) for rid, record in records]


def of(records: Iterable[tuple[str, Record]]) -> InMemory:
    """All of these, arrived in this order."""
    made = InMemory()
    for rid, record in records:
        made.arrive(rid, record)
    return made


def answer(memory: InMemory, settled: Settled) -> Answer:
    """What the pipeline says, by rid. Mentions that are one record are a link of their own."""
    rids: dict[int, list[str]] = {}
    for rid, number in memory.number_of.items():
        rids.setdefault(number, []).append(rid)
    alike = [pair for same in rids.values() for pair in combinations(same, 2)]
    linked = [pair for pair, verdict in memory.verdicts.items() if verdict.kind == "link"]
    return Answer(
        held={rid: settled.person_of[number] for rid, number in memory.number_of.items()},
        linked=alike + [(x, y) for a, b in linked for x in rids[a] for y in rids[b]],
        reviews=[(rids[item.record][0], rids[item.candidate_record][0]) for item in settled.reviews],
        scored=[(x, y, bits(verdict)) for (a, b), verdict in memory.compared.items() for x in rids[a] for y in rids[b]],
    )
