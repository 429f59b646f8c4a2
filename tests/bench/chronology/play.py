"""The engine through "one chronology": judged at every event, merge, split, correction and timer, in memory."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.alerts.diff import diff
from services.alerts.state import AlertState, Condition, apply
from services.chronology.facts import Case, EventRef, Fact, Interval, Mention
from services.directory.model import Directory
from services.rules.evaluate import evaluate
from services.rules.findings import EventPart, Judging
from services.rules.load import Rules, release
from services.rules.model import RuleFile
from tests.bench.chronology.population import ACKNOWLEDGED, BREACH, CONCERN, Population, Said, Same

TYPES: Final = {
    CONCERN: "police.concern.reported",
    BREACH: "probation.licence.breached",
    ACKNOWLEDGED: "probation.recall.decided",
}
_SOURCE: Final = "urn:tocsin:agency:police-north"
_EVERY: Final[Mapping[str, Any]] = {
    "version": "1.0.0", "status": "live", "owner": "the bench", "why": "A rule of the benchmark, for nobody but the benchmark.",
    "purpose": "safeguarding", "legal_basis": ["CA2004-s10"], "subject": "anybody", "hops": 0, "clock": "known",
    "urgency": [{"level": "U3"}], "uncorroborated": "rings at its own urgency", "to": [{"role": "owner", "shown": "D1"}],
    "text": {"why": "as the benchmark has it"},
}  # fmt: skip


def rules() -> Rules:
    """Three concerns within six hours; a breach that nobody acknowledges within two."""
    concerns = {
        "id": "R01", "name": "concerns", "kind": "count", "at_least": 3, "within": "6 hours", "watches": [TYPES[CONCERN]],
        "of": {"types": [TYPES[CONCERN]]}, "anchor": ["subject"],
    }  # fmt: skip
    breach = {
        "id": "R02", "name": "breach", "kind": "absence", "within": "2 hours", "watches": [TYPES[BREACH]],
        "of": {"types": [TYPES[BREACH]]}, "unless": [{"types": [TYPES[ACKNOWLEDGED]], "points_at": "event"}],
        "anchor": ["event", "subject"],
    }  # fmt: skip
    return release(RuleFile.model_validate({**_EVERY, **one}) for one in (concerns, breach))


@dataclass(slots=True)
class Played:
    """The engine's world so far. A person is the smallest of its source ids."""

    population: Population
    rules: Rules
    directory: Directory
    person_of: dict[int, int] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)
    facts: dict[int, dict[int, Fact]] = field(default_factory=lambda: defaultdict(dict))
    """By source id, by number of the event."""
    links: dict[tuple[int, int], bool] = field(default_factory=dict)
    alerts: dict[int, dict[int, AlertState]] = field(default_factory=lambda: defaultdict(dict))
    """By the source id they hang on."""
    timers: list[tuple[datetime, int]] = field(default_factory=list)
    next_look: dict[int, datetime] = field(default_factory=dict)
    evaluations: int = 0
    raised: int = 0
    fired: list[datetime] = field(default_factory=list)
    """When timers fired."""

    def begin(self) -> None:
        """Everybody as known from the beginning."""
        self._settle(range(self.population.ids))

    def take(self, one: Said, at: datetime) -> None:
        """Take an event in, once, and judge its person."""
        if one.number not in self.facts[one.source_id]:
            self.facts[one.source_id][one.number] = _fact(one)
            self.judge(self.person_of[one.source_id], at)

    def take_back(self, one: Said, at: datetime) -> None:
        """Take a correction in."""
        self.facts[one.source_id].pop(one.number, None)
        self.judge(self.person_of[one.source_id], at)

    def join(self, same: Same, at: datetime) -> None:
        """Two source ids are one person from now on, or no longer: judge whoever they were and are."""
        self.links[same.one, same.other] = not same.apart
        touched = self.members[self.person_of[same.one]] | self.members[self.person_of[same.other]]
        self._settle(touched)
        for person in sorted({self.person_of[one] for one in touched}):
            self.judge(person, at)

    def wait_until(self, at: datetime) -> None:
        """Let timers run out that are due before a moment."""
        while self.timers and self.timers[0][0] < at:
            due, person = heapq.heappop(self.timers)
            if self.next_look.get(person) == due and person in self.members:
                self.fired.append(due)
                self.judge(person, due)

    def judge(self, person: int, at: datetime) -> None:
        """Evaluate one person and fold what changed."""
        ids = self.members[person]
        facts = [fact for one in ids for fact in self.facts[one].values()]
        case = Case(person, facts, dict.fromkeys(ids, person))
        found = evaluate(case, self.rules, self.directory, Judging.at(at))
        assert not found.incomplete, found.incomplete
        self.evaluations += 1
        owned = {number: alert for one in ids for number, alert in self.alerts[one].items()}
        for change in diff(list(owned.values()), found.findings, self.person_of.__getitem__, at, subject=person):
            self.raised += change.before is None
            number = change.alert if change.before is not None else self.raised
            state = apply(change.before, change, number=number)
            self.alerts[state.owner_record][number] = state
        self.next_look.pop(person, None)
        if found.wake_at is not None:
            self.next_look[person] = found.wake_at
            heapq.heappush(self.timers, (found.wake_at, person))

    def standing(self) -> set[tuple[str, int, int | None]]:
        """What stands, as the oracle says it."""
        return {
            (alert.rule, self.person_of[alert.owner_record], _breach(alert))
            for owned in self.alerts.values()
            for alert in owned.values()
            if alert.condition is Condition.STANDING and alert.joined_to is None
        }

    def _settle(self, ids: Iterable[int]) -> None:
        """Work out who these are, from scratch."""
        ids = set(ids)
        near: dict[int, set[int]] = {one: {self.population.first_id[one]} for one in ids}
        for (one, other), holds in self.links.items():
            if holds and one in ids:
                near[one].add(other)
        for one, others in list(near.items()):
            for other in others:
                near[other].add(one)
        for person in ids & self.members.keys():
            del self.members[person]
        left = set(ids)
        while left:
            found, todo = set[int](), {min(left)}
            while todo:
                found |= todo
                todo = {other for one in todo for other in near[one]} - found
            self.members[min(found)] = found
            self.person_of.update(dict.fromkeys(found, min(found)))
            left -= found


