"""The London calendar: fixed days of the Birmingham case, and what must hold for every moment."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import calendar

MOMENTS = st.datetimes(datetime(1995, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds hypothesis wants
DAYS = st.dates(date(1995, 1, 1), date(2040, 1, 1))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    "day", ["2012-12-25", "2012-12-26", "2013-01-01", "2013-03-29", "2013-04-01", "2013-05-06", "2013-05-27"]
)
def test_days_off_in_the_birmingham_window(day: str) -> None:
    assert not calendar.working_day(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param("2013-04-02T10:40", 1, "2013-04-03T10:40", id="the next day"),
        pytest.param("2013-05-24T11:00", 1, "2013-05-28T11:00", id="over a weekend and a bank holiday"),
        pytest.param("2013-03-28T16:00", 1, "2013-04-02T16:00", id="over Easter"),
        pytest.param("2013-03-30T10:00", 1, "2013-04-03T00:00", id="begun on a day off: from 00:00 of the next"),
        pytest.param("2013-03-30T10:00", 0, "2013-04-02T00:00", id="begun on a day off, none on"),
        pytest.param("2013-04-02T10:40", 0, "2013-04-02T10:40", id="none on"),
    ],
)
def test_working_days(start: str, days: int, end: str) -> None:
    assert calendar.add_working_days(at(start), days) == at(end)


@pytest.mark.parametrize(
    ("day", "weeks", "step"),
    [
        ("2013-02-15", 6, "2013-01-04T09:00"),
        ("2013-04-15", 26, "2012-10-15T09:00"),
        ("2013-04-15", 12, "2013-01-21T09:00"),
        ("2013-04-15", 6, "2013-03-04T09:00"),
        pytest.param("2013-04-15", 2, "2013-03-28T09:00", id="Easter Monday, so the Thursday before"),
        ("2013-04-15", 0, "2013-04-15T09:00"),
    ],
)
def test_steps_before_a_date(day: str, weeks: int, step: str) -> None:
    assert calendar.step_before(date.fromisoformat(day), weeks=weeks) == at(step)


def test_six_months_before_a_day_its_month_lacks() -> None:
    assert calendar.step_before(date(2012, 8, 31), months=6) == at("2012-02-29T09:00")


def test_days_keep_the_local_time_over_a_change_of_clocks() -> None:
    assert calendar.add_days(at("2013-03-30T10:00"), 1) - at("2013-03-30T10:00") == timedelta(hours=23)
    assert calendar.add_months(at("2013-01-31T10:00"), 1) == at("2013-02-28T10:00")


def test_naive_times_are_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        calendar.add_days(datetime(2013, 4, 2), 1)  # noqa: DTZ001 - to be refused - the bounds hypothesis wants


@given(MOMENTS, st.integers(0, 30))
def test_working_days_end_on_a_working_day_and_count_them(moment: datetime, days: int) -> None:
    end = calendar.london(calendar.add_working_days(moment, days))
    assert calendar.working_day(end.date())
    start = calendar.london(moment).date()
    between = [start + timedelta(days=n) for n in range(1, (end.date() - start).days + 1)]
    expected = days if calendar.working_day(start) else days + 1
    assert sum(map(calendar.working_day, between)) == expected


@given(MOMENTS, MOMENTS, st.integers(0, 15))
def test_working_days_keep_the_order_of_moments(one: datetime, other: datetime, days: int) -> None:
    early, late = sorted((one, other))
    assert calendar.add_working_days(early, days) <= calendar.add_working_days(late, days)


@given(MOMENTS, st.integers(0, 10), st.integers(0, 10))
def test_working_days_add_up(moment: datetime, first: int, second: int) -> None:
    begun = calendar.add_working_days(moment, 0)
    assert calendar.add_working_days(calendar.add_working_days(begun, first), second) == calendar.add_working_days(
        moment, first + second
    )


@given(DAYS, st.integers(0, 30))
def test_a_step_is_nine_on_a_working_day_no_later_than_its_week(day: date, weeks: int) -> None:
    step = calendar.london(calendar.step_before(day, weeks=weeks))
    assert step.time() == time(9)
    assert calendar.working_day(step.date())
    assert timedelta(0) <= day - timedelta(weeks=weeks) - step.date() <= timedelta(days=6)
