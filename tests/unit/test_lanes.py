"""Whatever the number of workers, every lane has one."""

import pytest

from consumers.evaluator import LANES, lanes_of
from services.judging import store as due


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7])
def test_every_lane_has_a_worker_and_live_is_looked_at_first_by_one(workers: int) -> None:
    found = lanes_of(workers)
    assert len(found) == workers
    assert {lane for lanes in found for lane in lanes} == {due.LIVE, due.SPREADING, due.SLOW}
    assert found[0][0] == due.LIVE
    assert all(due.LIVE in lanes for lanes in found)


def test_three_workers_have_a_lane_each() -> None:
    assert lanes_of(3) == list(LANES)
