"""What of an alert a viewer may see: the masked content of every view, and what is hashed to see whether it changed.

Everything shown passes the mask of one piece of evidence (services/disclosure/masks.py) or is a word of the rule, which
names nobody. People appear by name only where a source that the viewer may read names them. Addresses, telephone
numbers, workplaces and free text are not here to be shown: tokens stand in their place, and tokens are never shown.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from services.chronology.facts import EventRef, Fact, Interval, Mention
from services.disclosure import words
from services.disclosure.masks import INFORMANT_SECTORS, Mask, mask
from services.disclosure.material import Material, RuleInfo, Viewer
from services.rules.findings import Disclosure, EventPart, Finding, RecordPart

Json = dict[str, Any]
Masked = Mapping[EventRef, Mask]

CODED: Final = (
    "kind",
    "outcome",
    "rationale",
    "flag",
    "levels",
    "category",
    "level",
    "count",
    "considered",
    "decision",
)
"""Coded fields of an event that class D3 may show. No free text, no numbers of things, no sealed value is among them."""

OWN_CODED: Final = (
    *CODED,
    "order", "programme", "classes", "condition", "tool", "starts", "ends", "until", "due", "date", "child_seen",
    "seen_alone", "domestic_abuse", "offence_class", "children_present", "means", "reason", "requirement", "setting",
    "dash", "sentence", "what", "mode", "result",
)  # fmt: skip
"""Coded fields that an agency reads of its own events as well: which order, which programme, until when."""

CONCLUSIONS: Final = frozenset({"why", "corroborated", "possible", "unknown", "would_stop"})

SHOWN: Final[tuple[str, ...]] = (
    "what",
    "source",
    "reference",
    "occurred",
    "known_at",
    "recorded_at",
    "received_at",
    "grade",
    "relationships",
    "fields",
)
"""Fields of a piece of evidence, in the order in which they are read."""

NAMES_MAX: Final = 5
_CODE: Final = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")


def content(viewer: Viewer, finding: Finding, rule: RuleInfo, condition: str, material: Material) -> Json:
    """Return what the viewer is shown of the finding itself."""
    masked = masks_of(viewer, finding, rule, material)
    shown = Disclosure.D1 if conceals(finding, material) else shown_of(viewer, masked)
    seen: Json = {"state": condition, "urgency": finding.urgency.name, "shown": shown.name}
    seen["ended_at"] = moment(finding.until)
    if shown < Disclosure.D2:
        return seen
    seen["people"] = [{"part": part, **person_said(who, masked, material)} for part, who in anchored(finding, material)]
    seen["evidence"] = _items(viewer, masked, finding, material)
    seen["details"] = _details(masked, finding, material)
    if whole(finding, masked, material):
        seen |= {
            "why": finding.why,
            "corroborated": finding.corroborated,
            "possible": finding.possible,
            "unknown": list(finding.unknown),
            "would_stop": list(finding.would_stop),
        }
    return seen


def worth_a_call(viewer: Viewer, finding: Finding, rule: RuleInfo, condition: str, material: Material) -> Json:
    """Return the part of the content whose change is told.

    What was concluded is left out: it also follows from evidence the viewer may not see, and the timing of a call must
    not show that such evidence came.
    """
    seen = content(viewer, finding, rule, condition, material)
    return {name: value for name, value in seen.items() if name not in CONCLUSIONS}


def masks_of(viewer: Viewer, finding: Finding, rule: RuleInfo, material: Material) -> dict[EventRef, Mask]:
    """Return the mask of each piece of evidence at hand, oldest first."""
    found = [(ref, material.facts[ref]) for ref in finding.evidence if ref in material.facts]
    found.sort(key=lambda pair: (pair[1].received_at, pair[0]))
    return {ref: mask(viewer, fact, finding.never, rule.purpose, material) for ref, fact in found}


def shown_of(viewer: Viewer, masked: Masked) -> Disclosure:
    """Return the class in force: a pointer where no evidence may be seen at all."""
    return viewer.shown if any(each.permitted for each in masked.values()) else Disclosure.D1


def conceals(finding: Finding, material: Material) -> bool:
    """Say whether it is about somebody of sealed identity: then it is a pointer, and says not even who else was told."""
    return any(person in material.protected for _, person in anchored(finding, material))


def hidden_in_it(finding: Finding, material: Material) -> frozenset[int]:
    """Return the people it is about, or whom its evidence names, whose whereabouts are to be kept from somebody."""
    facts = (material.facts[ref] for ref in finding.evidence if ref in material.facts)
    named = {material.person_of(mention.record) for fact in facts for mention in fact.mentions}
    return material.hidden & {*named, *(person for _, person in anchored(finding, material))}


def whole(finding: Finding, masked: Masked, material: Material) -> bool:
    """Say whether the viewer may know of all live evidence, hence of what was concluded from it."""
    live = [ref for ref in finding.evidence if ref not in material.facts or not material.facts[ref].history]
    return all(ref in masked and masked[ref].permitted for ref in live or finding.evidence)


def anchored(finding: Finding, material: Material) -> list[tuple[str, int]]:
    """Return the people the alert hangs on, the rule's subject first."""
    records = [part.record for part in finding.anchor.parts if isinstance(part, RecordPart)]
    people = list(dict.fromkeys(material.person_of(record) for record in records))
    return list(zip(("subject", "counterpart", *("other" for _ in people)), people, strict=False))


