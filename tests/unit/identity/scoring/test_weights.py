"""Weights are symmetric to the bit, add up exactly, and are given again by the records and the model's name."""

import random

import pytest

from services.identity import compare as comparing
from services.identity.compare import compare, explain, model_name
from services.identity.scoring import model
from services.identity.scoring.model import RIVALS, assume_people
from services.identity.standardise import standardise
from tests.unit.identity.population import mention
from tests.unit.identity.test_keys import anybody


@pytest.mark.parametrize("seed", range(10))
def test_lines_add_up_and_it_does_not_matter_who_comes_first(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(300):
        a, b = anybody(rng), anybody(rng)
        weight = compare(a, b).weight
        assert compare(b, a) == compare(a, b)
        assert sum(line.weight for line in explain(a, b)) == weight
        assert explain(a, b) == explain(b, a)


def test_every_level_is_said_of_one_person_and_of_every_rival() -> None:
    assert all(len(row.rivals) == len(RIVALS) and row.same <= 0 for row in model.MODEL.rows.values())


def test_the_more_people_the_likelier_a_stranger_and_the_name_says_so() -> None:
    pair = [standardise(mention("John Smith", "1984-03-22"), agency) for agency in ("police-kent", "csc-essex")]
    as_it_stands, named = compare(*pair).weight, model_name()
    assume_people(14_000)
    try:
        assert compare(*pair).weight > as_it_stands
        assert model_name() != named
    finally:
        assume_people(1_000_000)
    assert (compare(*pair).weight, model_name()) == (as_it_stands, named)


@pytest.mark.parametrize(
    "threshold", ["LINK", "JOIN", "SURE_OF_TWINS", "REVIEW", "SURE", "TOGETHER", "COUNTRY", "LIKE"]
)
def test_another_threshold_is_another_model(monkeypatch: pytest.MonkeyPatch, threshold: str) -> None:
    named = model_name()
    monkeypatch.setattr(comparing, threshold, getattr(comparing, threshold) + 1)
    assert model_name() != named
