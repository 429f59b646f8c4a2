"""A seeded share of a city's year, played through the engine in memory: what rings, for whom, and how it was."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from services.alerts.state import Change, Kind, Why
from services.rules.evaluate import WOULD_TELL
from services.rules.load import Rules, load_catalogue
from services.rules.model import RuleFile
from services.trial.rule_tests import default_directory
from services.trial.run import Trial, run
from services.trial.world import Arrival
from tests.bench.year.families import DAYS, YEAR, Family
from tests.bench.year.rates import DANGERS, ORDINARY
from tests.chaos.stories import Family as Cast
from tests.chaos.stories import Story, stories

NEWS: Final = frozenset({Why.RAISED, Why.REOPENED, Why.RISEN, Why.NEW})
"""Calls that make somebody at a desk look; later ones of the same alert are news to somebody who knows it."""
SHADOW: Final = "shadow"


@dataclass(frozen=True, slots=True)
class Call:
    """One desk called to one alert."""

    rule: str
    urgency: str
    desk: str
    truth: str
    """danger, lapse, repeat or noise: what a second look would find."""


@dataclass(slots=True)
class Year:
    """What a share of a year came to."""

    share: float
    events: int = 0
    families: int = 0
    evaluations: int = 0
    incomplete: int = 0
    calls: list[Call] = field(default_factory=list)
    dangers: Counter[bool] = field(default_factory=Counter)
    """Of dangerous families: whether anything rang."""

    def per_day(self, calls: int) -> float:
        """Calls of the sample as calls a day of the whole city."""
        return calls / self.share / DAYS


def play(share: float, seed: int, rules: Rules | None = None) -> Year:
    """Play a share of the city's families, each in a world of its own."""
    year = Year(share)
    rules = rules or load_catalogue()
    for arrivals, truth in _families(share, seed, rules):
        trial = run(arrivals, rules, default_directory(), until=YEAR + timedelta(days=DAYS), skipping=True)
        year.families += 1
        year.events += len(arrivals)
        year.evaluations += len(trial.looks)
        year.incomplete += len(trial.incomplete)
        calls = list(_calls(trial, truth))
        year.calls += calls
        if truth == "danger":
            year.dangers[bool(calls)] += 1
    return year


def _families(share: float, seed: int, rules: Rules) -> Iterator[tuple[Sequence[Arrival], str]]:
    for kind in ORDINARY:
        for number in range(round(kind.in_a_million * share)):
            family = Family(random.Random(f"{seed}/{kind.name}/{number}"))
            kind.tell(family)
            yield family.arrivals(), family.truth
    told = [story for story in stories() if _is_danger(story, rules)]
    rng = random.Random(f"{seed}/dangers")
    for number in range(round(DANGERS * share)):
        story, cast = rng.choice(told), Cast(number, seed)
        yield sorted(cast.tell(story, 0, rng.randrange(2, 30)), key=lambda one: one.received_at), "danger"


def _is_danger(story: Story, rules: Rules) -> bool:
    """What reviews are about: the stories in which a rule of the first two urgencies rings."""
    rule_id, _, name = story.name.partition(" ")
    file: RuleFile = rules.rule(rule_id).file
    expected = next((test.expect for test in file.tests if test.name == name and test.kind == "positive"), [])
    return any(one.get("what") == "raised" and one.get("urgency") in ("U1", "U2") for one in expected)


def _calls(trial: Trial, truth: str) -> Iterator[Call]:
    for change in trial.log:
        rule, urgency = change.after.rule, change.after.urgency.name
        for notice in change.notices:
            if notice.why in NEWS:
                ladder = change.after.recipients[notice.agency].recipient.ladder
                yield Call(rule, urgency, f"{notice.agency}/{ladder}", truth)
        if {Kind.RAISED, Kind.REOPENED, Kind.RISEN} & set(change.kinds) and not change.after.finding.history_only:
            for desk in _would_tell(change):
                yield Call(rule, urgency, f"{desk} ({SHADOW})", truth)


def _would_tell(change: Change) -> Iterator[str]:
    """Of a shadow rule, the desks it would have called."""
    for line in change.after.finding.details.get(WOULD_TELL, ()):
        agency, _, ladder, _ = line.split()
        yield f"{agency}/{ladder}"
