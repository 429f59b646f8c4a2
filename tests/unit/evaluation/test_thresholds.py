"""Our answers at other thresholds, for the bench."""

import json

import pytest

from deploy.evaluation.labelled import Labelled
from deploy.evaluation.memory import InMemory
from deploy.evaluation.memory import answer as as_it_is
from services.identity import compare
from tests.bench.identity.generator.write import lines
from tests.bench.identity.overlap import known
from tests.bench.identity.thresholds import BIT, READERS, answers


@pytest.fixture(scope="module")
def memory() -> InMemory:
    made = InMemory()
    for line in lines(seed=11, people=300, mean=2.6):
        record = Labelled.model_validate(json.loads(line))
        made.arrive(record.rid, record)
    return made


def test_the_threshold_in_force_gives_the_answer_in_force(memory: InMemory) -> None:
    ((_, found),) = answers(memory, [compare.LINK / BIT])
    assert found == as_it_is(memory, memory.settled())


def test_a_higher_threshold_links_less_and_leaves_more_to_people(memory: InMemory) -> None:
    low, high = (said for _, said in answers(memory, [4, 16]))
    assert set(high.linked) < set(low.linked)
    assert len(set(high.held.values())) > len(set(low.held.values()))
    assert len(high.reviews) > len(low.reviews)


def test_afterwards_all_is_as_before(memory: InMemory) -> None:
    before = [dict(vars(module)) for module in READERS]
    list(answers(memory, [1, 2]))
    assert [dict(vars(module)) for module in READERS] == before


def test_what_the_tables_know_of_the_generator_is_a_share() -> None:
    assert 0.3 < known().short_forms <= 1
    assert 0.3 < known().spellings <= 1
