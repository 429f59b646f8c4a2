"""The order of arrival does not matter: the same events, scrambled and each sent twice, end in the same findings."""

import random
from datetime import UTC, datetime
from functools import cache
from itertools import permutations
from typing import Any

import pytest

from deploy.cases.load import directory, events, load
from services.directory.model import Directory, from_form
from services.rules.findings import State
from services.rules.load import load_catalogue
from services.tokens import Tokens
from services.trial.rule_tests import arrival_of, default_directory
from services.trial.run import run, run_unordered
from services.trial.world import TRIAL_KEY, Arrival
from tests.chaos.outcome import Outcome, differences, of_trial
from tests.chaos.population import population

CASE = load("birmingham")


@cache
def agencies() -> Directory:
    tokens = Tokens(TRIAL_KEY)
    return from_form(directory(CASE), phone_token=tokens.phone)


def arrivals(label: str) -> list[Arrival]:
    return [Arrival(one.event, one.at, history=one.lane == "history") for one in events(CASE, label)]


@cache
def in_order(label: str) -> Outcome:
    return of_trial(run(arrivals(label), load_catalogue(), agencies(), until=CASE.ends))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("label", ["K+", "K-"])
def test_birmingham_scrambled_and_sent_twice(label: str, seed: int) -> None:
    posts = arrivals(label) * 2
    random.Random(seed).shuffle(posts)
    scrambled = of_trial(run_unordered(posts, load_catalogue(), agencies(), until=CASE.ends))
    assert differences(scrambled, in_order(label)) == {}


@pytest.mark.parametrize("label", ["K+", "K-"])
def test_birmingham_judged_at_every_event_of_a_scrambled_arrival(label: str) -> None:
    """As a bus does it: judged on the way, with half the facts, and corrected by what comes late."""
    posts = arrivals(label)
    random.Random(7).shuffle(posts)
    assert differences(of_trial(run(posts, load_catalogue(), agencies(), until=CASE.ends)), in_order(label)) == {}


RETRACTED_TWICE: list[dict[str, Any]] = [
    {"at": "2024-03-04T09:00", "id": "flag", "from": "csc-north", "type": "childrens-social-care.risk-flag.set",
     "people": ["S subject"], "data": {"flag": "pprc"}},
    {"at": "2024-03-05T09:00", "id": "report", "from": "police-north", "type": "police.concern.reported",
     "people": ["S subject", "C child"], "grade": "2C"},
    {"at": "2024-03-06T09:00", "id": "back", "from": "police-north", "type": "police.event.retracted", "people": [],
     "data": {"retracts": {"id": "report"}, "reason": "wrong-fact"}},
    {"at": "2024-03-07T09:00", "id": "back-again", "from": "police-north", "type": "police.event.retracted", "people": [],
     "data": {"retracts": {"id": "back"}, "reason": "wrong-fact"}},
]  # fmt: skip


@pytest.mark.parametrize(("told", "standing"), [(2, True), (3, False), (4, True)])
def test_a_report_whose_retraction_is_taken_back_counts_again_in_every_order(told: int, standing: bool) -> None:
    given = [arrival_of(each, n) for n, each in enumerate(RETRACTED_TWICE[:told])]
    ends = datetime(2024, 3, 8, tzinfo=UTC)
    for order in permutations(given):
        for trial in (
            run(order, load_catalogue(), default_directory(), until=ends),
            run_unordered(order, load_catalogue(), default_directory(), until=ends),
        ):
            rules = {alert.rule for alert in trial.alerts.values() if alert.condition.value == State.STANDING}
            assert ("R26" in rules) == standing, [each.event["id"] for each in order]


@pytest.mark.parametrize("seed", range(2))
def test_a_population_late_and_twice(seed: int) -> None:
    """Hundreds of events of families with merges, retractions and late events: as posted, and judged on the way."""
    made = population(250, seed)
    wanted = of_trial(run_unordered(made.arrivals, load_catalogue(), default_directory(), until=made.ends))
    posts = list(made.posts)
    assert differences(of_trial(run(posts, load_catalogue(), default_directory(), until=made.ends)), wanted) == {}
    random.Random(seed).shuffle(posts)
    assert (
        differences(of_trial(run_unordered(posts, load_catalogue(), default_directory(), until=made.ends)), wanted)
        == {}
    )
