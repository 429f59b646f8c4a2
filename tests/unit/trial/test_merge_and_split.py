"""Two people taken for one, and told apart again: everything is as if they had never been one.

Random histories, judged at every event on the way; in each, wrong merges that come and go among the right
ones. What stands in the end (who is who, which alerts, for whom, on what) equals a history without them.
"""

import os
import random
from datetime import datetime

import pytest

from services.identity.cluster import Decision
from services.rules.load import load_catalogue
from services.trial.rule_tests import default_directory
from services.trial.run import Trial, arrive, decide, let_time_pass, run
from tests.chaos.outcome import differences, of_trial
from tests.chaos.population import Population, population

HISTORIES = int(os.environ.get("TOCSIN_TEST_HISTORIES", "32"))
"""Each takes over a second with all rules; set it to several hundred after changing who is who."""
TOGETHER = 8
EVENTS = 9
WRONG = 3
"""Merges that come and go in one history."""


@pytest.mark.parametrize("first", range(0, HISTORIES, TOGETHER))
def test_a_merge_that_is_taken_back_leaves_nothing(first: int) -> None:
    merged = 0
    for seed in range(first, first + TOGETHER):
        made = population(EVENTS, seed)
        never = run(made.arrivals, load_catalogue(), default_directory(), until=made.ends)
        found, moved = with_wrong_merges(made, seed)
        assert differences(of_trial(found), of_trial(never)) == {}, f"seed {seed}"
        merged += moved
    assert merged, "no decision of these histories merged anybody: they show nothing"


def with_wrong_merges(made: Population, seed: int) -> tuple[Trial, int]:
    """Run it with decisions that come between its events and are all taken back before its end."""
    rng = random.Random(seed)
    trial = Trial(load_catalogue(), default_directory())
    standing: list[Decision] = []
    moved = 0
    comes = sorted(rng.sample(range(1, EVENTS), WRONG))
    goes = {rng.randrange(start + 1, EVENTS + 1) for start in comes} | {EVENTS}
    clock = made.arrivals[0].received_at
    for number, arrival in enumerate((*made.arrivals, None)):
        clock = arrival.received_at if arrival is not None else clock
        if number in comes and (wrong := _wrong(trial, rng, clock)) is not None:
            standing.append(wrong)
            before = trial.world.settled().person_of
            decide(trial, standing, clock)
            moved += before != trial.world.settled().person_of
        if number in goes and standing:
            standing = [] if number == EVENTS else standing[1:]
            decide(trial, standing, clock)
        if arrival is not None:
            let_time_pass(trial, clock, through=False)
            arrive(trial, arrival, clock)
    let_time_pass(trial, made.ends, through=True)
    return trial, moved


def _wrong(trial: Trial, rng: random.Random, clock: datetime) -> Decision | None:
    """Somebody says that two people are one, who are not."""
    named = {
        record: person
        for record, person in trial.world.settled().person_of.items()
        if record in trial.world.records and not trial.world.records[record].standard.slot
    }
    people = sorted(set(named.values()))
    if len(people) < 2:
        return None
    one, other = rng.sample(people, 2)
    a, b = sorted((one, other))
    return Decision(a, b, "same", clock)
