"""Every event type there is, and the one way to read an event's data."""

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pydantic import ValidationError

from schemas.consistency import inconsistencies
from schemas.envelope import MAX_DEPTH, CloudEvent, EventData, depth
from schemas.events import (
    adult_social_care,
    approved_premises,
    childrens_social_care,
    claims,
    court,
    decisions,
    education,
    employer,
    exchange,
    health,
    housing,
    lives,
    mappa,
    marac,
    parole,
    police,
    prison,
    probation,
    records,
    seeing,
    supervision,
    vetting,
    victim_liaison,
    whereabouts,
)
from schemas.problems import MAX_PROBLEMS, Problem, Refused, problems_of

_MODELS: Final[tuple[type[EventData], ...]] = (
    *police.TYPES,
    *prison.TYPES,
    *probation.TYPES,
    *approved_premises.TYPES,
    *mappa.TYPES,
    *marac.TYPES,
    *childrens_social_care.TYPES,
    *adult_social_care.TYPES,
    *health.TYPES,
    *education.TYPES,
    *housing.TYPES,
    *employer.TYPES,
    *court.TYPES,
    *parole.TYPES,
    *victim_liaison.TYPES,
    *exchange.TYPES,
    *claims.TYPES,
    *decisions.TYPES,
    *whereabouts.TYPES,
    *seeing.TYPES,
    *lives.TYPES,
    *supervision.TYPES,
    *vetting.TYPES,
    *records.TYPES,
)

EVENT_TYPES: Final[Mapping[tuple[str, int], type[EventData]]] = {
    (model.wire_type, model.wire_version): model
    for model in sorted(_MODELS, key=lambda m: (m.wire_type, m.wire_version))
}
"""(`sector.subject.happened`, version) -> the model of its data."""

_BY_WIRE_NAME: Final = {f"{name}.v{version}": model for (name, version), model in EVENT_TYPES.items()}

REPORTS: Final = frozenset(name for (name, _), model in EVENT_TYPES.items() if model.is_report)
"""Types that rules treat as a report about a subject (domain A3a)."""


def wire_name(name: str, version: int) -> str:
    """`police.message.reported.v1`."""
    return f"{name}.v{version}"


def split_type(wire: str) -> tuple[str, int]:
    """`police.message.reported.v1` -> (`police.message.reported`, 1); ValueError if it has no version."""
    name, _, version = wire.rpartition(".v")
    return name, int(version)


def model_of(wire: str) -> type[EventData]:
    """The model of a type as written on the wire.

    Raises:
        Refused: no such type, or not in this version.
    """
    model = _BY_WIRE_NAME.get(wire)
    if model is not None:
        return model
    name = wire.rpartition(".v")[0]
    versions = sorted(version for known, version in EVENT_TYPES if known == name)
    if versions:
        fix = f"Send version {' or '.join(map(str, versions))} of this type."
        raise Refused((Problem("/type", "unknown-version", fix),))
    fix = f"Send a type of the catalogue: sector.subject.happened.v1.{_meant(name)}"
    raise Refused((Problem("/type", "unknown-type", fix),))


@lru_cache(maxsize=256)  # a sender's mistake comes again and again, and comparing takes a millisecond
def _meant(name: str) -> str:
    """The type of the same sector that an unknown one most resembles, as a sentence."""
    sector = name.partition(".")[0] + "."
    known = [(known, version) for known, version in EVENT_TYPES if known.startswith(sector)]
    near = difflib.get_close_matches(name, [known for known, _ in known], n=1)
    return "".join(f" You may have meant {wire_name(*each)}." for each in known if near == [each[0]])


def parse_envelope(event: object) -> CloudEvent:
    """Read the envelope of an event, without its data.

    Raises:
        Refused: with all that is wrong with it.
    """
    try:
        return CloudEvent.model_validate(event)
    except ValidationError as error:
        raise Refused(problems_of(error, CloudEvent)) from None


def parse(wire: str, data: Mapping[str, Any], *, history: bool = False) -> EventData:
    """Read an event's data by its type. `history`: from backfill, where known_at and recorded_at may be intervals.

    Raises:
        Refused: with all that is wrong with it, never repeating what was sent.
    """
    model = model_of(wire)
    try:
        event = model.model_validate(data)
    except ValidationError as error:
        if depth(data) > MAX_DEPTH:
            raise Refused((Problem("/data", "too-deep", f"Nest at most {MAX_DEPTH} levels."),)) from None
        raise Refused(problems_of(error, model, "/data")) from None
    problems = inconsistencies(model, data, history=history)
    if problems:
        raise Refused(tuple(problems[:MAX_PROBLEMS]))
    return event
