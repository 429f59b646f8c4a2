"""What answers: decisions of children's social care, strategy discussions, orders, disclosures, reviews.

A decision counts with reasons only (`rationale: given`); opening an assessment or enquiry is its own reason. A
strategy discussion is not yet a decision (domain A3a, "CSC decision").
"""

from collections.abc import Iterable
from typing import Final

from services.chronology.facts import Fact
from services.rules.view import Types, View

CSC_OPENING: Final = Types.of(["childrens-social-care.assessment.opened", "childrens-social-care.s47.opened"])
CSC_DECIDING: Final = Types.of(
    [
        "childrens-social-care.referral.decided",
        "childrens-social-care.contact.closed",
        "childrens-social-care.assessment.closed",
        "childrens-social-care.s47.ended",
    ]
)
CSC_DECISIONS: Final = CSC_OPENING | CSC_DECIDING
REFERRALS: Final = Types.of(["childrens-social-care.referral.opened", "childrens-social-care.referral.decided"])
STRATEGY: Final = Types.of(["childrens-social-care.strategy-discussion.held"])
DISCLOSURES: Final = Types.of(["*.disclosure.decided", "*.disclosure.made"])
ORDERS: Final = Types.of(["*.order.considered", "court.order.made", "court.order.refused"])
MEETINGS: Final = Types.of(["*.meeting.held"])
VISITOR_REVIEWS: Final = Types.of(["*.visitor.reviewed"])

UNDECIDED: Final = "under-consideration"


def reasons(fact: Fact) -> bool:
    """Say whether the record says why."""
    return fact.fields.get("rationale") == "given"


def csc_decisions(view: View) -> list[Fact]:
    """Return the decisions of children's social care, with reasons."""
    return [fact for fact in view.facts(CSC_DECISIONS) if fact.type in CSC_OPENING or reasons(fact)]


def names_all(view: View, fact: Fact, people: Iterable[int]) -> bool:
    """Say whether an event names every one of these people."""
    return set(people) <= set(view.people_in(fact))


def order_decisions(view: View, person: int) -> list[Fact]:
    """Return decisions on an order against a person, with reasons: sought, not sought, made, refused."""
    return [
        fact
        for fact in view.facts(ORDERS)
        if view.names(fact, person, "subject") and reasons(fact) and fact.fields.get("outcome") != UNDECIDED
    ]


def disclosures_to(view: View, subject: int, recipient: int) -> list[Fact]:
    """Return decisions to tell, or not to tell, somebody about the subject; telling is a decision."""
    return [
        fact
        for fact in view.facts(DISCLOSURES)
        if view.names(fact, subject)
        and view.names(fact, recipient, "recipient")
        and (fact.type.endswith(".made") or (reasons(fact) and fact.fields.get("outcome") != "defer"))
    ]


def considered(view: View, fact: Fact) -> set[int]:
    """Return the people a meeting or a review of visitors went through."""
    listed = fact.fields.get("considered")
    refs = list(listed.get("people") or ()) if isinstance(listed, dict) else []
    refs += list(fact.fields.get("reviewed") or ())
    return {view.person(mention.record) for mention in fact.mentions if mention.ref in refs}
