"""Reports, social care records, and whom they name (domain A3a, "Report")."""

from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from typing import Final

from schemas.registry import EVENT_TYPES
from services.chronology.around import SIGHTINGS
from services.chronology.facts import Fact, Mention
from services.rules.view import Only, Types, View
from services.rules.words import ages, roles

REPORTS: Final = Types.of(
    [
        "*.message.reported",
        "*.incident.logged",
        "*.concern.reported",
        "*.allegation.reported",
        "*.threat.reported",
        "*.domestic-abuse-incident.recorded",
        "childrens-social-care.contact.recorded",
        "adult-social-care.concern.recorded",
        "education.injury.seen",
        "education.food-concern.recorded",
    ]
)
"""What somebody tells an agency about a subject. `recorded_by: lead` takes an event out (see `is_report`)."""

CSC_RECORDS: Final = Types.of(
    [
        "childrens-social-care.contact.recorded",
        "childrens-social-care.concern.reported",
        "childrens-social-care.allegation.reported",
        "childrens-social-care.message.reported",
        "childrens-social-care.threat.reported",
        "childrens-social-care.meeting.held",
        "childrens-social-care.visit.made",
    ]
)
"""Records on which children's social care names people and may have to decide. What it is told is a contact under
whatever type it sends it: an office that sends a concern owes the child no less.
"""


def of_sectors(*sectors: str) -> Types:
    """Return every type these sectors can send: for what is said of an agency by whether it writes anything at all."""
    return Types.of([name for name, _ in EVENT_TYPES if name.partition(".")[0] in sectors])


PUBLIC_SOURCES: Final = frozenset({"individual", "family", "anonymous", "self"})
_SOCIAL_CARE: Final = frozenset({"childrens-social-care", "adult-social-care"})


def is_report(view: View, fact: Fact) -> bool:
    """Say whether an event is a report: of such a type, and not what a team records of somebody it leads on."""
    return fact.type in REPORTS and not by_lead(view, fact)


def by_lead(view: View, fact: Fact) -> bool:
    """Say whether it is the record of a lead's own team, which counts only if the sender then held such a role."""
    if fact.fields.get("recorded_by") != "lead":
        return False
    return any(roles.leads(view, person, fact.agency, fact.known_at) for person in view.people_in(fact, "subject"))


def needs_checks(fact: Fact) -> bool:
    """Say whether those named must be checked: any report to police, or one to social care from the public."""
    sector = fact.type.split(".", 1)[0]
    if sector == "police":
        return True
    return sector in _SOCIAL_CARE and _from_public(fact)


def _from_public(fact: Fact) -> bool:
    source = fact.fields.get("source")
    if source is not None:
        return source in PUBLIC_SOURCES
    told = fact.informant or {}
    return "ref" in told and told["ref"] is not None and not told.get("origin")


def named(view: View, fact: Fact, at: datetime) -> list[tuple[int, Mention]]:
    """Return the people a report names (family name or identifier), each once however many names it gives.

    Professionals are left out; the reporter counts only where a child is named.
    """
    with_child = bool(children(view, fact, at))
    found: dict[int, Mention] = {}
    for mention in fact.mentions:
        if mention.role == "professional" or (mention.role == "reporter" and not with_child):
            continue
        if _is_named(mention):
            found.setdefault(view.person(mention.record), mention)
    return list(found.items())


def main_person(view: View, fact: Fact) -> int | None:
    """Return whom an event is mainly about: its first subject, else its first child, else the first it names."""
    for role in ("subject", "child"):
        for mention in fact.mentions:
            if mention.role == role:
                return view.person(mention.record)
    return view.person(fact.mentions[0].record) if fact.mentions else None


def children(view: View, fact: Fact, at: datetime) -> list[tuple[int, Mention]]:
    """Return the children an event names or states, placeholders included, each once."""
    found: dict[int, Mention] = {}
    for mention in fact.mentions:
        person = view.person(mention.record)
        if mention.slot is not None:
            is_child = mention.slot.relation == "child" or mention.role == "child"
        elif mention.role == "child":
            is_child = ages.under(view, person, ages.ADULT, at) is not False
        else:
            is_child = ages.under(view, person, ages.ADULT, at) is True
        if is_child:
            found.setdefault(person, mention)
    return list(found.items())


def _is_named(mention: Mention) -> bool:
    body = mention.body
    return any(name.get("family") for name in body.get("names") or ()) or bool(body.get("identifiers"))


@lru_cache(maxsize=64)
def types_of(patterns: tuple[str, ...]) -> Types:
    """Read type patterns, families by their name included."""
    each = [FAMILIES[pattern] if pattern in FAMILIES else Types.of([pattern]) for pattern in patterns]
    return reduce(or_, each) if each else Types.of([])


FAMILIES: Final[dict[str, Types]] = {
    "report": REPORTS,
    "social care record": CSC_RECORDS,
    "sighting": Types.of(sorted(SIGHTINGS)).if_(Only.TOGETHER),
}
"""Families that a rule may name among its types."""
