"""From the form people write to the entries the directory holds; what is named must be there."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta

from services import calendar
from services.directory import form
from services.directory.entries import (
    Agency,
    Agreement,
    Area,
    Channel,
    Coverage,
    Desk,
    DirectoryError,
    Hours,
    Ladder,
    Valid,
    unversioned,
)


def valid(validity: form.Validity) -> Valid:
    """Return the span as instants: a London day begins at its 00:00, a closing day is inclusive."""
    return Valid(_instant(validity.since, ends=False), _instant(validity.until, ends=True))


def _instant(moment: form.Moment | None, *, ends: bool) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    day = moment + timedelta(days=1) if ends else moment
    return datetime.combine(day, time(0), tzinfo=calendar.LONDON).astimezone(UTC)


def area(name: str, entry: form.AreaForm, parsed: form.DirectoryForm) -> Area:
    """Return one area; what it lies in must be an area."""
    within = (entry.within,) if isinstance(entry.within, str) else tuple(entry.within)
    for other in within:
        if other not in parsed.areas:
            raise DirectoryError(("areas", name, "within"), f"there is no area {other!r}")
    return Area(name, entry.name or name, within, valid(entry.valid))


def above(name: str, areas: Mapping[str, Area]) -> frozenset[str]:
    """Return the area with everything it lies in, at any depth; no area may lie in itself."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        area = todo.pop()
        if area not in seen:
            seen.add(area)
            todo += areas[area].within
        elif area == name:
            raise DirectoryError(("areas", name, "within"), "the area lies in itself")
    return frozenset(seen)


def agency(
    name: str, agency: form.AgencyForm, parsed: form.DirectoryForm, phone_token: Callable[[str], str] | None
) -> Agency:
    """Return one agency with its desks; its areas must be areas, and one ladder must serve unlisted functions."""
    path = ("agencies", name)
    for area in agency.areas:
        if area not in parsed.areas:
            raise DirectoryError((*path, "areas"), f"there is no area {area!r}")
    otherwise = agency.otherwise or (next(iter(agency.ladders)) if len(agency.ladders) == 1 else None)
    if agency.ladders and otherwise not in agency.ladders:
        raise DirectoryError(
            (*path, "otherwise"), "say which ladder serves a function that is not listed: `otherwise: duty-desk`"
        )
    desks = {
        desk: Desk(name, desk, entry.name or desk, _hours(entry.hours), entry.phone)
        for desk, entry in agency.desks.items()
    }
    return Agency(
        id=name,
        name=agency.name or name,
        sector=agency.sector,
        areas=tuple(agency.areas),
        desks=desks,
        ladders={function: _ladder(ladder) for function, ladder in agency.ladders.items()},
        otherwise=otherwise,
        channels=tuple(_channel(channel, phone_token) for channel in agency.channels),
        valid=valid(agency.valid),
    )


def _hours(text: str) -> Hours:
    if text == "always":
        return Hours()
    start, _, end = text.removeprefix("daily ").partition("-")
    return Hours(time.fromisoformat(start), time.fromisoformat(end), daily=text.startswith("daily "))


def _ladder(ladder: form.LadderForm) -> Ladder:
    always = ladder.always or []
    return Ladder(_rungs(ladder.in_hours or always), _rungs(ladder.outside or always))


def _rungs(steps: list[form.Step]) -> tuple[tuple[str, ...], ...]:
    return tuple((step,) if isinstance(step, str) else tuple(step) for step in steps)


def _channel(channel: form.ChannelForm, phone_token: Callable[[str], str] | None) -> Channel:
    token = channel.token
    if token is None and channel.phone is not None and phone_token is not None:
        token = phone_token(channel.phone)
    return Channel(channel.name, token, valid(channel.valid))


def coverage(n: int, entry: form.CoverageForm, parsed: form.DirectoryForm) -> Coverage:
    """Return one exception from coverage; its agencies must be in the directory."""
    for agency in (*(entry.only or ()), *((entry.agency,) if entry.agency else ())):
        if agency not in parsed.agencies:
            raise DirectoryError(("coverage", n), f"there is no agency {agency!r}")
    return Coverage(
        type=unversioned(entry.type) if entry.type else None,
        only=frozenset(entry.only or ()),
        agency=entry.agency,
        types=None if entry.types is None else frozenset(map(unversioned, entry.types)),
        but=frozenset(map(unversioned, entry.but or ())),
        valid=valid(entry.valid),
    )


def agreement(entry: form.AgreementForm) -> Agreement:
    """Return one sharing agreement. Its parties may be agencies yet to join, so they are not checked."""
    return Agreement(
        id=entry.id,
        sources=tuple(entry.sources),
        recipients=tuple(entry.recipients),
        purpose=entry.purpose,
        legal_basis=entry.legal_basis,
        regime=entry.regime,
        event_types=tuple(entry.event_types),
        fields=tuple(entry.fields),
        shown=int(entry.shown[1:]),
        valid=valid(entry.valid),
    )
