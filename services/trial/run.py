"""Running a trial: events arrive, timers run out, each touched case is judged, and every change of an alert is logged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas import registry
from services.alerts import named
from services.alerts.diff import diff
from services.alerts.state import AlertState, Change, fold
from services.chronology.around import neighbours
from services.chronology.facts import EventRef, Fact
from services.directory.model import Directory
from services.identity.cluster import Decision
from services.identity.people import Settled
from services.intake.read import is_plain
from services.rules.evaluate import evaluate
from services.rules.findings import Incomplete, Judging
from services.rules.load import Rules
from services.rules.people import People
from services.trial.world import Arrival, World, case_of, reached_by_flags, take_in, undone


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody decides about two people, each named as an event names them: the event, and the ref in it."""

    at: datetime
    verdict: Literal["same", "different"]
    one: tuple[EventRef, str]
    other: tuple[EventRef, str]


@dataclass(slots=True)
class Trial:
    """A run so far."""

    rules: Rules
    directory: Directory
    world: World = field(default_factory=World)
    alerts: dict[int, AlertState] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    incomplete: list[tuple[datetime, Incomplete]] = field(default_factory=list)
    wakes: dict[int, datetime] = field(default_factory=dict)
    """Person -> when to look again if nothing else happens."""
    looks: list[tuple[datetime, int]] = field(default_factory=list)
    """Who was judged and when, in order."""
    skipping: bool = False
    """Judge only those to whom an event can matter, as take-in marks them; else everybody it touches."""
    skipped: int = 0
    """Events for which nobody was judged."""


def run(
    arrivals: Iterable[Arrival],
    rules: Rules,
    directory: Directory,
    *,
    until: datetime,
    skipping: bool = False,
    said: Sequence[Said] = (),
) -> Trial:
    """Take in every event at its time (never before the one it follows), judge, and let time run out to `until`.

    What people decide about who is who (`said`, in order) comes after the events of its moment.

    Events of one moment are taken in before timers of that moment run out: an answer in the last minute is in time.
    """
    trial = Trial(rules, directory, skipping=skipping)
    clock: datetime | None = None
    for arrival in arrivals:
        clock = arrival.received_at if clock is None else max(clock, arrival.received_at)
        said = _say(trial, said, clock)
        let_time_pass(trial, clock, through=False)
        arrive(trial, arrival, clock)
    _say(trial, said, until)
    let_time_pass(trial, until, through=True)
    return trial


def _say(trial: Trial, said: Sequence[Said], before: datetime) -> Sequence[Said]:
    """Let people decide what they do before a moment; return what is left."""
    while said and said[0].at < before:
        decide(trial, [*trial.world.decisions, _decision(trial.world, said[0])], said[0].at)
        said = said[1:]
    return said


def _decision(world: World, said: Said) -> Decision:
    one, other = (world.facts[event].mention(ref).record for event, ref in (said.one, said.other))
    return Decision(min(one, other), max(one, other), said.verdict, said.at)


def run_unordered(
    arrivals: Sequence[Arrival], rules: Rules, directory: Directory, *, until: datetime, said: Sequence[Said] = ()
) -> Trial:
    """Take everything in first, in the order given, and judge everybody once at `until`: the state all orders end in."""
    trial = Trial(rules, directory)
    for arrival in arrivals:
        take_in(trial.world, arrival)
    trial.world.decide([_decision(trial.world, each) for each in said])
    for person in sorted(set(trial.world.settled().person_of.values())):
        judge(trial, person, until)
    return trial


def arrive(trial: Trial, arrival: Arrival, clock: datetime) -> None:
    """Take in one event and judge everybody it touches."""
    before, records = trial.world.settled(), len(trial.world.records)
    fact = take_in(trial.world, arrival)
    if fact is None:
        return
    if trial.skipping and len(trial.world.records) == records and _plain(fact, clock):
        _judge_whom_it_matters_to(trial, fact, clock)
        return
    named = {mention.record for each in (fact, *undone(trial.world, fact)) for mention in each.mentions}
    for person in _touched(trial.world, named, before):
        judge(trial, person, clock)


def _plain(fact: Fact, clock: datetime) -> bool:
    """As take-in decides it: the event says that something of its type happened to one person, and is past."""
    said = {**fact.fields, "people": [mention.body for mention in fact.mentions], "relationships": fact.relations}
    return is_plain(said) and max(fact.known_at, fact.recorded_at, fact.occurred.earliest or fact.known_at) <= clock


