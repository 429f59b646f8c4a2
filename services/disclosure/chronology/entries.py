"""Entries of a chronology from facts and masks. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from services.chronology.facts import EventRef, Fact
from services.disclosure import words
from services.disclosure.content import coded, hidden_kind, interval, moment, person_said
from services.disclosure.masks import Mask
from services.disclosure.material import Material

Json = dict[str, Any]

NIL_RETURN: Final = ".nil-return."


def entries(person: int, masked: Mapping[EventRef, Mask], material: Material, viewer: str) -> list[Json]:
    """Return what the viewer may see of each fact about a person, by when it happened, then by when it was known.

    A fact of which nothing may be seen has no entry: that it exists would say something too.
    """
    shown = [ref for ref, mask in masked.items() if mask.fields]
    shown.sort(key=lambda ref: _order(material.facts[ref]))
    return [_entry(person, material.facts[ref], masked[ref], material, viewer) for ref in shown]


def _order(fact: Fact) -> tuple[object, ...]:
    # What happened at an unknown time stands where it became known.
    happened = fact.occurred.earliest or fact.occurred.latest or fact.known_at
    return happened, fact.known_at, fact.received_at, fact.ref


def _entry(person: int, fact: Fact, mask: Mask, material: Material, viewer: str) -> Json:
    own = fact.agency == viewer
    seen: Json = {
        "what": "information received" if hidden_kind(fact, mask, own=own) else words.phrase(fact.type),
        "source": fact.agency,
        "reference": fact.ref.id,
        "occurred": interval(fact.occurred),
        "known_at": moment(fact.known_at),
        "recorded_at": moment(fact.recorded_at),
        "received_at": moment(fact.received_at),
        "grade": fact.grade,
        "relationships": _relationships(person, fact, mask, material),
        "fields": coded(fact, own=own),
    }
    allowed = mask.fields | {"reference"} if own else mask.fields
    entry = {name: value for name, value in seen.items() if name in allowed and value not in (None, [], {})}
    entry["roles"] = sorted({mention.role for mention in fact.mentions if material.person_of(mention.record) == person})
    if "what" in entry and NIL_RETURN in fact.type:
        entry["nil_return"] = True
    if "occurred" in entry and "known_at" in entry and (days := days_unknown(fact)):
        entry["days_unknown"] = days
    return entry


def days_unknown(fact: Fact) -> int:
    """Return how many whole days lay between what happened and its source's knowing of it; 0 if that is not known."""
    happened = fact.occurred.latest or fact.occurred.earliest
    return max(0, (fact.known_at - happened).days) if happened else 0


def _relationships(person: int, fact: Fact, mask: Mask, material: Material) -> list[Json]:
    """Claims of the event about this person; the other by name where the same mask shows names."""
    of_ref = {mention.ref: material.person_of(mention.record) for mention in fact.mentions}
    found = []
    for claim in fact.relations:
        one, other = of_ref.get(claim.from_ref), of_ref.get(claim.to_ref)
        if person not in (one, other) or one is None or other is None:
            continue
        counterpart = other if one == person else one
        said = person_said(counterpart, {fact.ref: mask}, material)
        direction = "to" if one == person else "from"
        when = {name: interval(said_of) for name, said_of in (("since", claim.since), ("until", claim.until))}
        seen = {"kind": claim.kind, "status": claim.status, "grade": claim.grade, direction: said}
        found.append(seen | {name: moments for name, moments in when.items() if moments is not None})
    return found
