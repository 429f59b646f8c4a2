"""Local times as a case file writes them, and what they become on the wire."""

import re
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

_LOCAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?", re.ASCII)
_OFFSET: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DURATION: Final = re.compile(r"(\d{1,4}) (minute|hour|day)s?", re.ASCII)
_SECONDS: Final = {"minute": 60, "hour": 3600, "day": 86400}


def is_time(text: str) -> bool:
    """Say whether the text is a time of day on a day: local, `2013-04-02 10:40`, or with its offset."""
    return _LOCAL.fullmatch(text) is not None or _OFFSET.fullmatch(text) is not None


def instant(text: str, zone: str) -> datetime:
    """Read a time as UTC: local, or with its offset. A bare day stands for its beginning.

    Raises:
        ValueError: not that form, no such time, or one that the clocks' change skips or repeats.
    """
    if _OFFSET.fullmatch(text) is not None:
        return datetime.fromisoformat(text).astimezone(UTC)
    match = _LOCAL.fullmatch(text if _DAY.fullmatch(text) is None else f"{text} 00:00")
    if match is None:
        raise ValueError(f"`{text}` is no time; write it as 2013-04-02 10:40 (local) or 2013-04-02T10:40+01:00")
    day = date.fromisoformat(match[1])
    clock = (int(match[2]), int(match[3]), int(match[4] or 0))
    local = datetime(day.year, day.month, day.day, *clock, tzinfo=ZoneInfo(zone))
    moment = local.astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"`{text}` does not exist in {zone}: the clocks go forward over it")
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise ValueError(f"`{text}` comes twice in {zone}: the clocks go back over it")
    return moment


def seconds(text: str) -> int:
    """Read `15 minutes`, `1 hour` or `3 days`.

    Raises:
        ValueError: not that form.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"`{text}` is no duration; write it as 15 minutes")
    return int(match[1]) * _SECONDS[match[2]]


def wire(text: str, zone: str) -> str:
    """Return a time with its offset from UTC; anything else (a date, a month, a year) as it is."""
    return instant(text, zone).astimezone(ZoneInfo(zone)).isoformat() if is_time(text) else text
