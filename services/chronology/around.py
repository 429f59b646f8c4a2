"""Who belongs to a case: the people one hop from a subject, and the facts that come with them.

One pure definition serves the stored case load and the in-memory trial alike, so that live, replay and oracle
cannot disagree about what a rule was shown (design section 5, "Subject and case").
"""

from collections.abc import Callable, Iterable
from typing import Final

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

PEOPLE_MAX: Final = 40
"""People in one case. Beyond it the evaluation is incomplete and pages an operator, never truncated."""

FACTS_MAX: Final = 2_000
"""Facts in one case, for the same reason."""


def neighbours(fact: Fact, person: int, person_of: Callable[[int], int], *, report: bool) -> set[int]:
    """Return the people this fact puts one hop from `person`.

    In a report everybody named is one hop apart, the reporter too; elsewhere only a relationship claim links.
    """
    own = {mention.ref for mention in fact.mentions if person_of(mention.record) == person}
    if not own:
        return set()
    if report:
        return {person_of(mention.record) for mention in fact.mentions} - {person}
    barred = {mention.ref for mention in fact.mentions if mention.role in NEVER_THROUGH}
    linked = _linked_refs(fact, own - barred) - barred
    return {person_of(mention.record) for mention in fact.mentions if mention.ref in linked} - {person}


def _linked_refs(fact: Fact, own: set[str]) -> set[str]:
    pairs = [(relation.from_ref, relation.to_ref) for relation in fact.relations if relation.kind in LINK_KINDS]
    pairs += [(mention.ref, mention.slot.subject_ref) for mention in fact.mentions if mention.slot is not None]
    return {other for one, other in pairs if one in own} | {one for one, other in pairs if other in own}


def people(mentions: Iterable[Mention], person_of: Callable[[int], int]) -> frozenset[int]:
    """Return the people these mentions belong to."""
    return frozenset(person_of(mention.record) for mention in mentions)
