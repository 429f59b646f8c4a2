"""What is taken in though it is likely to be a mistake: its sender is told, beside the receipt. Pure.

A typing error must not look like a success: `threat-to-lfe`, a word of an open field that stands in no code list, is kept
and shown, and rings nothing. A `known_at` in a year to come is a slip of somebody's clock or pen.
"""

import difflib
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, Final, NamedTuple, get_args

from pydantic import BaseModel

from schemas.clocks import span
from schemas.codes import CodeList, list_of
from schemas.problems import Problem, pointer
from schemas.registry import model_of
from schemas.relations import EventRef

PAGE: Final = "schemas/published/catalogue.md"
MAX_WARNINGS: Final = 20
"""Of one event: as many as a list of words may hold. Who sends more has not seen the list."""

CLOCK_SKEW: Final = timedelta(minutes=5)
"""Between a sender's clock and ours. Beyond it the sender's clock, or the entry, is wrong."""
_AHEAD: Final = (
    "This is later than we received it: rules count it as known when it was received. If it is a mistake, "
    "retract the event and send it under another id with the right time."
)

_Place = tuple[int | str, ...]


class _Field(NamedTuple):
    """A field that takes listed words, or has such fields inside."""

    name: str
    codes: CodeList | None
    inside: tuple["_Field", ...]


def unlisted(wire_type: str, data: dict[str, Any]) -> tuple[Problem, ...]:
    """A warning for each word of a listed field that its list does not have: where, and what to send if it was meant.

    `data` fits its type. No warning repeats what was sent.
    """
    strays = islice(_strays(_listed(wire_type), data, ()), MAX_WARNINGS)
    return tuple(
        Problem(pointer("/data", place), "unlisted-word", _advice(word, codes)) for place, word, codes in strays
    )


def ahead(data: dict[str, Any], received_at: datetime) -> tuple[Problem, ...]:
    """A warning for each of `known_at` and `recorded_at` that is later than the event was received: nobody learns from the future."""
    latest = received_at + CLOCK_SKEW
    return tuple(
        Problem(f"/data/{name}", "time-ahead", _AHEAD)
        for name in ("known_at", "recorded_at")
        if (clock := span(data[name]).latest) is not None and clock > latest
    )


def field_of(warning: Problem) -> str:
    """The field a warning is about, without positions in lists: for counting."""
    return "/".join(part for part in warning.path.split("/")[2:] if not part.isdigit())


def _advice(word: str, codes: CodeList) -> str:
    near = difflib.get_close_matches(word, codes.codes, n=1)
    meant = f"You may have meant {near[0]}. " if near else ""
    return f"Kept and shown, but no rule reads this word. {meant}Listed words: {PAGE}#codes-{codes.fields[0]} ({codes.title})."


def _strays(fields: tuple[_Field, ...], node: Any, place: _Place) -> Iterator[tuple[_Place, str, CodeList]]:  # noqa: ANN401 - any part of an event
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from _strays(fields, each, (*place, index))
        return
    if not isinstance(node, dict):
        return
    for name, codes, inside in fields:
        sent = node.get(name)
        if codes is None:
            yield from _strays(inside, sent, (*place, name))
            continue
        for at, word in _said(sent, (*place, name)):
            if word not in codes.codes:
                yield at, word, codes


def _said(sent: object, place: _Place) -> Iterator[tuple[_Place, str]]:
    if isinstance(sent, str):
        yield place, sent
    elif isinstance(sent, list):
        yield from (((*place, index), word) for index, word in enumerate(sent))


@cache
def _listed(wire_type: str) -> tuple[_Field, ...]:
    return tuple(_fields(model_of(wire_type)))


def _fields(model: type[BaseModel]) -> Iterator[_Field]:
    for name, field in model.model_fields.items():
        kinds = set(_kinds(field.annotation))
        codes = list_of(name) if str in kinds else None
        parts = [
            kind for kind in kinds if issubclass(kind, BaseModel) and kind is not EventRef
        ]  # its source is an agency
        inside = tuple(each for part in parts for each in _fields(part))
        if codes or inside:
            yield _Field(field.alias or name, codes, inside)


def _kinds(annotation: Any) -> Iterator[type]:  # noqa: ANN401 - a type hint
    """What a hint is made of: `str` is there only where words are open."""
    if inner := get_args(annotation):
        for part in inner:
            yield from _kinds(part)
    elif isinstance(annotation, type):
        yield annotation
