"""Sharing agreements compiled to masks. Deny by default: a field that no agreement in force names is not shown. Pure.

An agreement names agencies, sectors (`sector:police`) or everybody (`*`) on both sides, event types (`police.*`, `*`)
and fields of evidence (below, or `*` for all of them). Sealed values are no field: no agreement can name an address, a
telephone number or a text.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.directory.model import Agreement
from services.rules.findings import Disclosure

D2_FIELDS: Final = frozenset(
    {
        "what",  # kind of event, in words
        "source",  # which agency it comes from
        "occurred",
        "known_at",
        "recorded_at",
        "received_at",
        "grade",
        "people.names",
        "people.born",
        "people.area",
    }
)
"""Who, relationship, reason, minimal fact and grading (domain A1, D2)."""

D3_FIELDS: Final = D2_FIELDS | {"reference", "relationships", "fields"}
"""The fuller narrative for statutory partners: also the source's own reference, claims, and coded fields."""

CLASS_FIELDS: Final = {
    Disclosure.D1: frozenset[str](),
    Disclosure.D2: D2_FIELDS,
    Disclosure.D3: D3_FIELDS,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What one viewer may see of one kind of event from one source."""

    fields: frozenset[str] = frozenset()
    shown: Disclosure = Disclosure.D1
    agreements: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    regimes: tuple[str, ...] = ()

    @property
    def permits(self) -> bool:
        """It permits anything at all."""
        return bool(self.fields)


NOTHING: Final = Grant()
OWN: Final = Grant(D3_FIELDS, Disclosure.D3, ("own",))
"""What an agency published itself."""


@dataclass(frozen=True, slots=True)
class Masks:
    """Agreements ready to be asked. `sector` returns an agency's sector, or None if it is not on the bus."""

    agreements: tuple[Agreement, ...]
    sector: Callable[[str], str | None]
    _matching: dict[tuple[str, str, str, str], tuple[Agreement, ...]] = field(default_factory=dict, repr=False)
    _sums: dict[tuple[str, ...], Grant] = field(default_factory=dict, repr=False)
    """Grants by the agreements they add up: evaluations ask for the same few again and again."""

    def grant(self, source: str, viewer: str, event_type: str, purpose: str, at: datetime) -> Grant:
        """Return what `viewer` may see, at this time and for this purpose, of such an event from `source`.

        What an agency published itself it may see. Of everybody else's it sees what agreements in force add up to.
        """
        if source == viewer:
            return OWN
        key = (source, viewer, event_type, purpose)
        matching = self._matching.get(key)
        if matching is None:
            matching = self._matching[key] = tuple(self._match(*key))
        in_force = [agreement for agreement in matching if agreement.valid.at(at)]
        names = tuple(agreement.id for agreement in in_force)
        grant = self._sums.get(names)
        if grant is None:
            grant = self._sums[names] = _sum(in_force)
        return grant

    def _match(self, source: str, viewer: str, event_type: str, purpose: str) -> Iterable[Agreement]:
        for agreement in self.agreements:
            if (
                agreement.purpose == purpose
                and self._party(agreement.sources, source)
                and self._party(agreement.recipients, viewer)
                and any(covers(pattern, event_type) for pattern in agreement.event_types)
            ):
                yield agreement

    def _party(self, parties: Sequence[str], agency: str) -> bool:
        sector = self.sector(agency)
        return sector is not None and not {"*", agency, f"sector:{sector}"}.isdisjoint(parties)


def covers(pattern: str, event_type: str) -> bool:
    """Say whether a pattern (`*`, `police.*`, or a whole type) covers an unversioned type."""
    if pattern == "*":
        return True
    if pattern.endswith(".*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def _sum(agreements: Sequence[Agreement]) -> Grant:
    if not agreements:
        return NOTHING
    fields: set[str] = set()
    for agreement in agreements:
        carried = CLASS_FIELDS[Disclosure(agreement.shown)]
        fields |= carried if "*" in agreement.fields else carried & set(agreement.fields)
    return Grant(
        frozenset(fields),
        Disclosure(max(agreement.shown for agreement in agreements)),
        tuple(agreement.id for agreement in agreements),
        tuple(dict.fromkeys(agreement.legal_basis for agreement in agreements)),
        tuple(dict.fromkeys(agreement.regime for agreement in agreements)),
    )
