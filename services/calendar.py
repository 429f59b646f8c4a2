"""The calendar that people live by: London days, England's bank holidays, working-day arithmetic. Pure.

Everywhere else time is UTC. Hours are elapsed time and need nothing from here; days, weeks, months and working days
keep the local time of day (domain A3a, "Calendar"). Every moment in and out is aware; those given back are UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

# ruff: noqa: A005 - the word everybody uses; nothing in this package is run as a script, so nothing is shadowed

LONDON: Final = ZoneInfo("Europe/London")

START_OF_WORK: Final = time(9, 0)
"""When a step or a due date without a time of its own falls on its day."""

_SATURDAY: Final = 5
_MONTHS: Final = 12


def london(moment: datetime) -> datetime:
    """Return the moment in London's local time.

    Raises:
        ValueError: the moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without an offset has no place here")
    return moment.astimezone(LONDON)


def at_local(day: date, clock: time = time(0)) -> datetime:
    """Return the moment at which London's clocks show this day and time.

    An hour that is skipped in spring is read as if the clocks had not changed yet; one that comes twice is the first.
    """
    return datetime.combine(day, clock, tzinfo=LONDON).astimezone(UTC)


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of England in a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


@lru_cache(maxsize=4096)
def working_day(day: date) -> bool:
    """Say whether offices are open: Monday to Friday and no bank holiday."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


def next_working_day(day: date) -> date:
    """Return the first working day after this one."""
    day += timedelta(days=1)
    while not working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(moment: datetime, days: int) -> datetime:
    """Return the same local time `days` working days on; what began on a day off begins at 00:00 of the next working day.

    Raises:
        ValueError: `days` is negative.
    """
    if days < 0:
        raise ValueError("working days are counted forwards")
    local = london(moment)
    day, clock = local.date(), local.time()
    if not working_day(day):
        day, clock = next_working_day(day), time(0)
    for _ in range(days):
        day = next_working_day(day)
    return at_local(day, clock)


def add_days(moment: datetime, days: int) -> datetime:
    """Return the same local time `days` calendar days on (back, if negative)."""
    local = london(moment)
    return at_local(local.date() + timedelta(days=days), local.time())


def add_weeks(moment: datetime, weeks: int) -> datetime:
    """Return the same local time `weeks` weeks on (back, if negative)."""
    return add_days(moment, 7 * weeks)


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same local time `months` months on (back, if negative), on the last day of a month too short for it."""
    local = london(moment)
    return at_local(_months_on(local.date(), months), local.time())


def step_before(day: date, *, weeks: int = 0, months: int = 0) -> datetime:
    """Return 09:00 on the day so many weeks and months before `day`, moved back to a working day."""
    found = _months_on(day, -months) - timedelta(weeks=weeks)
    while not working_day(found):
        found -= timedelta(days=1)
    return at_local(found, START_OF_WORK)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, _days_in_month(year, month + 1)))


def _days_in_month(year: int, month: int) -> int:
    after = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return (after - timedelta(days=1)).day