def play(population: Population, directory: Directory, looks: Sequence[datetime] = ()) -> tuple[Played, list[set[Any]]]:
    """Play it in the order of receipt; return the engine's world at the end, and what stood at each of `looks`."""
    played, stood = Played(population, rules(), directory), list[set[Any]]()
    played.begin()
    happens: list[tuple[datetime, int, Any]] = [(one.received, 1, one) for one in population.said]
    happens += [(same.at, 2, same) for same in population.same]
    happens += [(one.taken_back, 3, one) for one in population.said if one.taken_back is not None]
    happens += [(at, 4, None) for at in looks]
    for at, what, which in sorted(happens, key=lambda each: each[:2]):
        played.wait_until(at)
        match what:
            case 1:
                played.take(which, at)
            case 2:
                played.join(which, at)
            case 3:
                played.take_back(which, at)
            case _:
                stood.append(played.standing())
    played.wait_until(population.ends)
    return played, stood


def shuffled(population: Population, directory: Directory, order: Sequence[Said]) -> set[tuple[str, int, int | None]]:
    """What stands at the end if everything is taken in in another order, and judged on the way by the clock of the end."""
    played = Played(population, rules(), directory)
    played.begin()
    ends = population.ends
    for same in population.same:
        played.join(same, ends)
    for one in order:
        if one.taken_back is None:
            played.take(one, ends)
    return played.standing()


def _breach(alert: AlertState) -> int | None:
    events = [part.event for part in alert.anchor.parts if isinstance(part, EventPart)]
    return int(events[0].id) if events else None


def _fact(one: Said) -> Fact:
    fields = {"rationale": "given"} if one.answers is None else {"about": {"id": str(one.answers)}}
    return Fact(
        key=one.number, ref=EventRef(_SOURCE, str(one.number)), agency="police-north", type=TYPES[one.kind], version=1,
        occurred=Interval(one.at, one.at), known_at=one.at, recorded_at=one.at, received_at=one.received,
        taken_at=one.received, history=False, grade=None, informant=None, fields=fields,
        mentions=(Mention("S", "subject", one.source_id, {"ref": "S", "role": "subject"}),), relations=(),
    )  # fmt: skip
