"""The benchmark "one chronology", small: at every look, and in any order of arrival, the engine says what the oracle says."""

import random

from services.trial.rule_tests import default_directory
from tests.bench.chronology import oracle
from tests.bench.chronology.play import play, shuffled
from tests.bench.chronology.population import LASTS, START, population

EVENTS, PEOPLE = 500, 40


def test_the_engine_stands_where_complete_knowledge_stands() -> None:
    made = population(EVENTS, PEOPLE, seed=3)
    looks = [START + LASTS * n / 4 for n in (1, 2, 3)]
    played, stood = play(made, default_directory(), looks)
    assert stood == [oracle.standing(made, at) for at in looks]
    assert played.standing() == oracle.standing(made, made.ends) != set()


def test_any_order_of_arrival_ends_alike() -> None:
    made = population(EVENTS, PEOPLE, seed=4)
    order = list(made.said)
    random.Random(4).shuffle(order)
    assert shuffled(made, default_directory(), order) == oracle.standing(made, made.ends)
