"""When things happened: instants, bare dates and honest intervals, read as spans of UTC.

Writing on the wire          read as [earliest, latest)
`2013-04-02T10:40:00+01:00`  that instant on both sides
`2013-04-02`                 the whole day in Europe/London
`2013-04`, `2013`            the whole month, the whole year
`{"earliest": .., "latest": .., "text": "late March 2013"}`
                             from the start of the first to the end of the second; either may be null (not known)
`null`                       not known at all

So an end given as a bare date is inclusive: a licence that ends `2013-04-15` ends at 24:00 that day. A time without an
offset is refused: nobody can say later which clock it came from.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from schemas.closed import refusal, written

LONDON: Final = ZoneInfo("Europe/London")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_NAIVE_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.ASCII)
_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_SPAN_KEYS: Final = frozenset({"earliest", "latest", "text"})

# Free text would be a hole in the seal, so the words in which a span was given come from this list.
_TIME_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """
        about around before after since until between early mid late beginning middle end start some time sometime
        of the in on at and to or morning afternoon evening night midnight midday day days week weeks weekend month
        months year years recently spring summer autumn winter christmas easter school term holiday holidays
        first second third last next january february march april may june july august september october november
        december monday tuesday wednesday thursday friday saturday sunday
        """,
    )
)
_TIME_FIGURE: Final = re.compile(r"(?:19|20|21)\d\d|[0-3]?\d(?:st|nd|rd|th)?", re.ASCII)
_MAX_FIGURES: Final = 3
"""Figures in such words: a day, a month, a year. More would carry a telephone number."""
MAX_TEXT_CHARS: Final = 60


class Span(NamedTuple):
    """[earliest, latest) in UTC; None on a side means not known on that side. An instant has both alike."""

    earliest: datetime | None
    latest: datetime | None

    @property
    def is_instant(self) -> bool:
        """Whether both sides are known and the same."""
        return self.earliest is not None and self.earliest == self.latest


UNKNOWN: Final = Span(None, None)


class TimeRefused(ValueError):
    """A time that cannot be read. `code` and `fix` may be shown to the sender; neither repeats the input.

    `within` names the side of an interval that is wrong.
    """

    def __init__(self, code: str, fix: str, within: str = "") -> None:
        super().__init__(fix)
        self.code = code
        self.fix = fix
        self.within = within


_NOT_A_TIME: Final = ("time-form", "Write an instant with its offset, such as 2013-04-02T10:40:00Z.")
_NAIVE: Final = ("time-naive", "Add the offset from UTC: Z, or +01:00 in British Summer Time.")
_IMPOSSIBLE: Final = ("date-impossible", f"Write a date that exists, in the years {FIRST_YEAR} to {LAST_YEAR}.")
_NOT_A_SPAN: Final = (
    "time-form",
    "Write an instant with its offset, a YYYY-MM-DD, YYYY-MM or YYYY, or an object with earliest and latest.",
)
_BACKWARDS: Final = ("time-backwards", "Let earliest be no later than latest.")
_SPAN_FIELDS: Final = ("unknown-field", "Only earliest, latest and text may stand here.")
_SPAN_EMPTY: Final = ("missing", "Give earliest, latest or both; null for the side that is not known.")
_SPAN_TEXT: Final = ("time-text", "Say it in words of time and figures only, such as: late March 2013.")


def instant(value: object) -> datetime:
    """Read an RFC 3339 instant as UTC.

    Raises:
        TimeRefused: not that form, no offset, or a moment that does not exist.
    """
    if not isinstance(value, str) or _INSTANT.fullmatch(value) is None:
        naive = isinstance(value, str) and _NAIVE_INSTANT.fullmatch(value)
        raise TimeRefused(*(_NAIVE if naive else _NOT_A_TIME))
    try:
        moment = datetime.fromisoformat(value.upper())
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise TimeRefused(*_IMPOSSIBLE) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise TimeRefused(*_IMPOSSIBLE)
    return moment


def span(value: object) -> Span:
    """Read any form of this module's table as a span; see there.

    Raises:
        TimeRefused: none of the forms, or one that cannot be.
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return _span_of_text(value)
    if isinstance(value, dict):
        return _span_of_object(value)
    raise TimeRefused(*_NOT_A_SPAN)


def _span_of_text(value: str) -> Span:
    if len(value) <= len("2013-04-02"):
        return _bare(value)
    moment = instant(value)
    return Span(moment, moment)


def _span_of_object(value: dict[Any, Any]) -> Span:
    if not value.keys() <= _SPAN_KEYS:
        raise TimeRefused(*_SPAN_FIELDS)
    earliest, latest = _side(value, "earliest").earliest, _side(value, "latest").latest
    if earliest is None and latest is None and "text" not in value:
        raise TimeRefused(*_SPAN_EMPTY)
    if earliest is not None and latest is not None and earliest > latest:
        raise TimeRefused(*_BACKWARDS)
    if "text" in value:
        _check_text(value["text"])
    return Span(earliest, latest)