def person_said(person: int, masked: Masked, material: Material) -> Json:
    """Say who somebody is, as far as sources the viewer may read say so; empty for somebody protected."""
    if person in material.protected:
        return {}
    names: list[Json] = []
    born: list[tuple[int, datetime, str]] = []
    areas: list[tuple[datetime, str]] = []
    slots: list[bool] = []
    for ref, seen in masked.items():
        fact = material.facts[ref]
        for mention in fact.mentions:
            if material.person_of(mention.record) != person:
                continue
            if "people.names" in seen.fields:
                names += [dict(name) for name in mention.body.get("names", ()) if dict(name) not in names]
                slots.append(mention.slot is not None)
            if "people.born" in seen.fields and (date := mention.body.get("born")):
                born.append((len(date), fact.known_at, date))
            if "people.area" in seen.fields and (seen.own or person not in material.hidden):
                areas += [(fact.known_at, area) for area in _areas(mention)]
    said: Json = {"names": names[:NAMES_MAX], "unnamed": bool(slots) and all(slots) and not names}
    # The most exact date of birth, and of equally exact ones the newest; of areas the newest.
    said |= {"born": max(born)[2]} if born else {}
    said |= {"area": max(areas)[1]} if areas else {}
    return {key: value for key, value in said.items() if value}


def _areas(mention: Mention) -> list[str]:
    body = mention.body
    addresses = [address for address in body.get("addresses", ()) if address.get("current", True)]
    return [area for place in (*addresses, body) if (area := place.get("area"))]


def _items(viewer: Viewer, masked: Masked, finding: Finding, material: Material) -> list[Json]:
    parts = {person: part for part, person in anchored(finding, material)}
    items = []
    for ref, seen in masked.items():
        own = material.facts[ref].agency == viewer.agency
        fields = seen.fields | {"reference"} if own and seen.fields else seen.fields
        item = {
            name: value for name in SHOWN if name in fields and (value := _field(name, ref, seen, material, parts, own))
        }
        if item:
            items.append(item)
    return items


def _field(name: str, ref: EventRef, seen: Mask, material: Material, parts: Mapping[int, str], own: bool) -> object:
    fact = material.facts[ref]
    match name:
        case "what":
            return _what(fact, seen, own=own)
        case "source":
            return fact.agency
        case "reference":
            return ref.id
        case "occurred":
            return interval(fact.occurred)
        case "grade":
            return fact.grade
        case "relationships":
            return _relationships(fact, parts, material)
        case "fields":
            return coded(fact)
        case _:
            clock: datetime = getattr(fact, name)
            return moment(clock)


def coded(fact: Fact, *, own: bool = False) -> Json:
    """Return the coded fields of an event that class D3 may show, or that its own sender reads."""
    names = OWN_CODED if own else CODED
    return {name: fact.fields[name] for name in names if name in fact.fields and _plain(fact.fields[name])}


def hidden_kind(fact: Fact, seen: Mask, *, own: bool) -> bool:
    """Say whether the kind of event would itself say who told us, to somebody who is not to know."""
    sector = fact.type.partition(".")[0]
    return not own and seen.hides_source and (fact.informant is not None or sector in INFORMANT_SECTORS)


def _what(fact: Fact, seen: Mask, *, own: bool) -> str:
    return "information received" if hidden_kind(fact, seen, own=own) else words.phrase(fact.type)


def _relationships(fact: Fact, parts: Mapping[int, str], material: Material) -> list[Json]:
    part_of = {mention.ref: parts.get(material.person_of(mention.record)) for mention in fact.mentions}
    claims = []
    for claim in fact.relations:
        one, other = part_of.get(claim.from_ref), part_of.get(claim.to_ref)
        if one and other:
            claims.append({"from": one, "to": other, "kind": claim.kind, "status": claim.status, "grade": claim.grade})
    return claims


def _plain(value: object) -> bool:
    """Say whether a field is codes and numbers only. A token stands where something is sealed and is never shown."""
    if isinstance(value, Mapping):
        return "token" not in value and all(_plain(item) for item in value.values())
    if isinstance(value, list | tuple):
        return all(_plain(item) for item in value)
    return isinstance(value, int) or (isinstance(value, str) and _CODE.fullmatch(value) is not None)


def _details(masked: Masked, finding: Finding, material: Material) -> Json:
    """Return the rule's own lists of people (records, or refs of the anchor's event) as far as the viewer may know them.

    A ref is a sender's own word and may be a name: it is looked up and never shown.
    """
    refs = {
        mention.ref: mention.record
        for part in finding.anchor.parts
        if isinstance(part, EventPart) and part.event in material.facts
        for mention in material.facts[part.event].mentions
    }
    details: Json = {}
    for name, values in finding.details.items():
        records = [int(value) if value.isdecimal() else refs.get(value) for value in values]
        people = dict.fromkeys(material.person_of(record) for record in records if record is not None)
        shown = [person_said(person, masked, material) for person in people]
        details[name] = [{"part": "other", **said} for said in shown if said]
    return {name: people for name, people in details.items() if people}


def moment(at: datetime | None) -> str | None:
    """Return an instant as it travels: UTC with a Z."""
    return None if at is None else _written(at)


@lru_cache(maxsize=16_384)  # evaluations write the clocks of the same facts again and again
def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def interval(occurred: Interval) -> Json | str | None:
    """Return an interval as it travels: an instant as one, None if nothing is known."""
    if occurred.earliest is None and occurred.latest is None:
        return None
    if occurred.earliest == occurred.latest:
        return moment(occurred.earliest)
    return {"earliest": moment(occurred.earliest), "latest": moment(occurred.latest)}
