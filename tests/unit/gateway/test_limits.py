"""How much one caller may send at once."""

import pytest

from gateway.limits import RateLimit
from services.errors import RateLimited


def test_a_burst_is_taken_and_then_the_rate_holds() -> None:
    rate = RateLimit(events_per_second=0.1, burst_seconds=100)  # ten at once, then one every ten seconds
    rate.charge("a", 10)
    with pytest.raises(RateLimited) as refused:
        rate.charge("a", 1)
    assert 9 <= refused.value.retry_after_seconds <= 10


def test_a_burst_that_is_just_permitted_is_taken_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(1000):
        now = 12_345.678_9 * (n + 1) / 7
        monkeypatch.setattr("gateway.limits.monotonic", lambda now=now: now)
        RateLimit(events_per_second=0.001, burst_seconds=1000).charge("a", 1)


def test_what_was_refused_costs_nothing() -> None:
    rate = RateLimit(events_per_second=0.1, burst_seconds=100)
    for _ in range(5):
        with pytest.raises(RateLimited):
            rate.charge("a", 11)
    rate.charge("a", 10)


def test_callers_do_not_share() -> None:
    rate = RateLimit(events_per_second=0.1, burst_seconds=100)
    rate.charge("a", 10)
    rate.charge("b", 10)


def test_nobody_is_asked_to_wait_for_hours() -> None:
    rate = RateLimit(events_per_second=0.001, burst_seconds=1000)
    rate.charge("a", 1)
    with pytest.raises(RateLimited) as refused:
        rate.charge("a", 1)
    assert refused.value.retry_after_seconds == 60
