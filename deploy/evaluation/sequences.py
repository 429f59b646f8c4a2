"""Scenarios of arrivals, decisions, retractions and amendments on the real store: every order must come to one end.

What a person decides waits until both records are there: nobody can decide about what has not arrived. Everything else
may come in any order, a retraction before what it takes back included. An amendment is a retraction and a new event, as
agencies send it; a retracted name is out, whichever of its versions comes later.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from math import factorial
from typing import Any, Final

from deploy.embedded.progress import Report
from deploy.evaluation.cases import Op, Scenario, SequencesFile, amended
from deploy.evaluation.labelled import Record
from deploy.evaluation.stored import Stored
from services.identity.resolve import NotSettling, ResolveFailed

MAX_ORDERS: Final = 720
"""Orders tried of one scenario: all those of six ops. Of more ops, so many at random (seeded), the written one first."""
MAX_SHOWN: Final = 10
"""Failed orders listed of one scenario: the rest fail alike."""

People = frozenset[frozenset[str]]
NamePair = frozenset[str]


@dataclass(frozen=True, slots=True)
class End:
    """What an order came to."""

    people: People
    reviewed: frozenset[NamePair]
    """Pairs of names whose people have an open review item."""
    error: str = ""
    """Why it came to no end: the pipeline could not resolve something."""


def orders(scenario: Scenario) -> Iterator[tuple[int, ...]]:
    """The orders to try."""
    count = len(scenario.ops)
    if scenario.orders != "all":
        yield from scenario.orders
    elif factorial(count) <= MAX_ORDERS:
        yield from permutations(range(count))
    else:
        written = tuple(range(count))
        rng = random.Random(scenario.id)
        yield from {written: None} | {tuple(rng.sample(written, count)): None for _ in range(MAX_ORDERS - 1)}


def as_they_happen(ops: Sequence[Op], order: Iterable[int]) -> tuple[int, ...]:
    """The order with every decision put off until both records are there. Equal ops have one number, that of the first."""
    arrived: set[str] = set()
    waiting: list[int] = []
    happened: list[int] = []
    for index in order:
        op = ops[index]
        if op.decide is not None:
            waiting.append(index)
        else:
            happened.append(index)
            arrived |= {name for name in (op.rec, op.amend) if name is not None}
        ready = [one for one in waiting if arrived.issuperset(ops[one].names)]
        waiting = [one for one in waiting if one not in ready]
        happened += ready
    return tuple(ops.index(ops[index]) for index in happened)


@dataclass(slots=True)
class Play:
    """One order of one scenario under way."""

    store: Stored
    records: Mapping[str, Record]
    arrived: set[str] = field(default_factory=set)
    retracted: set[str] = field(default_factory=set)
    changes: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """Name -> what was amended, in turn."""

    async def run(self, ops: Iterable[Op]) -> End:
        """Let them happen, each resolved before the next; return what it came to."""
        await self.store.clear()
        try:
            for op in ops:
                await self._do(op)
                await self.store.resolve()
        except (ResolveFailed, NotSettling) as error:
            return End(frozenset(), frozenset(), f"{type(error).__name__}: {error}")
        return await self._end()

    async def _do(self, op: Op) -> None:
        if op.rec is not None:
            await self._post(op.rec, 0)
        elif op.retract is not None:
            self.retracted.add(op.retract)
            for version in range(len(self.changes.get(op.retract, ())) + 1):
                await self._take_back(op.retract, version)
        elif op.amend is not None:
            changes = self.changes.setdefault(op.amend, [])
            changes.append(op.set or {})
            await self._take_back(op.amend, len(changes) - 1, replaced_by=label(op.amend, len(changes)))
            await self._post(op.amend, len(changes))
        else:
            await self._decide(op)

    async def _post(self, name: str, version: int) -> None:
        await self.store.take([self.store.arrival(label(name, version), self._record(name, version), name)])
        self.arrived.add(name)
        if version and name in self.retracted:
            await self._take_back(name, version)

    async def _take_back(self, name: str, version: int, replaced_by: str | None = None) -> None:
        source = self._record(name, version).source_for(name)
        await self.store.take([self.store.retraction(label(name, version), source, replaced_by)])

    async def _decide(self, op: Op) -> None:
        one, other = (label(name, len(self.changes.get(name, ()))) for name in op.decide or ())
        await self.store.decide(one, other, op.verdict or "different", privileged=op.privileged)

    def _record(self, name: str, version: int) -> Record:
        record = self.records[name]
        for change in self.changes.get(name, ())[:version]:
            record = amended(record, change)
        return record

    async def _end(self) -> End:
        """Who is who now, by name."""
        person_of = await self.store.people()
        now = {name: person_of[label(name, len(self.changes.get(name, ())))] for name in self.arrived}
        names: dict[int, set[str]] = {}
        for name, person in now.items():
            names.setdefault(person, set()).add(name)
        reviewed = {
            frozenset((a, b))
            for one, other in await self.store.reviews()
            for a in names.get(one, ())
            for b in names.get(other, ())
        }
        return End(frozenset(map(frozenset, names.values())), frozenset(reviewed))


def label(name: str, version: int) -> str:
    """What a version of a record is called in the store."""
    return f"{name}.{version}"


def is_wanted(scenario: Scenario, end: End) -> bool:
    """Whether the people named in `final` are just those, and the pairs of `review` are open."""
    return (
        not end.error
        and all(frozenset(person) in end.people for person in scenario.final)
        and all(frozenset(pair) in end.reviewed for pair in scenario.review)
    )


async def evaluate_sequences(file: SequencesFile, store: Stored, report: Report) -> dict[str, Any]:
    """Play every scenario in every order; the outcome in the words of FORMATS."""
    failed: list[dict[str, Any]] = []
    passed = 0
    for scenario in file.scenarios:
        ends = await _ends(scenario, file.records, store, report)
        wrong = [(order, end) for order, end in ends if not is_wanted(scenario, end)]
        passed += not wrong
        failed += [
            {"id": scenario.id, "order": list(order), "got": _shown(end), "wanted": _wanted(scenario)}
            for order, end in wrong[:MAX_SHOWN]
        ]
    return {"scenarios": len(file.scenarios), "passed": passed, "failed": failed}


async def _ends(
    scenario: Scenario, records: Mapping[str, Record], store: Stored, report: Report
) -> list[tuple[tuple[int, ...], End]]:
    """What each order comes to. Orders in which the same happens are played once."""
    happen = {order: as_they_happen(scenario.ops, order) for order in orders(scenario)}
    ends: dict[tuple[int, ...], End] = {}
    different = sorted(set(happen.values()))
    for order in different:
        report(f"{scenario.id} {scenario.title}".strip(), done=len(ends), total=len(different))
        ends[order] = await Play(store, records).run(scenario.ops[index] for index in order)
    report(f"{scenario.id} {scenario.title}".strip(), done=len(ends), total=len(different))
    return [(order, ends[same]) for order, same in happen.items()]


def _shown(end: End) -> dict[str, Any]:
    shown: dict[str, Any] = {"final": _sorted(end.people), "review": _sorted(end.reviewed)}
    return shown | {"error": end.error} if end.error else shown


def _wanted(scenario: Scenario) -> dict[str, Any]:
    return {"final": _sorted(scenario.final), "review": _sorted(scenario.review)}


def _sorted(sets: Iterable[Iterable[str]]) -> Sequence[Sequence[str]]:
    return sorted(sorted(names) for names in sets)
