"""Contact between a child and somebody registered as a risk to children (R26)."""

from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.situation import Holding, Situation
from services.rules.view import Types, View
from services.rules.words import times

_ORDERS: Final = Types.of(["court.order.made"])
_ORDERS_ENDED: Final = Types.of(["court.order.ended"])
_RESTRICTIONS: Final = Types.of(["*.contact-restriction.set"])
_LIFTED: Final = Types.of(["*.contact-restriction.lifted"])
CONTACT_ORDERS: Final = frozenset({"contact", "no-contact", "residence", "special-guardianship"})


@registry.states("contact_not_regulated@1")
def contact_not_regulated(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """No order and no plan in force says what contact the two may have."""
    both = (situation.subject, situation.other)
    for fact in view.facts(_ORDERS):
        if _names_both(view, fact, both) and _in_force(view, fact, at, _ORDERS_ENDED) and _about_contact(fact):
            return None
    for fact in view.facts(_RESTRICTIONS):
        if _names_both(view, fact, both) and _in_force(view, fact, at, _LIFTED):
            return None
    return Holding(at, times.LONG_AGO)


def _names_both(view: View, fact: Fact, both: tuple[int, int | None]) -> bool:
    return all(person is not None and view.names(fact, person) for person in both)


def _about_contact(fact: Fact) -> bool:
    orders = [fact.fields.get("order"), *(part.get("order") for part in fact.fields.get("provisions") or ())]
    return any(order in CONTACT_ORDERS for order in orders)


def _in_force(view: View, fact: Fact, at: datetime, endings: Types) -> bool:
    ends = times.stated(fact.fields.get("ends"))
    if fact.known_at > at or (ends is not None and ends.latest is not None and ends.latest <= at):
        return False
    return not any(
        end.agency == fact.agency
        and fact.known_at <= end.known_at <= at
        and end.fields.get("order") == fact.fields.get("order")
        and set(view.people_in(end)) & set(view.people_in(fact))
        for end in view.facts(endings)
    )
