"""Two people who may be one, as one agency may see them. Pure; `view_for` hands it out.

Each record is masked like the evidence of an alert, by the agreement about the event that states it: of another agency's
record names, birth and area show only where one lets them, and never an identifier. What agrees is said elsewhere,
without values (services/identity/review/beside.py).
"""

from typing import Any, Final

from services.chronology.facts import Fact, Mention
from services.disclosure import words
from services.disclosure.content import Json, interval, moment
from services.disclosure.masks import Mask, is_n3, mask
from services.disclosure.material import Material, MaybeSame, RecordSaid, Side, Viewer

EVENTS_SHOWN: Final = 5
"""Of one record, the newest: what an agency says of a person seldom changes, and its own file has the rest."""

ALWAYS_WITHHELD: Final = ("n1", "n3")
"""Addresses and numbers; and what kind of event a conviction, a flag or intelligence is, which tells nobody apart. Said of
every item: said of one, it would tell of which."""

_CLOCKS: Final = ("known_at", "recorded_at", "received_at")


def side_by_side(viewer: Viewer, thing: MaybeSame) -> Json:
    """Return both sides as the viewer may see them."""
    return {
        "record": _side(viewer, thing.record, thing),
        "candidate": _side(viewer, thing.candidate, thing),
        "purpose": thing.purpose,
        "legal_basis": thing.legal_basis,
        "withheld": list(ALWAYS_WITHHELD),
    }


def _side(viewer: Viewer, side: Side, thing: MaybeSame) -> Json:
    return {
        "person": side.person,
        "records": [_record(viewer, record, thing) for record in side.records],
        "more": side.more,
    }


def _record(viewer: Viewer, record: RecordSaid, thing: MaybeSame) -> Json:
    own = record.agency == viewer.agency
    masked = [(fact, ref, mask(viewer, fact, (), thing.purpose, thing.material)) for fact, ref in record.facts]
    said: Json = {"own": own, "unnamed": record.unnamed}
    if own or any("source" in seen.fields for _, _, seen in masked):
        said["agency"] = record.agency
    for fact, ref, seen in masked:
        shown = _person(fact.mention(ref), seen, thing.material, own=own)
        said |= {name: value for name, value in shown.items() if name not in said}
    events = [item for fact, _, seen in masked[:EVENTS_SHOWN] if (item := _event(fact, seen, own=own))]
    return {**said, "said": events, "withheld": sorted({reason for *_, seen in masked for reason in seen.withheld})}


def _person(mention: Mention, seen: Mask, material: Material, *, own: bool) -> Json:
    body = mention.body
    said: dict[str, Any] = {}
    if "people.names" in seen.fields:
        said["names"] = [dict(name) for name in body.get("names", ())]
    if "people.born" in seen.fields:
        said["born"] = body.get("born")
    if "people.area" in seen.fields and (own or material.person_of(mention.record) not in material.hidden):
        places = (*body.get("addresses", ()), body)
        said["area"] = next((place["area"] for place in places if place.get("area")), None)
    if own:
        said["sex"] = body.get("sex")
        said["identifiers"] = [dict(identifier) for identifier in body.get("identifiers", ())]
    return {name: value for name, value in said.items() if value}


def _event(fact: Fact, seen: Mask, *, own: bool) -> Json:
    said: dict[str, Any] = {name: moment(getattr(fact, name)) for name in _CLOCKS if name in seen.fields}
    if "what" in seen.fields and (own or not is_n3(fact.type)):
        said["what"] = words.phrase(fact.type)
    if "occurred" in seen.fields:
        said["occurred"] = interval(fact.occurred)
    if own:
        said["reference"] = fact.ref.id
    return {name: value for name, value in said.items() if value is not None}
