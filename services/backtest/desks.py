"""What alerts put on each desk: how many a day, by urgency. Pure.

A desk is counted whenever an alert comes to it anew: raised, reopened, risen, or the agency new to it. It is the desk the
directory names for that hour: of a ladder the first rung, at U3 and U4 the one in whose queue it waits. Rungs climbed
because nobody acknowledged are not counted: that is the desks' doing, not the rules'.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from services.alerts.ladder import desk_of, desks_now
from services.alerts.state import Why
from services.alerts.tell import CHOOSES_DESKS
from services.backtest.stories import Story, Version
from services.calendar import LONDON
from services.directory.model import Directory
from services.rules.findings import Recipient, Urgency

PERCENTILE: Final = 0.95
"""A bad day, of which a desk has one or two a month."""


class Desk(NamedTuple):
    """One desk and one urgency."""

    agency: str
    desk: str
    urgency: Urgency


class Load(NamedTuple):
    """What came to a desk over some days."""

    total: int
    mean: float
    """A day."""
    p95: int
    """On a bad day: of a hundred days, five are worse."""
    most: int
    """On the worst day."""


Count = Counter[tuple[Desk, date]]


def count(stories: Iterable[Story], directory: Callable[[datetime], Directory]) -> Count:
    """Count what comes to each desk on each London day."""
    counted: Count = Counter()
    for story in stories:
        for version in story.versions:
            for recipient in _anew(version):
                for path in desks_now(directory(version.at), recipient, version.urgency, version.at):
                    desk = Desk(*desk_of(recipient.agency, path), version.urgency)
                    counted[desk, version.at.astimezone(LONDON).date()] += 1
    return counted


def _anew(version: Version) -> Iterable[Recipient]:
    agencies = {agency for agency, why in version.told if Why(why) in CHOOSES_DESKS}
    return [recipient for recipient in version.recipients if recipient.agency in agencies]


def loads(counted: Count, first: datetime, last: datetime) -> Mapping[Desk, Load]:
    """Return each desk's load over the days from `first` to `last`, those without any alert included."""
    days = max((last.astimezone(LONDON).date() - first.astimezone(LONDON).date()) // timedelta(days=1) + 1, 1)
    by_desk: dict[Desk, list[int]] = {}
    for (desk, _), number in counted.items():
        by_desk.setdefault(desk, []).append(number)
    return {desk: _load(numbers, days) for desk, numbers in sorted(by_desk.items())}


def _load(numbers: list[int], days: int) -> Load:
    padded = [0] * (days - len(numbers)) + sorted(numbers)
    return Load(
        total=sum(numbers),
        mean=sum(numbers) / days,
        p95=padded[max(math.ceil(PERCENTILE * days) - 1, 0)],
        most=padded[-1],
    )
