"""What only victim liaison units send. The victim's whereabouts are never among it: no address, no area."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.declared import ADULT, SUBJECT, event, role
from schemas.events.exchange import Classes
from schemas.events.probation import Conditions
from schemas.people import Person

_PEOPLE: Final = (SUBJECT, {**role(ADULT, "victim"), "addresses": [], "phones": []})


@event("victim-liaison.contact.made", people=_PEOPLE, example={"means": "telephone", "classes": ["fears-release"]})
class VictimContactMade(EventData):
    """Send when a victim was in touch, or was told of a release, a hearing or a move."""

    means: Literal["telephone", "letter", "email", "in-person", "other"] | None = None
    classes: Classes = ()
    victim: Person | None = None
    """The `ref` of whom it was with."""


@event(
    "victim-liaison.conditions.requested",
    people=_PEOPLE,
    example={"conditions": [{"code": "no-contact-victim"}]},
)
class ConditionsRequested(EventData):
    """Send when a victim asks for conditions of a licence."""

    conditions: Conditions
    """The conditions asked for."""


TYPES: Final = (VictimContactMade, ConditionsRequested)
