"""One population, evaluated: accuracy in memory, then latency and order differences on the store."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

from deploy.embedded.progress import Report
from deploy.evaluation import memory as in_memory
from deploy.evaluation import metrics
from deploy.evaluation import register as of_register
from deploy.evaluation.figures import figures
from deploy.evaluation.groups import groups_of
from deploy.evaluation.labelled import Labelled, Record, read_population, unread
from deploy.evaluation.memory import InMemory
from deploy.evaluation.stored import BATCH, Stored
from services.clock import monotonic
from services.identity.scoring.model import PEOPLE, adopt, assume_people
from services.identity.standardise import Standard
from services.intake.read import Event

ALONE: Final = 500
"""Records resolved one by one for the milliseconds: enough for a p99 that five records make up."""
ENTANGLED: Final = 3_000
"""Records of a large file that are tried in other orders on the store: some five seconds for each order."""
STORED: Final = 16_000
"""Records of a large file, or register, that the store holds while one alone is timed: more take minutes to load."""
REPEATED: Final = 0.1
"""Share of arrivals that are delivered twice."""
TAKEN_BACK: Final = 0.05
"""Share of records beside which a wrong one arrives and is taken back: alike, but of another day of birth or without one."""
SEED: Final = 4
_FEW: Final = 20
"""Batches smaller than this are sometimes resolved row by row."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast records are resolved."""

    per_second: float
    milliseconds: Sequence[float]
    """Of each that was resolved alone."""


Scored = Literal["closed", "bus", "counted"]
"""How: as a closed file, which is itself counted first; as the bus that nobody has counted, for a million people; as the bus after
`tocsin identity count` of what it held before: the register if there is one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is evaluated."""

    records: Sequence[Labelled]
    register: Sequence[Labelled]
    orders: int
    unread: set[str]
    """Fields of the files that nobody reads."""
    scored: Scored = "closed"

    @classmethod
    def read(cls, file: Path, register: Path | None, *, orders: int, scored: Scored = "closed") -> Self:
        """Read the files.

        Raises:
            FileRefused: one is not what it should be.
        """
        records = list(read_population(file))
        known = list(read_population(register)) if register else []
        fields = {name for record in (*records, *known) for name in unread(record)}
        return cls(records, known, orders, fields, scored)


async def evaluate(plan: Plan, store: Stored | None, report: Report) -> dict[str, Any]:
    """Evaluate; the outcome in the words of FORMATS. Without a store, times are of working in memory."""
    began = monotonic()
    memory = InMemory()
    register = {f"register {record.rid}": record for record in plan.register}
    everything = register | {record.rid: record for record in plan.records}
    report("Reading the register")
    _assume(plan.scored, in_memory.standards(everything.items()), in_memory.standards(register.items()))
    for count, (rid, record) in enumerate(everything.items(), 1):
        memory.arrive(rid, record)
        if count % BATCH == 0 or count == len(everything):
            report("Comparing", done=count, total=len(everything))
    said = in_memory.answer(memory, memory.settled())
    seconds = monotonic() - began
    truth = {record.rid: record.person for record in plan.records}
    others = {rid: record.person for rid, record in register.items()}
    found = figures(truth, said, groups_of(plan.records), others)
    if register:
        found["new_person_wrongly_linked"] = new_person_wrongly_linked(truth, others, said.held)
    speed = Speed(len(everything) / seconds, memory.milliseconds)
    differences = 0
    if store is not None:
        speed, differences = await _on_the_store(everything, said.held, store, report)
        differences += await _in_other_orders(plan, everything, memory, said.held, store, report)
    return found | {
        "order_differences": differences,
        "seconds": seconds,
        "records_per_second": speed.per_second,
        "p50_ms": metrics.quantile(speed.milliseconds, 0.5),
        "p99_ms": metrics.quantile(speed.milliseconds, 0.99),
    }


def _assume(scored: Scored, everything: Sequence[Standard], register: Sequence[Standard]) -> None:
    if scored == "closed":
        of_register.assume(everything)
    elif scored == "bus":
        assume_people(PEOPLE)
    else:
        adopt(of_register.by_its_names(register or everything))


def new_person_wrongly_linked(truth: Mapping[str, str], others: Mapping[str, str], held: Mapping[str, object]) -> float:
    """Share of the people who are not in the register, a record of whom was put to somebody of the register."""
    known = set(others.values())
    new = {person for person in truth.values() if person not in known}
    taken = {held[rid] for rid in others}
    wrong = {person for rid, person in truth.items() if person in new and held[rid] in taken}
    return len(wrong) / len(new) if new else 0.0


