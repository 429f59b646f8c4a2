"""Clocks and lengths of time as rules write them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from schemas import clocks
from services import calendar
from services.chronology.facts import Fact, Interval

Clock = Literal["occurred", "known", "recorded", "received"]

_LENGTH: Final = re.compile(r"(\d+) (minute|hour|day|working day|week|month)s?")
_ABOUT: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "working day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
}
AT_ONCE: Final = "at once"
INSTANT: Final = timedelta(microseconds=1)
"""The moment just before another: what ends at 24:00 was still so one instant earlier."""
LONG_AGO: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""Before anything on the bus."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time: minutes and hours elapse, the others are counted on London's calendar."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Length":
        """Read "15 minutes", "1 working day", "26 weeks", "at once".

        Raises:
            ValueError: it is none of these.
        """
        if text == AT_ONCE:
            return cls(0, "minute")
        match = _LENGTH.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no length of time: write 15 minutes, 24 hours, 1 working day, at once ...")
        return cls(int(match[1]), match[2])

    def after(self, moment: datetime) -> datetime:
        """Return the moment so much later."""
        match self.unit:
            case "minute":
                return moment + timedelta(minutes=self.count)
            case "hour":
                return moment + timedelta(hours=self.count)
            case "day":
                return calendar.add_days(moment, self.count)
            case "working day":
                return calendar.add_working_days(moment, self.count)
            case "week":
                return calendar.add_weeks(moment, self.count)
            case _:
                return calendar.add_months(moment, self.count)

    def before(self, moment: datetime) -> datetime:
        """Return the moment so much earlier.

        Raises:
            ValueError: working days are counted forwards only.
        """
        if self.unit == "working day":
            raise ValueError("working days are counted forwards")
        return Length(-self.count, self.unit).after(moment)

    def step_before(self, last_day: datetime) -> datetime:
        """Return 09:00 so many weeks or months before the London day of `last_day`, moved back to a working day.

        Raises:
            ValueError: not weeks, months or days.
        """
        day = calendar.london(last_day).date()
        match self.unit:
            case "week":
                return calendar.step_before(day, weeks=self.count)
            case "month":
                return calendar.step_before(day, months=self.count)
            case "day":
                return calendar.step_before(day - timedelta(days=self.count))
            case _:
                raise ValueError(f"a step before a date is in days, weeks or months, not {self.unit}s")

    def about(self) -> timedelta:
        """Return it as elapsed time, roughly, to compare lengths of different units: never to reckon with."""
        return self.count * _ABOUT[self.unit]

    def __str__(self) -> str:
        if self == NO_TIME:
            return AT_ONCE
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"


NO_TIME: Final = Length(0, "minute")


def clock_of(fact: Fact, clock: Clock) -> tuple[datetime, datetime]:
    """Return the fact's [earliest, latest) by this clock; what is not known of `occurred` is filled in by known_at."""
    match clock:
        case "occurred":
            earliest, latest = fact.occurred
            if latest is None or latest > fact.known_at:  # it cannot have happened after it was known
                latest = max(fact.known_at, earliest) if earliest is not None else fact.known_at
            return (earliest if earliest is not None else latest, latest)
        case "known":
            return (fact.known_at, fact.known_at)
        case "recorded":
            return (fact.recorded_at, fact.recorded_at)
        case _:
            return (fact.received_at, fact.received_at)


def starts(fact: Fact, clock: Clock) -> datetime:
    """Return the earliest the fact can have been by this clock."""
    return clock_of(fact, clock)[0]


def ends(fact: Fact, clock: Clock) -> datetime:
    """Return the latest the fact can have been by this clock: an answer only possibly in time is late."""
    return clock_of(fact, clock)[1]


def stated(value: object) -> Interval | None:
    """Read a date or interval out of a fact's fields; None if it says nothing that can be read.

    The end of a bare date is the end of its day: a state that ends on it ends at 24:00.
    """
    if not isinstance(value, str | dict):
        return None
    try:
        return Interval(*clocks.span(value))
    except clocks.TimeRefused:
        return None
