"""`view_for`: the one door out. Pure; what goes in is loaded, what comes out is masked JSON in the forms of
schemas/alerts.py and schemas/webhooks.py.

An answer through the API shows content; the alert topic shows the agency's own numbers for the people and how things
stand, and no name; a webhook shows a reference. Every view of content names its purpose and legal basis, and whoever
hands one out writes the audit row in the same transaction (services/disclosure/store.py).
"""

from collections.abc import Container, Sequence
from typing import Any, Final

from services.disclosure import words
from services.disclosure.content import (
    Json,
    Masked,
    anchored,
    conceals,
    content,
    hidden_in_it,
    masks_of,
    moment,
    worth_a_call,
)
from services.disclosure.material import Alert, Call, Informed, MaybeSame, OnTopic, Thing, Viewer
from services.disclosure.sides import side_by_side
from services.rules.findings import Disclosure, RecordPart
from services.rules.recipients import FOR_AREA

__all__ = ["content", "view_for", "worth_a_call"]

LEADS: Final = frozenset({"owner", "probation-lead", "police-lead", "mappa-lead", "prison", "approved-premises"})
"""Roles that an agency holds of the subject wherever the others live."""

NAMES_TO_ANYBODY: Final = frozenset({"nhs", "nino", "upn"})
"""Numbers that name a person to anybody, so that on a topic they would be names."""

ALWAYS_WITHHELD: Final = frozenset({"n4", "n7"})
"""N codes that leave no trace in a mask, because what they bar is never part of a view."""


def view_for(viewer: Viewer, thing: Thing, purpose: str) -> Json | None:
    """Return what the viewer may see of a thing, or None: for this viewer or purpose there is no such thing (404)."""
    if isinstance(thing, MaybeSame):
        return side_by_side(viewer, thing) if purpose == thing.purpose else None
    alert = thing if isinstance(thing, Alert) else thing.alert
    if purpose != alert.rule.purpose:
        return None
    match thing:
        case Alert():
            return _answer(viewer, thing)
        case OnTopic():
            return _on_topic(viewer, thing.alert)
        case Call():
            return _call(thing)


def _told(alert: Alert) -> str:
    """Say why it is told. That an alert about somebody sealed became part of another would say whose it is."""
    return "view" if alert.told == "joined" and conceals(alert.finding, alert.material) else alert.told


def _standing(viewer: Viewer, alert: Alert, shown: str) -> Json:
    finding = alert.finding
    said = {
        "alert": alert.reference,
        "version": alert.version,
        "rule": alert.rule.rule,
        "major": finding.major,
        "urgency": finding.urgency.name,
        "state": alert.condition,
        "told": _told(alert),
        "shown": shown,
        "role": viewer.role,
        "raised_at": moment(alert.raised_at),
        "changed_at": moment(alert.changed_at),
        "correction": "identity" if alert.corrected else None,
        "ended_at": moment(finding.until),
        "joined_to": None if conceals(finding, alert.material) else alert.joined_to,
        "acknowledge_by": moment(alert.acknowledge_by),
        "purpose": alert.rule.purpose,
        "legal_basis": ", ".join(alert.rule.legal_basis),
    }
    return {name: value for name, value in said.items() if value is not None}


def _on_topic(viewer: Viewer, alert: Alert) -> Json:
    """No names, no numbers that are names: what an agency's analysts need to find their own people again."""
    identifiers = [
        {"part": part, "identifier": {"system": own.system, "value": own.value}}
        for part, person in anchored(alert.finding, alert.material)
        if person not in alert.material.protected
        for own in alert.own_ids.get(person, ())
        if own.system not in NAMES_TO_ANYBODY
    ]
    shown = Disclosure.D1 if conceals(alert.finding, alert.material) else viewer.shown
    return {**_standing(viewer, alert, shown.name), "identifiers": identifiers}


def _call(call: Call) -> Json:
    """Nothing in it says who, where or why."""
    alert = call.alert
    said: Json = {
        "alert": alert.reference,
        "endpoint": call.endpoint,
        "version": alert.version,
        "urgency": alert.finding.urgency.name,
        "state": alert.condition,
        "told": _told(alert),
        "link": call.link,
    }
    if call.rung is not None:
        ring = {"rung": call.rung, "desk": call.desk, "acknowledge_by": moment(call.acknowledge_by)}
        said["ring"] = {name: value for name, value in ring.items() if value is not None}
    return said


