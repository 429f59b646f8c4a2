"""The small words of a case file: references, local times, durations, spans. Each refuses what it cannot read."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, StringConstraints, WithJsonSchema

from deploy.cases import times

TIMEZONE: Final = "Europe/London"
"""The only one: bare dates on the bus are London's (schemas.clocks)."""

_PARTIAL: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)


class Part(BaseModel):
    """A part of a case file: closed, so that a misspelt key is an error with its line, and never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


def _number_as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[
    str,
    BeforeValidator(_number_as_text),
    StringConstraints(min_length=1, max_length=2_000),
    WithJsonSchema({"type": ["string", "integer"], "minLength": 1, "maxLength": 2_000}),
]
RowRef = Annotated[
    str,
    BeforeValidator(_number_as_text),
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=30),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^[A-Za-z0-9][A-Za-z0-9.-]*$", "maxLength": 30}),
]
"""Number of a row, such as 52a. With the agency it makes the event id: `wmerc-52a`."""
PersonRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", max_length=20)]
"""Somebody in the cast."""
AgencyRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$", max_length=20)]
"""Short name of an agency, as listed under `agencies`."""
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9+-]*$", max_length=40)]
"""Name of a variant."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_GRADE: Final = re.compile(r"[1-3][A-E]", re.ASCII)


def _grade(value: object) -> object:
    if isinstance(value, str) and _GRADE.fullmatch(value) is None:
        raise ValueError(f"`{value}` is no grade; write the source, 1 to 3, and then the content, A to E: 2C")
    return value


Grade = Annotated[str, BeforeValidator(_grade), StringConstraints(pattern=r"^[1-3][A-E]$")]
_SEXES: Final = {"female": "f", "male": "m"}
Sex = Annotated[
    Literal["m", "f", "x"],
    BeforeValidator(lambda value: _SEXES.get(str(value), value)),
    WithJsonSchema({"enum": ["m", "f", "x", "male", "female"]}),
]
Urgency = Literal["U1", "U2", "U3", "U4"]
Class = Literal["D1", "D2", "D3"]
Rule = Annotated[str, StringConstraints(pattern=r"^R\d\d$")]


def _clock(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("write a time such as 2013-04-02 10:40")  # noqa: TRY004 - pydantic takes ValueError
    return times.instant(value, TIMEZONE)


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a duration such as 15 minutes")  # noqa: TRY004 - pydantic takes ValueError
    return timedelta(seconds=times.seconds(value))


def _when(value: object) -> str | dict[str, str | None] | None:
    """Read a local time, a partial date, a pair of them or `unknown` into its form on the wire."""
    if value == "unknown":
        return None
    if isinstance(value, list) and len(value) == 2:  # noqa: PLR2004 - earliest and latest
        return {"earliest": _side(value[0]), "latest": _side(value[1])}
    side = _side(value)
    if side is None:
        raise ValueError("write `unknown`, a date, a local time, or [earliest, latest]")
    return side


def _side(value: object) -> str | None:
    value = _number_as_text(value)
    if value is None:
        return None
    if isinstance(value, str) and (times.is_time(value) or _PARTIAL.fullmatch(value)):
        return times.wire(value, TIMEZONE)
    raise ValueError("write 2013, 2013-04, 2013-04-02 or 2013-04-02 10:40; a pair of them for a span")


_TIME: Final = r"[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?"
_LOCAL_JSON: Final = {
    "type": "string",
    "pattern": rf"^\d{{4}}-\d\d-\d\d({_TIME})?$",
    "description": "Local time, 2013-04-02 10:40; or with its offset; a bare day is its beginning.",
}
_SIDE_JSON: Final = {
    "anyOf": [
        {"type": ["string", "integer"], "pattern": rf"^\d{{4}}(-\d\d(-\d\d({_TIME})?)?)?$"},
        {"type": "null"},
    ]
}
ClockTime = Annotated[datetime, PlainValidator(_clock), WithJsonSchema(_LOCAL_JSON)]
"""A time: local unless it has an offset. What is compared is compared to the minute."""
Duration = Annotated[
    timedelta,
    PlainValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,4} (minute|hour|day)s?$"}),
]
When = Annotated[
    Any,
    PlainValidator(_when),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "unknown"},
                _SIDE_JSON,
                {"type": "array", "items": _SIDE_JSON, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]
"""As precise as it is known: a local time, a day, a month, a year, `[earliest, latest]` (both inclusive), `unknown`."""
Born = Annotated[
    str,
    BeforeValidator(_number_as_text),
    StringConstraints(pattern=r"^\d{4}(-\d\d(-\d\d)?)?$"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"}),
]
