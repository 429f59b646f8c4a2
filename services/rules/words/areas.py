"""Where somebody lives, as far as anybody may say it: the area of the newest-known current address or area claim."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from services.chronology.facts import Fact, Mention
from services.rules.view import Types, View
from services.rules.words import times

_CARING: Final = frozenset({"parent", "carer"})
_RESIDENCE: Final = Types.of(["*.residence.started", "*.residence.changed", "*.address.changed"])
"""Whoever moves there lived elsewhere before."""
_FLAGGED: Final = Types.of(["*.protection.address-flagged"])


class _Said(NamedTuple):
    """One claim of where somebody lives, in the order in which they became known."""

    order: tuple[object, ...]
    since: datetime
    """From when it can have been so."""
    area: str
    moved: bool = False
    """It says that somebody moved there, so nothing of the time before."""


def area_of(view: View, person: int, at: datetime | None = None) -> str | None:
    """Return the area a person lives in, never the recording agency's; None if nobody has said.

    `at`: lived in then, for what was owed to their area at the time. Where nobody says so of then, what is said first,
    unless that is a move.
    """
    said = view.memo(("areas", person), lambda: sorted(_said(view, person)))
    if at is not None:
        said = [each for each in said if each.since <= at] or [each for each in said[:1] if not each.moved]
    return said[-1].area if said else None


def home_area(view: View, person: int, at: datetime | None = None) -> str | None:
    """Return the area a person lives in (`at`: then); of a child of whom nobody has said it, where a parent or carer lives."""
    area = area_of(view, person, at)
    if area is not None:
        return area
    adults = [claim.other for claim in view.claims(person) if not claim.outgoing and claim.relation.kind in _CARING]
    return next((found for adult in dict.fromkeys(adults) for found in [area_of(view, adult, at)] if found), None)


def _said(view: View, person: int) -> Iterator[_Said]:
    said = [(fact, area) for fact, mention in view.mentions(person) for area in [_stated(fact, mention)] if area]
    flags = [fact for fact in view.facts(_FLAGGED) if view.names(fact, person, "subject")]
    for fact, area in _not_stale(said, flags) if flags else said:
        yield _Said(fact.order, times.starts(fact, "occurred"), area, fact.type in _RESIDENCE)


def _not_stale(said: Sequence[tuple[Fact, str]], flags: Sequence[Fact]) -> list[tuple[Fact, str]]:
    """Of somebody whose address is flagged: what is said of where they live, but no stale word of where they lived before.

    A file somewhere still holds the home she fled from. Whoever writes that again would bring her alerts back to the county
    she fled, and away from the one that protects her. What is said anew, and whatever the flag's own agency says, counts.
    """
    since = min(flag.order for flag in flags)
    protecting = {flag.agency for flag in flags}
    left = {area for fact, area in said if fact.order < since and fact.agency not in protecting}
    return [(fact, area) for fact, area in said if fact.order < since or area not in left or fact.agency in protecting]


def _stated(fact: Fact, mention: Mention) -> str | None:
    if fact.type in _RESIDENCE and mention.role == "subject":
        area = _area(fact.fields.get("address"))
        if area is not None:
            return area
    addresses = mention.body.get("addresses") or ()
    current = [area for address in addresses if address.get("current", True) for area in [_area(address)] if area]
    area = current[0] if current else mention.body.get("area")
    return area if isinstance(area, str) else None


def _area(address: object) -> str | None:
    area = address.get("area") if isinstance(address, Mapping) else None
    return area if isinstance(area, str) else None


def dwelling(address: object) -> str | None:
    """Return the token of an address, None if it has none: equal tokens, equal dwellings."""
    if not isinstance(address, Mapping):
        return None
    token = address.get("dwelling")
    if isinstance(token, Mapping):
        token = token.get("token")
    return token if isinstance(token, str) else None
