"""No rule floods a desk in an ordinary year: a small seeded sample of it, with a budget for each rule."""

import random
from collections import Counter

import pytest

from schemas import registry
from tests.bench.year.families import Family
from tests.bench.year.play import play
from tests.bench.year.rates import ORDINARY, Kind

SHARE = 0.002
"""Of a city of a million: some sixty families, a few seconds. One call of the sample is 1.4 a day in the city."""
NOISE_MOST = 10.0
"""Calls a day about nothing that one rule may cause in the whole city. A desk gets through some thirty alerts a day; four
rules at this budget would fill one with noise alone. Seven calls of the sample."""


def test_no_rule_fills_a_desk_with_noise() -> None:
    year = play(SHARE, seed=1)
    assert not year.incomplete
    noise = Counter(call.rule for call in year.calls if call.truth == "noise")
    assert {rule: year.per_day(n) for rule, n in noise.items() if year.per_day(n) > NOISE_MOST} == {}
    assert not year.dangers[False], "a dangerous family rang nothing"


@pytest.mark.parametrize("kind", ORDINARY, ids=lambda kind: kind.name)
def test_what_is_said_of_ordinary_families_could_be_posted(kind: Kind) -> None:
    family = Family(random.Random(1))
    kind.tell(family)
    for arrival in family.arrivals():
        registry.parse(arrival.event["type"], arrival.event["data"], history=arrival.history)
