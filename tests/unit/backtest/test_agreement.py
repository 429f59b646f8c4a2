"""What was raised live a back-test raises again, alert by alert: random families with every rule's stories, in memory."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pytest

from services.backtest.compare import compare
from services.backtest.run import run
from services.backtest.stories import Key, Story, of_log
from services.judging.judge import Court
from services.rules.load import load_catalogue
from services.trial.rule_tests import arrival_of, default_directory
from services.trial.world import Arrival
from tests.chaos.population import AFTERWARDS, population
from tests.unit.backtest.lived import instants, live

SEEDS: Final = int(os.environ.get("TOCSIN_TEST_POPULATIONS", "2"))
"""Populations; set it to hundreds after changing a rule, what is logged of evaluations, or how history is cut."""
EVENTS: Final = 50


@pytest.mark.parametrize("seed", range(SEEDS))
def test_live_and_back_test_agree_to_the_alert(seed: int) -> None:
    made = population(EVENTS, seed)
    was, would_be = _both(made.arrivals, made.ends)
    assert sum(story.raised() is not None for story in was.values()) > EVENTS // 10
    assert compare(was, would_be) == []


@pytest.mark.parametrize("rule", ["R12", "R33", "R41"])
def test_they_agree_where_somebody_else_s_alert_counts(rule: str) -> None:
    """The alert is in no lineage of the child's: a back-test takes it as it stood live."""
    stories = [test for test in load_catalogue().rule(rule).file.tests if "R08" in test.beside]
    assert len(stories) > 3
    raised = 0
    for story in stories:
        arrivals = sorted(
            (arrival_of(given, n) for n, given in enumerate(story.given)), key=lambda one: one.received_at
        )
        was, would_be = _both(arrivals, arrivals[-1].received_at + AFTERWARDS)
        raised += any(key.rule == rule and one.raised() for key, one in was.items())
        assert compare(was, would_be) == [], story.name
    assert raised > 1


def _both(arrivals: Sequence[Arrival], ends: datetime) -> tuple[Mapping[Key, Story], Mapping[Key, Story]]:
    """What became of alerts live, and in a back-test of each lineage by itself."""
    rules, directory = load_catalogue(), default_directory()
    trial, lived = live(arrivals, rules, directory, ends)
    history, court = lived.history(trial.world, trial.log), Court.of(rules, directory)
    everybody = history.spells.keys()
    found = run(history, instants(trial), history.marks(everybody, rules.readings), lambda _: court, ends)

    def person_of(record: int) -> int:
        return history.person(record, ends)

    assert not trial.incomplete
    assert not found.incomplete
    return of_log(trial.log, person_of), of_log(found.log, person_of)
