from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.webhooks import schedule
from services.webhooks.schedule import JITTER, RETRIES, RETRY_AFTER_MOST, wait

NOW = datetime(2024, 3, 4, 12, tzinfo=UTC)


def test_a_delivery_is_tried_for_about_three_days() -> None:
    assert timedelta(hours=60) < sum(RETRIES, timedelta()) < timedelta(hours=80)
    assert wait(len(RETRIES) + 1) is None


@given(
    tries=st.integers(1, len(RETRIES)),
    asked=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    chance=st.floats(0, 1),
)
def test_a_wait_stays_within_its_bounds_whatever_the_receiver_asks(
    tries: int, asked: timedelta | None, chance: float
) -> None:
    planned = RETRIES[tries - 1]
    found = wait(tries, asked, chance=chance)
    assert found is not None
    assert planned * (1 - JITTER) <= found <= planned * RETRY_AFTER_MOST * (1 + JITTER)


def test_retry_after_lengthens_and_never_shortens() -> None:
    assert wait(1, timedelta(seconds=15), chance=0.5) == timedelta(seconds=15)
    assert wait(1, timedelta(days=1), chance=0.5) == timedelta(seconds=20)
    assert wait(4, timedelta(seconds=1), chance=0.5) == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120),
        (" 7 ", 7),
        ("Mon, 04 Mar 2024 12:01:00 GMT", 60),
        ("Mon, 04 Mar 2024 11:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 400, None),
        ("٣", None),
        ("Mon, 04 Mar 2024 12:01:00", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_nonsense_is_none(header: str | None, seconds: int | None) -> None:
    found = schedule.retry_after(header, NOW)
    assert found == (None if seconds is None else timedelta(seconds=seconds))


@given(chance=st.floats(0, 1))
def test_a_probe_comes_every_half_minute_to_two(chance: float) -> None:
    assert timedelta(seconds=30) <= schedule.probe(chance) <= timedelta(seconds=120)