def _answer(viewer: Viewer, alert: Alert) -> Json:
    finding, material = alert.finding, alert.material
    masked = masks_of(viewer, finding, alert.rule, material)
    seen = content(viewer, finding, alert.rule, alert.condition, material)
    pointer = seen["shown"] == Disclosure.D1.name
    review = needs_review(alert)
    sealed = conceals(finding, material)
    owner, informed = _told_besides(viewer, alert)
    people = {person["part"]: person for person in seen.pop("people", ())}
    answer = {
        **_standing(viewer, alert, seen.pop("shown")),
        "title": words.title(alert.rule.name),
        **{name: value for name, value in seen.items() if value is not None},
        "people": _people(alert, people, pointer=pointer),
        "withheld": sorted(_withheld(masked, alert, pointer=pointer)),
        "handling": words.handling(
            codes=finding.never,
            message=any(".message." in material.facts[ref].type for ref in masked),
            couple=sum(isinstance(part, RecordPart) for part in finding.anchor.parts) > 1,
            pointer=pointer,
            corroborated=finding.corroborated,
            possible=finding.possible,
            review=review,
            sealed=sealed,
            corrected=alert.corrected,
            cut=alert.cut,
        ),
        "review": review,
        "owner": owner,
        "informed": [
            _informed(each.agency, each.name, each.telephone, moment(each.acknowledged_at)) for each in informed
        ],
        # The role says what is lacking; its area would say where somebody lives.
        "not_reached": [] if sealed else list(dict.fromkeys(role.partition(" ")[0] for role in finding.not_reached)),
        "ring": _ring(alert, {each.agency for each in informed}),
        "acknowledgements": [dict(each) for each in alert.acknowledgements],
    }
    return {name: value for name, value in answer.items() if value is not None}


def _people(alert: Alert, known: dict[str, Json], *, pointer: bool) -> list[Json]:
    people = []
    for part, person in anchored(alert.finding, alert.material):
        said = known.get(part, {"part": part})
        if person in alert.material.protected:
            people.append(said)
            continue
        own = [{"system": own.system, "value": own.value} for own in alert.own_ids.get(person, ())]
        if own:
            said = {**said, "identifiers": own}
        if not pointer and (public := alert.public_ids.get(person)):
            said = {**said, "person": public}
        people.append(said)
    return people


def _informed(agency: str, name: str, telephone: str | None, acknowledged_at: str | None) -> Json:
    said = {"agency": agency, "name": name, "telephone": telephone, "acknowledged_at": acknowledged_at}
    return {key: value for key, value in said.items() if value is not None}


def _ring(alert: Alert, named: Container[str]) -> Json | None:
    """Who is being rung. The last rung is a desk of another agency: named only to whom that agency is named at all."""
    if alert.ring is None:
        return None
    owners = {path: path.rpartition("/")[0] for path in alert.ring["desks"]}
    return {**alert.ring, "desks": [path for path, owner in owners.items() if not owner or owner in named]}


def _told_besides(viewer: Viewer, alert: Alert) -> tuple[str | None, Sequence[Informed]]:
    """Return whom to ring about it, the first told in the highest class, and who else was told.

    Which agencies were told would say where somebody lives now. Of a sealed identity nobody is named. Where somebody's
    whereabouts are to be kept from somebody, those told for an area are named to each other alone, and others
    only if they lead on a subject of whom that is not so.
    """
    told = sorted(alert.finding.recipients, key=lambda recipient: -recipient.shown)
    named = {recipient.agency for recipient in told} | {each.agency for each in alert.informed}
    if conceals(alert.finding, alert.material):
        named = {told[0].agency} & {viewer.agency} if told else set()
    elif not viewer.role.endswith(FOR_AREA) and (hidden := hidden_in_it(alert.finding, alert.material)):
        subject = anchored(alert.finding, alert.material)[:1]
        led = not any(person in hidden for _, person in subject)
        named = {recipient.agency for recipient in told if led and recipient.role in LEADS}
    owner = next((recipient.agency for recipient in told if recipient.agency in named), None)
    return owner, [each for each in alert.informed if each.agency in named and each.agency != viewer.agency]


def _withheld(masked: Masked, alert: Alert, *, pointer: bool) -> set[str]:
    reasons = {reason for each in masked.values() for reason in each.withheld}
    if any(ref not in alert.material.facts for ref in alert.finding.evidence):
        reasons.add("gone")
    if conceals(alert.finding, alert.material):
        return {"protected", "class"}
    if pointer:
        return (reasons & {"agreement", "held", "gone", "protected"}) | {"class"}
    never = {code.lower() for code in alert.finding.never}
    return reasons | {"n1"} | (ALWAYS_WITHHELD & never)


def needs_review(alert: Alert) -> bool:
    """Say whether nobody told of it may see any of its evidence: then its owner must decide; it must not be silence."""
    finding, material = alert.finding, alert.material
    viewers = [Viewer(told.agency, told.role, told.shown) for told in finding.recipients]
    masked = [masks_of(viewer, finding, alert.rule, material) for viewer in viewers]
    return bool(finding.evidence) and not any(each.permitted for masks in masked for each in masks.values())


def disclosed(viewer: Viewer, alert: Alert) -> dict[str, Any]:
    """Return what the audit says of a view: the class, and on which agreements how many pieces of evidence were shown."""
    masked = masks_of(viewer, alert.finding, alert.rule, alert.material)
    shown = [each for each in masked.values() if each.fields]
    return {
        "version": alert.version,
        "class": viewer.shown.name,
        "evidence": sorted(alert.material.facts[ref].key for ref, each in masked.items() if each.fields),
        "agreements": sorted({name for each in shown for name in each.grant.agreements}),
        "regimes": sorted({regime for each in shown for regime in each.grant.regimes}),
    }
