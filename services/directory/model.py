"""The directory as everybody reads it: a frozen value with pure questions, made by `from_mapping`.

The mapping's shape stands at the top of services/directory/form.py; tests/unit/directory/birmingham_directory.yaml
is a whole example. Areas contain areas; an agency has areas, desks with hours, and one ladder for each function.
All times in and out are aware; hours and days are London's (services/calendar.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.directory import build, form
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
    Rung,
    Valid,
    unversioned,
)
from services.rules.findings import Urgency

__all__ = [
    "Agency",
    "Agreement",
    "Area",
    "Channel",
    "Coverage",
    "Desk",
    "Directory",
    "DirectoryError",
    "Hours",
    "Ladder",
    "Rung",
    "Valid",
    "from_form",
    "from_mapping",
    "unversioned",
]

LEAD: Final = "lead"
"""The ladder of lead roles: the named officer in hours, the duty desk outside them and whenever it is U1."""

RUNG_AFTER: Final[Mapping[Urgency, timedelta]] = {
    Urgency.U1: timedelta(minutes=15),
    Urgency.U2: timedelta(minutes=60),
}
"""How long a rung has before the next is rung (domain A3, R28). U3 and U4 have no ladder: they wait in a queue."""

FOR_AREA: Final[Mapping[str, str]] = {
    "csc": "childrens-social-care",
    "police": "police",
    "asc": "adult-social-care",
    "probation": "probation",
    "health": "health",
    "housing": "housing",
    "education": "education",
}
"""Sector of each `<kind>-for-area` role."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything that is known about agencies and areas, as of `taken_at`."""

    agencies: Mapping[str, Agency]
    areas: Mapping[str, Area]
    coverage: tuple[Coverage, ...]
    agreements: tuple[Agreement, ...]
    taken_at: datetime | None = None
    _above: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    """Each area with all the areas it lies in, itself included."""
    _patience: Callable[[Urgency, datetime], Mapping[str, timedelta]] | None = field(
        default=None, repr=False, compare=False
    )
    """How long a rung has, by area, where local boards have made it shorter."""

    def with_patience(self, patience: Callable[[Urgency, datetime], Mapping[str, timedelta]]) -> "Directory":
        """Return this directory with what local boards have set for the ladders of their areas."""
        return replace(self, _patience=patience)

    def rung_after(self, agency: str, urgency: Urgency, at: datetime) -> timedelta | None:
        """Return how long each rung of an agency's ladder has: the shortest that one of its areas has set, if any has.

        None: no ladder at this urgency.
        """
        own = RUNG_AFTER.get(urgency)
        if own is None or self._patience is None:
            return own
        areas = self.agency_areas(agency)
        set_ = [
            after
            for area, after in self._patience(urgency, at).items()
            if any(self.contains(area, one) for one in areas)
        ]
        return min([own, *set_])

    def agency(self, agency: str) -> Agency | None:
        """Return the agency, or None if it is not on the bus."""
        return self.agencies.get(agency)

    def sector(self, agency: str) -> str | None:
        """Return the agency's sector, or None if it is not on the bus."""
        found = self.agencies.get(agency)
        return found.sector if found else None

    def agency_areas(self, agency: str) -> tuple[str, ...]:
        """Return the areas an agency works in; empty for a national one or one that is not on the bus."""
        found = self.agencies.get(agency)
        return found.areas if found else ()

    def contains(self, area: str, other: str) -> bool:
        """Say whether `other` is `area` or lies in it."""
        return area == other or area in self._above.get(other, frozenset())

    def outside(self, area_a: str, area_b: str) -> bool:
        """Say whether neither area contains the other."""
        return not (self.contains(area_a, area_b) or self.contains(area_b, area_a))

    def serves(self, agency: str, area: str) -> bool:
        """Say whether the area is one of the agency's or lies in one; an agency without areas serves none."""
        return any(self.contains(own, area) for own in self.agency_areas(agency))

    def covering(self, kind: str, area: str | None, at: datetime) -> list[str]:
        """Return the agencies that hold `csc-for-area`, `police-for-area` ... of an area; several if areas overlap.

        Empty where nobody on the bus does, or the area is unknown.
        """
        sector = FOR_AREA.get(kind.removesuffix("-for-area"))
        if sector is None or area is None:
            return []
        return sorted(
            agency.id
            for agency in self.agencies.values()
            if agency.sector == sector and agency.valid.at(at) and self.serves(agency.id, area)
        )

    def covers(self, agency: str, event_type: str, at: datetime) -> bool:
        """Say whether the agency publishes this type (with or without its version), so that its absence means something."""
        found = self.agencies.get(agency)
        kind = unversioned(event_type)
        if found is None or not found.valid.at(at) or kind.split(".", 1)[0] != found.sector:
            return False
        return not any(_excludes(entry, agency, kind) for entry in self.coverage if entry.valid.at(at))

    def publishers(self, event_type: str, at: datetime) -> list[str]:
        """Return every agency that publishes this type."""
        return sorted(agency for agency in self.agencies if self.covers(agency, event_type, at))

    def monitored(self, token: str, at: datetime) -> str | None:
        """Return the agency whose monitored channel this telephone token is, or None."""
        for agency in self.agencies.values():
            if any(channel.token == token and channel.valid.at(at) for channel in agency.channels):
                return agency.id
        return None

    def desk(self, agency: str, path: str) -> Desk | None:
        """Return a desk by the path a rung gives it, seen from `agency`."""
        owner, _, name = path.rpartition("/")
        found = self.agencies.get(owner or agency)
        return found.desks.get(name) if found else None

    def answers(self, agency: str, at: datetime) -> bool:
        """Say whether the agency has a desk at which it can be told of an alert."""
        found = self.agencies.get(agency)
        return found is not None and found.otherwise is not None and found.valid.at(at)

    def ladder(self, agency: str, name: str, urgency: Urgency, at: datetime) -> tuple[Rung, ...]:
        """Return the rungs to climb from `at`, where the desks in and outside hours are chosen once for all of them.

        `lead+supervisor` rings the desks of both ladders, rung by rung. At U3 and U4 the answer is one rung, the desk
        in whose queue the alert waits for the next working day. Empty: the agency has no desk and is told nothing.
        """
        if not self.answers(agency, at):
            return ()
        found = self.agencies[agency]
        sides = [_side(self, found, part, urgency, at) for part in name.split("+")]
        after = self.rung_after(agency, urgency, at)
        if after is None:
            return (Rung(1, _united(side[0] for side in sides), timedelta(0)),)
        height = max(len(side) for side in sides)
        return tuple(
            Rung(n, _united(side[min(n, len(side)) - 1] for side in sides), after * (n - 1))
            for n in range(1, height + 1)
        )

    def changes_after(self, at: datetime) -> tuple[datetime, ...]:
        """Return the moments after `at` at which an entry begins or ends, in order: times to look again."""
        entries: list[Agency | Area | Coverage | Agreement]
        entries = [*self.agencies.values(), *self.areas.values(), *self.coverage, *self.agreements]
        edges = {moment for entry in entries for moment in entry.valid.edges if moment > at}
        return tuple(sorted(edges))


