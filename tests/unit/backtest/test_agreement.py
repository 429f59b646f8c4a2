"""What was raised live a back-test raises again, alert by alert: random families with every rule's stories, in memory."""

import os
from typing import Final

import pytest

from services.backtest.compare import compare
from services.backtest.run import run
from services.backtest.stories import of_log
from services.judging.judge import Court
from services.rules.load import load_catalogue
from services.trial.rule_tests import default_directory
from tests.chaos.population import population
from tests.unit.backtest.lived import instants, live

SEEDS: Final = int(os.environ.get("TOCSIN_TEST_POPULATIONS", "2"))
"""Populations; set it to hundreds after changing a rule, what is logged of evaluations, or how history is cut."""
EVENTS: Final = 50


@pytest.mark.parametrize("seed", range(SEEDS))
def test_live_and_back_test_agree_to_the_alert(seed: int) -> None:
    made, rules, directory = population(EVENTS, seed), load_catalogue(), default_directory()
    trial, lived = live(made.arrivals, rules, directory, made.ends)
    history, court = lived.history(trial.world), Court.of(rules, directory)
    everybody = history.spells.keys()
    found = run(history, instants(trial), history.marks(everybody, rules.readings), lambda _: court, made.ends)

    def person_of(record: int) -> int:
        return history.person(record, made.ends)

    was, would_be = of_log(trial.log, person_of), of_log(found.log, person_of)
    assert not trial.incomplete
    assert not found.incomplete
    assert sum(story.raised() is not None for story in was.values()) > EVENTS // 10
    assert compare(was, would_be) == []
