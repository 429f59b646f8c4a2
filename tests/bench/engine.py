"""The rules alone: how many cases one process judges in a second, without database, network or queue.

`python -m tests.bench engine`. All rules of the catalogue are on. Small cases are those of steady traffic; the large one
is the subject of the Birmingham case with everything that is known of him at the end.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import process_time
from typing import Final

from deploy import policy
from deploy.cases import load
from services.chronology.facts import Case
from services.clock import real_now
from services.directory import file, model
from services.directory.model import Directory
from services.rules.evaluate import evaluate
from services.rules.findings import Judging
from services.rules.load import Rules, load_catalogue
from services.tokens import Tokens
from services.trial.world import TRIAL_KEY, Arrival, World, case_of, take_in
from tests.bench.pipeline_traffic import Traffic

SECONDS: Final = 2.0
GROUPS: Final = 20
SMALL_FACTS: Final = 10
EVENTS_FOR_EACH: Final = 5
"""Of steady traffic, for each group, on top of what was known before: brings an ordinary subject to some ten facts."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast cases of one kind are judged."""

    name: str
    facts: float
    """On average in one case."""
    findings: float
    per_second: float


def small_cases() -> tuple[Sequence[Case], Directory]:
    """Subjects of steady traffic, of about ten facts each."""
    traffic = Traffic(GROUPS * 4, seed=3)
    world = World()
    now = real_now()
    for event in itertools.chain(traffic.history(), traffic.day(GROUPS * EVENTS_FOR_EACH)):
        take_in(world, Arrival(event, now))
    cases = [_case(world, person) for person in sorted(set(world.settled().person_of.values()))]
    near = [case for case in cases if abs(len(case.facts) - SMALL_FACTS) <= SMALL_FACTS // 3]
    return near, _directory_of_steady_traffic()


def large_case() -> tuple[Sequence[Case], Directory, datetime]:
    """The subject of the Birmingham case, and the moment after the last event."""
    case = load.load("birmingham")
    tokens = Tokens(TRIAL_KEY)
    world = World()
    for posting in load.events(case, "K+"):
        take_in(world, Arrival(posting.event, posting.at, posting.lane == "history"))
    persons = set(world.settled().person_of.values())
    largest = max((_case(world, person) for person in persons), key=lambda one: len(one.facts))
    directory = model.from_form(load.directory(case), phone_token=tokens.phone)
    return [largest], directory, case.ends


def _case(world: World, person: int) -> Case:
    """A case as it comes from the database: of who is who, only what its facts name."""
    case = case_of(world, person)
    records = {mention.record for fact in case.facts for mention in fact.mentions}
    records |= {join.person_record for join in case.joins}
    return replace(case, person_of={record: case.person_of.get(record, record) for record in records})


def measure() -> list[Measured]:
    """Judge each kind of case for a while."""
    rules = load_catalogue()
    cases, directory = small_cases()
    large, own, at = large_case()
    return [
        _measure(f"small cases ({SMALL_FACTS} facts)", cases, rules, directory, real_now()),
        _measure("the Birmingham subject", large, rules, own, at),
    ]


def _measure(name: str, cases: Sequence[Case], rules: Rules, directory: Directory, at: datetime) -> Measured:
    now = Judging.at(at)
    found = [evaluate(case, rules, directory, now) for case in cases]  # warm, and to say what they hold
    faults = [fault for one in found for fault in one.incomplete]
    assert not faults, faults
    began, judged = process_time(), 0  # of the processor, whatever else the machine does
    while process_time() - began < SECONDS:
        for case in cases:
            evaluate(case, rules, directory, now)
        judged += len(cases)
    return Measured(
        name,
        sum(len(case.facts) for case in cases) / len(cases),
        sum(len(one.findings) for one in found) / len(cases),
        judged / (process_time() - began),
    )


def _directory_of_steady_traffic() -> Directory:
    return model.from_form(policy.with_agreements(file.read(policy.SAMPLE)))