async def _on_the_store(
    everything: Mapping[str, Record], held: Mapping[str, object], store: Stored, report: Report
) -> tuple[Speed, int]:
    """How fast records are taken in and resolved, the last ones alone; and pairs on which store and memory differ."""
    rids = list(everything)[-STORED:]  # the last: they are the population that is evaluated
    crowd, alone = rids[:-ALONE], rids[-ALONE:]
    began = monotonic()
    for count in range(0, len(crowd), BATCH):
        await store.take([store.arrival(rid, everything[rid]) for rid in crowd[count : count + BATCH]])
        await store.resolve()
        report("Loading the store", done=min(count + BATCH, len(crowd)), total=len(crowd))
    seconds = monotonic() - began
    milliseconds = []
    for rid in alone:
        began = monotonic()
        await store.take([store.arrival(rid, everything[rid])])
        await store.resolve()
        milliseconds.append(1_000 * (monotonic() - began))
    report("Timing one by one", done=len(alone), total=len(alone))
    # Of a part of the records, memory's answer would be another one.
    differences = metrics.distance(await store.people(), held) if len(rids) == len(everything) else 0
    await store.clear()
    in_batches = len(crowd) / seconds if crowd else 1_000 * len(alone) / sum(milliseconds)
    return Speed(in_batches, milliseconds), differences


async def _in_other_orders(
    plan: Plan,
    everything: Mapping[str, Record],
    memory: InMemory,
    held: Mapping[str, object],
    store: Stored,
    report: Report,
) -> int:
    """Pairs on which other orders of arrival differ from the first, over all of them. Every second has eight workers."""
    rids = entangled(memory, ENTANGLED)
    wanted = {rid: held[rid] for rid in rids}
    differences = 0
    for number in range(plan.orders):
        report("Other orders of arrival", done=number, total=plan.orders)
        rng = random.Random(SEED + number)
        await _arrive(shuffled(rids, everything, rng), store, rng, side_by_side=bool(number % 2))
        people = await store.people()
        differences += metrics.distance(wanted, people)
        await store.clear()
    if plan.orders:
        report("Other orders of arrival", done=plan.orders, total=plan.orders)
    return differences


def entangled(memory: InMemory, limit: int) -> list[str]:
    """Records of the neighbourhoods in which most came near each other, whole ones, about so many."""
    near = metrics.united({number: number for number in memory.held}, memory.verdicts)
    rids = metrics.members({rid: near[number] for rid, number in memory.number_of.items()})
    found: list[str] = []
    for own in sorted(rids.values(), key=lambda own: (-len(own), min(own))):
        if len(found) >= limit:
            break
        found += own
    return found


Step = tuple[str, Record, bool]
"""Label, record, whether it is taken back."""


def shuffled(rids: Sequence[str], everything: Mapping[str, Record], rng: random.Random) -> list[Step]:
    """The same facts in another order: some delivered twice, and wrong ones that are taken back, before or after."""
    steps: list[Step] = [(rid, everything[rid], False) for rid in rids]
    steps += [step for step in steps if rng.random() < REPEATED]
    for rid in rids:
        if rng.random() < TAKEN_BACK:
            wrong = everything[rid].model_copy(update={"date_of_birth": rng.choice((None, "1970-01-01"))})
            steps += [(f"{rid} wrong", wrong, taken_back) for taken_back in (False, True)]
    rng.shuffle(steps)
    return steps


async def _arrive(steps: Sequence[Step], store: Stored, rng: random.Random, *, side_by_side: bool) -> None:
    """In batches of any size: each resolved before the next, or by eight workers while more comes in."""
    if side_by_side:
        async with store.working(lambda: rng.choice((1, 5, _FEW))):
            for batch in _batches(steps, rng):
                await store.take(_events(batch, store))
        return
    for batch in _batches(steps, rng):
        await store.take(_events(batch, store))
        await store.resolve(rng.choice((1, BATCH)) if len(batch) < _FEW else BATCH)


def _batches(steps: Sequence[Step], rng: random.Random) -> Iterator[Sequence[Step]]:
    at = 0
    while at < len(steps):
        size = rng.randint(1, BATCH)
        yield steps[at : at + size]
        at += size


def _events(batch: Sequence[Step], store: Stored) -> list[Event]:
    return [
        store.retraction(rid, record.source_for(rid)) if taken_back else store.arrival(rid, record)
        for rid, record, taken_back in batch
    ]