def _side(value: dict[Any, Any], name: str) -> Span:
    side = value.get(name)
    if side is None:
        return UNKNOWN
    if not isinstance(side, str):
        raise TimeRefused(*_NOT_A_TIME, name)
    try:
        return _span_of_text(side)
    except TimeRefused as refused:
        raise TimeRefused(refused.code, refused.fix, name) from None


def _check_text(value: object) -> None:
    if not isinstance(value, str) or len(value) > MAX_TEXT_CHARS:
        raise TimeRefused(*_SPAN_TEXT, "text")
    figures = [word for word in re.split("[ -]", value.lower()) if word not in _TIME_WORDS]
    if len(figures) > _MAX_FIGURES or not all(_TIME_FIGURE.fullmatch(figure) for figure in figures):
        raise TimeRefused(*_SPAN_TEXT, "text")


@lru_cache(maxsize=4096)
def _bare(value: str) -> Span:
    """A date, month or year in London, from its first midnight to the one after it."""
    match = _DATE.fullmatch(value)
    if match is None:
        raise TimeRefused(*_NOT_A_SPAN)
    first, after = _days(match)
    return Span(_midnight(first), _midnight(after))


def _days(match: re.Match[str]) -> tuple[date, date]:
    """First day of the date, month or year, and the first day after it."""
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        raise TimeRefused(*_IMPOSSIBLE)
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise TimeRefused(*_IMPOSSIBLE) from None
    if day is not None:
        return first, first + timedelta(days=1)
    if month is not None:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def _valid_instant(value: object) -> datetime:
    try:
        return instant(value)
    except TimeRefused as refused:
        raise refusal(refused.code, refused.fix) from None


def _valid_span(value: object) -> Span:
    try:
        return span(value)
    except TimeRefused as refused:
        raise refusal(refused.code, refused.fix, refused.within) from None


def _valid_known_span(value: object) -> Span:
    found = _valid_span(value)
    if value is None:
        raise refusal(*_NOT_A_SPAN)
    if found.latest is None:
        raise refusal("time-open", "Give at least the latest time at which it can have been: that end counts.")
    return found


def written_span(value: Span) -> str | dict[str, str | None] | None:
    """A span as it may stand on the wire; the form it came in is not kept, its ends are."""
    if value == UNKNOWN:
        return None
    if value.is_instant and value.latest is not None:
        return value.latest.isoformat()
    return {side: moment.isoformat() if moment else None for side, moment in value._asdict().items()}


INSTANT_JSON: Final = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339 with its offset from UTC.",
}
# Only days that exist, so that every reader of the published schema refuses the thirtieth of February.
_DAY: Final = (
    "(0[13578]|1[02])(-(0[1-9]|[12][0-9]|3[01]))?|(0[469]|11)(-(0[1-9]|[12][0-9]|30))?|02(-(0[1-9]|1[0-9]|2[0-8]))?"
)
_LEAP_DAY: Final = "((19|20|21)(0[48]|[2468][048]|[13579][26])|2000)-02-29"
DATE_PATTERN: Final = f"^((19|20|21)[0-9]{{2}}(-({_DAY}))?|{_LEAP_DAY})$"
BARE_JSON: Final = {
    "type": "string",
    "pattern": DATE_PATTERN,
    "description": "A day, month or year in Europe/London.",
}
_END_JSON: Final = {"anyOf": [INSTANT_JSON, BARE_JSON, {"type": "null"}]}
SPAN_JSON: Final = {
    "type": "object",
    "properties": {
        "earliest": {**_END_JSON, "description": "From its start. Null or left out: not known on that side."},
        "latest": {**_END_JSON, "description": "To its end, so a bare date is inclusive. Null or left out: not known."},
        "text": {"type": "string", "maxLength": MAX_TEXT_CHARS, "description": "Words of time, such as: late March."},
    },
    "additionalProperties": False,
    "minProperties": 1,
}

Instant = Annotated[datetime, PlainValidator(_valid_instant), WithJsonSchema(INSTANT_JSON)]
"""An instant, held as UTC."""

KNOWN_WHEN_JSON: Final = {"anyOf": [INSTANT_JSON, BARE_JSON, SPAN_JSON]}
WHEN_JSON: Final = {"anyOf": [INSTANT_JSON, BARE_JSON, SPAN_JSON, {"type": "null"}]}

When = Annotated[Span, PlainValidator(_valid_span), PlainSerializer(written_span), WithJsonSchema(WHEN_JSON)]
"""Any form of the table above; null is unknown."""

KnownWhen = Annotated[
    Span, PlainValidator(_valid_known_span), PlainSerializer(written_span), WithJsonSchema(KNOWN_WHEN_JSON)
]
"""A clock whose latest end must be known. Live events need an instant; history may be less exact."""

PartialDate = Annotated[
    str, written(DATE_PATTERN, "Write a date that exists, as YYYY-MM-DD, or YYYY-MM or YYYY if no more is known.")
]
"""A date of birth as far as it is known, kept as written: 1984-03-22, 1984-03 or 1984."""
