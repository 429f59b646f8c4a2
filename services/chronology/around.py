"""Who belongs to a case: the people one hop from a subject, and the facts that come with them.

One pure definition serves the stored case load and the in-memory trial alike, so that live, replay and oracle
cannot disagree about what a rule was shown (design section 5, "Subject and case").
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from schemas.registry import EVENT_TYPES
from services.chronology.facts import Fact, Mention

LINK_KINDS: Final = frozenset(
    {
        "partner",
        "ex-partner",
        "cohabitant",
        "visitor",
        "correspondent",
        "romantic-correspondent",
        "parent",
        "carer",
        "lives-with",
        "contact",
        "harmed",
        "kin",
    }
)
"""Relationship kinds a case may follow. A claim of any status links: an ended or denied one is evidence too."""

NEVER_THROUGH: Final = frozenset({"professional", "reporter"})
"""Roles no relationship is followed through: a case must not run through those who work with everybody."""

_FLAGGING: Final = frozenset({"risk-flag.set", "risk-flag.cleared", "risk.assessed", "outcome.recorded"})

FLAGGING: Final = frozenset(name for name, _ in EVENT_TYPES if name.partition(".")[2] in _FLAGGING)
"""Types that make somebody flagged, or no longer: all that a case holds of a person its subject only may be."""

PARTNERS: Final = frozenset({"partner", "cohabitant", "romantic-correspondent"})
CARING: Final = frozenset({"parent", "carer", "lives-with"})
_BONDS: Final = PARTNERS | CARING
ONE_WAY: Final = frozenset({"parent", "carer"})
"""Claims that run from the adult to the child."""
INJURIES: Final = frozenset({"health.injury.observed", "education.injury.seen"})

_SIGHTINGS: Final = frozenset(
    {
        "ambulance.attended",
        "attender.present",
        "child.seen",
        "home-visit.made",
        "missing-person.reported",
        "missing-person.returned",
        "offender-visit.made",
        "person.attended",
        "visit.made",
    }
)

SIGHTINGS: Final = frozenset(name for name, _ in EVENT_TYPES if name.partition(".")[2] in _SIGHTINGS)
"""Records of who was there when somebody was seen, or is thought to be with whom: a man at the school gate, a child in the
home of a man on the register. Nobody need have claimed a relation.
"""

MEETINGS: Final = frozenset({"childrens-social-care.meeting.held"})

SEEN_TOGETHER: Final = INJURIES | SIGHTINGS | MEETINGS
"""Types that speak of people together though they are no report and claim no relation."""

PEOPLE_MAX: Final = 40
"""People in one case. Beyond it the evaluation is incomplete and pages an operator, never truncated."""

FACTS_MAX: Final = 2_000
"""Facts in one case, for the same reason."""


def neighbours(fact: Fact, person: int, person_of: Callable[[int], int], *, report: bool) -> set[int]:
    """Return the people this fact puts one hop from `person`.

    In a report everybody named is one hop apart, the reporter too; elsewhere only a relationship claim links.
    """
    if len(fact.mentions) < 2:  # noqa: PLR2004 - somebody and somebody else
        return set()
    own = {mention.ref for mention in fact.mentions if person_of(mention.record) == person}
    if not own:
        return set()
    if report:
        return {person_of(mention.record) for mention in fact.mentions} - {person}
    barred = {mention.ref for mention in fact.mentions if mention.role in NEVER_THROUGH}
    linked = _linked_refs(fact, own - barred) - barred
    return {person_of(mention.record) for mention in fact.mentions if mention.ref in linked} - {person}


def flags_wanted(facts: Iterable[Fact], person: int, person_of: Callable[[int], int]) -> set[int]:
    """Return whose flags the case of a child needs though they are not one hop away.

    Partners of whoever looks after the child, and whoever is named with it where it was seen: of a man who moved in with its
    mother nobody may have said that he is with the child. `facts` are the case's own.
    """
    facts = tuple(facts)
    claims = list(_claims(facts, person_of))
    carers = {one for one, kind, other in claims if other == person and kind in CARING}
    partners = {other for one, kind, other in claims if one in carers and kind in PARTNERS}
    return (partners | _seen_with(facts, person, person_of)) - {person}


def wanted_by(facts: Iterable[Fact], person: int, person_of: Callable[[int], int]) -> set[int]:
    """Return whose cases want this person's flags: the other side of `flags_wanted`."""
    facts = tuple(facts)
    claims = list(_claims(facts, person_of))
    partners = {other for one, kind, other in claims if one == person and kind in PARTNERS}
    children = {other for one, kind, other in claims if one in partners and kind in CARING}
    return (children | _seen_with(facts, person, person_of)) - {person}


def _claims(facts: Iterable[Fact], person_of: Callable[[int], int]) -> Iterator[tuple[int, str, int]]:
    """Who is a partner of whom or looks after whom by any claim; what holds both ways is given both ways."""
    for fact in facts:
        for relation, mention, theirs in fact.ties:
            if relation.kind in _BONDS:
                one, other = person_of(mention.record), person_of(theirs.record)
                yield one, relation.kind, other
                if relation.kind not in ONE_WAY:
                    yield other, relation.kind, one


def _seen_with(facts: Iterable[Fact], person: int, person_of: Callable[[int], int]) -> set[int]:
    found: set[int] = set()
    for fact in facts:
        if fact.type in SEEN_TOGETHER:
            named = {person_of(mention.record) for mention in fact.mentions if mention.role not in NEVER_THROUGH}
            found |= named if person in named else set()
    return found


def _linked_refs(fact: Fact, own: set[str]) -> set[str]:
    pairs = [(relation.from_ref, relation.to_ref) for relation in fact.relations if relation.kind in LINK_KINDS]
    pairs += [(mention.ref, mention.slot.subject_ref) for mention in fact.mentions if mention.slot is not None]
    return {other for one, other in pairs if one in own} | {one for one, other in pairs if other in own}


def people(mentions: Iterable[Mention], person_of: Callable[[int], int]) -> frozenset[int]:
    """Return the people these mentions belong to."""
    return frozenset(person_of(mention.record) for mention in mentions)
