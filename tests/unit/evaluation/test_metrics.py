"""The figures against small populations worked by hand."""

from math import log2

import pytest

from deploy.evaluation import metrics
from deploy.evaluation.figures import Answer, figures

# Anna has three records, Ben two, Cleo one. We hold a1 with a2, a3 with b1, and the others alone.
TRUTH = {"a1": "Anna", "a2": "Anna", "a3": "Anna", "b1": "Ben", "b2": "Ben", "c1": "Cleo"}
HELD = {"a1": 1, "a2": 1, "a3": 2, "b1": 2, "b2": 3, "c1": 4}


def test_edges_count_each_pair_once_whichever_way_round() -> None:
    found = metrics.edges(TRUTH, [("a1", "a2"), ("a2", "a1"), ("a3", "b1")])
    assert (found.right, found.claimed, found.true) == (1, 2, 4)  # 3 pairs of Anna and 1 of Ben
    assert (found.precision, found.recall) == (0.5, 0.25)


def test_closure_counts_the_pairs_of_people() -> None:
    assert metrics.closure(TRUTH, HELD) == (1, 2, 4)


def test_bcubed_is_a_mean_over_records() -> None:
    found = metrics.bcubed(TRUTH, HELD)
    assert found.precision == pytest.approx((1 + 1 + 1 / 2 + 1 / 2 + 1 + 1) / 6)
    assert found.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 / 2 + 1 / 2 + 1) / 6)
    assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))


def test_exact_and_polluted_people() -> None:
    assert metrics.exact_people(TRUTH, HELD) == pytest.approx(1 / 3)  # Cleo alone
    assert metrics.polluted(TRUTH, HELD) == [["a3", "b1"]]
    assert metrics.polluted_people(TRUTH, HELD) == pytest.approx(1 / 3)  # of three true people


def test_nothing_claimed_is_precise_and_nothing_to_find_is_found() -> None:
    apart = {record: record for record in TRUTH}
    assert metrics.closure(TRUTH, apart) == (0, 0, 4)
    assert metrics.closure(TRUTH, apart).precision == 1
    assert metrics.closure(apart, apart).recall == 1


def test_distance_is_the_pairs_on_which_two_answers_disagree() -> None:
    assert metrics.distance(HELD, HELD) == 0
    assert metrics.distance(HELD, {**HELD, "a1": 9}) == 1
    assert metrics.distance(HELD, dict.fromkeys(HELD, 1)) == 15 - 2


def test_united_follows_chains() -> None:
    after = metrics.united(HELD, [("a2", "a3"), ("b2", "a1")])
    assert len({after[r] for r in ("a1", "a2", "a3", "b1", "b2")}) == 1
    assert after["c1"] == 4


def test_calibration_is_the_distance_within_bins_and_the_surprise() -> None:
    even = metrics.calibration([(0.0, True), (0.0, False)])
    assert even == pytest.approx((0, 1))  # one in two at even odds
    high = log2(0.8 / 0.2)
    found = metrics.calibration([(high, True), (high, False)])
    assert found.ece == pytest.approx(0.3)
    assert found.log_loss_bits == pytest.approx((-log2(0.8) - log2(0.2)) / 2)
    assert metrics.calibration([(500.0, False)]).log_loss_bits == pytest.approx(metrics.MOST_BITS)


def test_groups_take_pairs_with_a_record_in_them() -> None:
    groups = {"a1": ["x"], "a3": ["x"], "b2": ["y"], "c1": ["z"]}
    found = metrics.by_group(TRUTH, HELD, groups)
    assert found["x"] == (1, 2, 3)  # claimed a1-a2 and a3-b1; all three pairs of Anna hold a1 or a3
    assert found["y"] == (0, 0, 1)
    assert found["z"] == (0, 0, 0)


def test_review_counts_items_yield_and_what_they_would_find() -> None:
    said = Answer(HELD, [], [("a2", "a3"), ("b2", "c1")], [])
    found = figures(TRUTH, said, {})["review"]
    assert found["items_per_1000"] == pytest.approx(1000 * 2 / 6)
    assert found["yield"] == 0.5
    assert found["recall_with_review"] == pytest.approx(3 / 4)  # Anna whole, with b1; Ben still in two
