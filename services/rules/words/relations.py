"""Evidence of a relation: partner and contact claims, and when an agency's end of one counts (domain A3a, "Evidence").

A denial changes nothing. An end claimed by the subject or by the other party ends nothing; an end that an agency
records, with its grounds, does.
"""

from collections.abc import Sequence
from typing import Final

from services.chronology.facts import Fact
from services.rules.view import Claim, View
from services.rules.words import ages, informants, roles

PARTNER_KINDS: Final = frozenset({"partner", "cohabitant", "romantic-correspondent"})
CONTACT_KINDS: Final = frozenset({"visitor", "correspondent"})
TIE_KINDS: Final = frozenset({"contact", "lives-with", "carer", "parent", "kin", "cohabitant", "visitor"})
"""Claims that put an adult and a child together."""
KIN_KINDS: Final = frozenset({"kin", "parent", "sibling"})
CLAIMING: Final = frozenset({"reported", "disclosed", "confirmed"})
ENDING_SECTORS: Final = frozenset({"court", "parole"})
"""What these record is an agency's finding even where they name no grounds."""


def partner_evidence(view: View, person: int) -> Sequence[Claim]:
    """Return the claims that somebody is a person's partner, not suspected false, earliest known first."""
    return view.memo(("partner", person), lambda: _evidence(view, person, PARTNER_KINDS))


def contact_evidence(view: View, person: int) -> Sequence[Claim]:
    """Return the claims that somebody visits or writes to a person; his own kin and children are left out."""
    return view.memo(("contact", person), lambda: _contacts(view, person))


def ties(view: View, person: int) -> Sequence[Claim]:
    """Return the claims that put a person and another, one of them a child, together."""
    return view.memo(("ties", person), lambda: _evidence(view, person, TIE_KINDS))


def visits_and_letters(view: View, person: int) -> Sequence[Claim]:
    """Return the claims that somebody visits or writes to a person, kin included."""
    return _evidence(view, person, CONTACT_KINDS | {"romantic-correspondent"})


def agency_ends(view: View, person: int, other: int) -> list[Fact]:
    """Return the facts in which an agency records, with its grounds, that two people's relation has ended."""
    return [claim.fact for claim in view.claims(person) if claim.other == other and ended_by_agency(claim)]


def ended_by_agency(claim: Claim) -> bool:
    """Say whether a claim is an agency's finding that a relation has ended, not the word of one of the two."""
    relation = claim.relation
    if relation.status != "ended":
        return False
    claimed_by = relation.body.get("claimed_by")
    if claimed_by in (claim.own.ref, claim.theirs.ref):
        return False
    if claimed_by is not None and claimed_by != "agency":
        return False
    told = claim.fact.informant or {}
    if claimed_by is None and told.get("ref") in (claim.own.ref, claim.theirs.ref):
        return False
    return bool(relation.body.get("grounds")) or claimed_by == "agency" or _finds(claim.fact)


def named_to_a_lead(view: View, subject: int, other: int) -> list[Fact]:
    """Return the facts in which the subject named the other person to somebody who led on him then."""
    return [
        claim.fact for claim in view.claims(subject) if claim.other == other and names_to_lead(view, subject, claim)
    ]


def names_to_lead(view: View, subject: int, claim: Claim) -> bool:
    """Say whether by this claim the subject himself named the other person to an agency that leads on him."""
    relation = claim.relation
    if relation.status != "disclosed" or relation.body.get("named") is False or claim.theirs.slot is not None:
        return False
    by_subject = relation.body.get("claimed_by") == claim.own.ref or informants.admitted(view, claim.fact, subject)
    return by_subject and roles.leads(view, subject, claim.fact.agency, claim.fact.known_at)


def is_kin(view: View, person: int, other: int) -> bool:
    """Say whether anybody has recorded two people as kin."""
    return any(claim.other == other and claim.relation.kind in KIN_KINDS for claim in view.claims(person))


def _contacts(view: View, person: int) -> list[Claim]:
    return [
        claim
        for claim in _evidence(view, person, CONTACT_KINDS)
        if not is_kin(view, person, claim.other)
        and ages.under(view, claim.other, ages.ADULT, claim.fact.known_at) is not True
    ]


def _evidence(view: View, person: int, kinds: frozenset[str]) -> list[Claim]:
    return [
        claim
        for claim in view.claims(person)
        if claim.relation.kind in kinds
        and claim.relation.status in CLAIMING
        and not informants.suspected_false(informants.grade_of(claim))
        and claim.theirs.role != "professional"
    ]


def _finds(fact: Fact) -> bool:
    return fact.type.split(".", 1)[0] in ENDING_SECTORS