def _excludes(entry: Coverage, agency: str, kind: str) -> bool:
    if entry.type is not None:
        return entry.type == kind and agency not in entry.only
    if entry.agency != agency:
        return False
    return kind in entry.but or (entry.types is not None and kind not in entry.types)


def _side(
    directory: Directory, agency: Agency, name: str, urgency: Urgency, at: datetime
) -> tuple[tuple[str, ...], ...]:
    ladder = agency.ladders.get(name) or agency.ladders[agency.otherwise or ""]
    if urgency not in RUNG_AFTER:
        return ladder.in_hours
    if name == LEAD and urgency == Urgency.U1:
        return ladder.outside
    desks = [directory.desk(agency.id, path) for path in ladder.in_hours[0]]
    staffed = all(desk is None or desk.hours.open_at(at) for desk in desks)
    return ladder.in_hours if staffed else ladder.outside


def _united(desks: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(desk for group in desks for desk in group))


def from_mapping(
    mapping: Mapping[str, Any],
    *,
    taken_at: datetime | None = None,
    phone_token: Callable[[str], str] | None = None,
) -> Directory:
    """Make a directory of a mapping; `phone_token` turns a monitored channel's number into its token.

    Raises:
        pydantic.ValidationError: a field is missing, unknown or malformed.
        DirectoryError: an area, agency, desk or ladder is named that the mapping does not hold.
    """
    return from_form(form.parse(mapping), taken_at=taken_at, phone_token=phone_token)


def from_form(
    parsed: form.DirectoryForm,
    *,
    taken_at: datetime | None = None,
    phone_token: Callable[[str], str] | None = None,
) -> Directory:
    """As `from_mapping`, of a form already parsed."""
    areas = {name: build.area(name, area, parsed) for name, area in parsed.areas.items()}
    agencies = {name: build.agency(name, agency, parsed, phone_token) for name, agency in parsed.agencies.items()}
    directory = Directory(
        agencies=agencies,
        areas=areas,
        coverage=tuple(build.coverage(n, entry, parsed) for n, entry in enumerate(parsed.coverage)),
        agreements=tuple(build.agreement(entry) for entry in parsed.agreements),
        taken_at=taken_at or parsed.taken_at,
        _above={name: build.above(name, areas) for name in areas},
    )
    _check_desks(directory)
    return directory


def _check_desks(directory: Directory) -> None:
    for agency in directory.agencies.values():
        for name, ladder in agency.ladders.items():
            for path in {desk for rung in (*ladder.in_hours, *ladder.outside) for desk in rung}:
                if directory.desk(agency.id, path) is None:
                    raise DirectoryError(("agencies", agency.id, "ladders", name), f"there is no desk {path!r}")
