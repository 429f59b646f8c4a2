"""Birmingham in memory: the same pure parts as the pipeline, the whole case, every expected alert to the minute.

What needs servers (ladders, webhooks, views, leaks) is asserted end to end; see tests/e2e.
"""

import pytest

from deploy.cases import load
from deploy.replay import compare, memory

CASE = load.load("birmingham")


@pytest.mark.parametrize("label", list(CASE.variants))
def test_rings_what_the_tables_say(label: str) -> None:
    found = memory.outcome(CASE, label, memory.trial(CASE, label))
    assert memory.differences(CASE, found) == []


def test_the_comparison_sees_what_is_wrong() -> None:
    found = memory.outcome(CASE, "K-", memory.trial(CASE, "K+"))
    said = compare.differences(CASE, found)
    assert any("nobody expected it" in text for text in said)
    assert any("never rang" in text for text in said)


def test_any_order_ends_in_the_same_findings() -> None:
    found = memory.outcome(CASE, "K-", memory.trial(CASE, "K-", unordered=True))
    assert compare.final_differences(CASE, found) == []
