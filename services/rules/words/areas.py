"""Where somebody lives, as far as anybody may say it: the area of the newest-known current address or area claim."""

from collections.abc import Mapping
from typing import Any, Final

from services.chronology.facts import Fact, Mention
from services.rules.view import Types, View

_CARING: Final = frozenset({"parent", "carer"})
_RESIDENCE: Final = Types.of(["*.residence.started", "*.address.changed"])


def area_of(view: View, person: int) -> str | None:
    """Return the area a person lives in, never the recording agency's; None if nobody has said."""
    return view.memo(("area", person), lambda: _area_of(view, person))


def home_area(view: View, person: int) -> str | None:
    """Return the area a person lives in; of a child of whom nobody has said it, where a parent or carer lives."""
    area = area_of(view, person)
    if area is not None:
        return area
    adults = [claim.other for claim in view.claims(person) if not claim.outgoing and claim.relation.kind in _CARING]
    return next((found for adult in dict.fromkeys(adults) for found in [area_of(view, adult)] if found), None)


def _area_of(view: View, person: int) -> str | None:
    newest: tuple[object, ...] | None = None
    found = None
    for fact, mention in view.mentions(person):
        area = _stated(fact, mention)
        if area is not None:
            order = (fact.known_at, fact.received_at, fact.ref)
            if newest is None or order > newest:
                newest, found = order, area
    return found


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


def dwelling(address: Any) -> str | None:  # noqa: ANN401 - a piece of JSON
    """Return the token of an address, None if it has none: equal tokens, equal dwellings."""
    if not isinstance(address, Mapping):
        return None
    token = address.get("dwelling")
    if isinstance(token, Mapping):
        token = token.get("token")
    return token if isinstance(token, str) else None