def _judge_whom_it_matters_to(trial: Trial, fact: Fact, clock: datetime) -> None:
    matters = trial.rules.readings.matters(fact)
    if matters.around:
        settled = trial.world.settled()
        near = _touched(trial.world, {mention.record for mention in fact.mentions}, settled)
    else:
        near = [trial.world.settled().person_of[fact.mentions[0].record]]
        idle = not matters.begins and not {alert.rule for alert in _owned(trial, near[0])} & matters.ends
        near = [] if idle else near
    trial.skipped += not near
    for person in near:
        judge(trial, person, clock)


def decide(trial: Trial, decisions: Sequence[Decision], clock: datetime) -> None:
    """Let these be all that people have decided, in place of what they had decided before, and judge whom it touches."""
    before = trial.world.settled()
    named = {record for decision in (*trial.world.decisions, *decisions) for record in decision[:2]}
    trial.world.decide(decisions)
    let_time_pass(trial, clock, through=False)
    for person in _touched(trial.world, named, before):
        judge(trial, person, clock)


def judge(trial: Trial, person: int, clock: datetime) -> None:
    """Evaluate one person's case and fold what changed into the alerts they own; then whomever it concerns, likewise."""
    waiting = [person]
    while waiting:
        waiting += sorted(_judge(trial, waiting.pop(0), clock) - set(waiting))


def _judge(trial: Trial, person: int, clock: datetime) -> set[int]:
    """Judge one person; return those in whose cases it counts what changed."""
    case = case_of(trial.world, person)
    settled = trial.world.settled()
    joined = {join.slot_record: settled.person_of.get(join.person_record, join.person_record) for join in settled.joins}
    others = named.of_others(
        trial.alerts.values(), person, lambda record: joined.get(record, settled.person_of.get(record, record))
    )
    evaluation = evaluate(case, trial.rules, trial.directory, Judging.at(clock), others)
    trial.looks.append((clock, person))
    trial.incomplete += [(clock, one) for one in evaluation.incomplete]
    trial.wakes.pop(person, None)
    if evaluation.wake_at is not None:
        trial.wakes[person] = evaluation.wake_at
    persons = settled.person_of
    owned = _owned(trial, person)
    people = People.of(case)

    def person_of(record: int) -> int:
        # Slots by the case's eyes; what an old anchor names and the case no longer holds, by membership.
        return people.person(record) if record in case.person_of else persons.get(record, record)

    changes = diff(owned, evaluation.findings, person_of, clock, subject=person)
    concerned = named.concerned(changes, trial.rules, person_of, lambda record: persons.get(record, record))
    trial.log += fold(trial.alerts, changes)
    return {persons.get(record, record) for record in concerned} - {person}


def _owned(trial: Trial, person: int) -> list[AlertState]:
    persons = trial.world.settled().person_of
    return [a for a in trial.alerts.values() if persons.get(a.owner_record, a.owner_record) == person]


def let_time_pass(trial: Trial, moment: datetime, *, through: bool) -> None:
    """Judge whoever's time runs out before `moment`, in order of time; with `through`, at it as well."""
    while trial.wakes:
        person, due = min(trial.wakes.items(), key=lambda wake: (wake[1], wake[0]))
        if due > moment or (due == moment and not through):
            return
        judge(trial, person, due)


def _touched(world: World, named: set[int], before: Settled) -> list[int]:
    """Whose records these are or moved to another person, whoever facts name beside those, and all one hop from them.

    A case may hold two records of somebody two hops away; that they are one person now changes it.
    """
    after = world.settled()
    moved = _moved(before, after)
    beside = {m.record for record in moved for other in world.facts_of.get(record, ()) for m in other.mentions}
    people = {after.person_of.get(record, record) for record in moved | named | beside}
    people |= {before.person_of[record] for record in moved if record in before.person_of}
    near: set[int] = set()
    for record, person in after.person_of.items():
        if person in people:
            for other in world.facts_of.get(record, ()):
                near |= neighbours(
                    other, person, lambda r: after.person_of.get(r, r), report=other.type in registry.REPORTS
                )
    near |= {other for person in people for other in reached_by_flags(world, person)}
    return sorted(people | near)


def _moved(before: Settled, after: Settled) -> set[int]:
    """Records that are another person than before, or a placeholder joined otherwise."""
    records = after.person_of.keys() | before.person_of.keys()
    moved = {record for record in records if after.person_of.get(record) != before.person_of.get(record)}
    return moved | {join.slot_record for join in set(after.joins) ^ set(before.joins)}
