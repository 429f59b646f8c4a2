"""What only courts send."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import Closed, many
from schemas.envelope import EventData
from schemas.events.decisions import Persons
from schemas.events.declared import ADULT, CHILD, SUBJECT, event, role
from schemas.events.exchange import Rationale
from schemas.handling import Code


class Sentence(Closed):
    """What somebody was sentenced to."""

    kind: Literal["custody", "suspended", "community", "fine", "hospital-order", "discharge", "other"]
    """`suspended`: custody that is suspended."""
    months: Annotated[int, Field(ge=0, le=1_200)] | None = None
    """Length in months, of custody or of the order."""
    over_12_months: bool | None = None
    """Where only that much is known: it decides whether some orders can be made."""
    ends: When = UNKNOWN
    """The end of the whole sentence, licence included."""


@event(
    "court.outcome.recorded",
    people=(SUBJECT, role(ADULT, "harmed")),
    example={
        "outcome": "convicted",
        "offence_class": "assault",
        "domestic_abuse": True,
        "children_present": True,
        "sentence": {"kind": "custody", "months": 18},
    },
)
class OutcomeRecorded(EventData):
    """Send when a case ends, however. Whoever was harmed is a mention in the role `harmed`."""

    outcome: Literal["convicted", "acquitted", "discontinued", "withdrawn", "remanded", "bailed", "other"]
    """How the case ended."""
    offence_class: Code | None = None
    domestic_abuse: bool | None = None
    """Whether it was domestic abuse."""
    against_child: bool | None = None
    """An offence against a child in the sense of Schedule 1 to the Children and Young Persons Act 1933."""
    children_present: bool | None = None
    reason: Code | None = None
    """`statement-withdrawn`, `insufficient-evidence` ..."""
    sentence: Sentence | None = None
    """With `convicted`: the sentence."""


class Provision(Closed):
    """One part of an order: what for whom, in favour of whom or against whom."""

    order: Code
    """`residence`, `contact`, `no-contact`, `special-guardianship`, `voo`, `restraining` ..."""
    concerning: Persons = ()
    """The children, or whoever is protected."""
    with_: Persons = Field(default=(), alias="with")
    """Where they are to live, whom they may see, or against whom it is."""


@event(
    "court.order.made",
    answers=("order-decision",),
    people=(CHILD, role(ADULT, "parent")),
    example={"order": "residence", "provisions": [{"order": "residence", "concerning": ["C"], "with": ["A"]}]},
)
class OrderMade(EventData):
    """Send when a court has made an order, in family or in criminal proceedings."""

    order: Code
    outcome: Literal["made", "interim", "varied"] = "made"
    """`interim`: until a final hearing. `varied`: an order that stood was changed."""
    provisions: Annotated[tuple[Provision, ...], many(20)] = ()
    """Its parts, where it has several or names for whom and against whom."""
    starts: When = UNKNOWN
    ends: When = UNKNOWN
    rationale: Rationale | None = None


@event("court.order.refused", answers=("order-decision",), example={"order": "voo", "rationale": "given"})
class OrderRefused(EventData):
    """Send when a court has refused to make an order."""

    order: Code
    rationale: Rationale | None = None


@event("court.order.ended", example={"order": "restraining"})
class OrderEnded(EventData):
    """Send when an order has run out or was discharged."""

    order: Code
    reason: Literal["expired", "discharged"] = "expired"
    """`discharged`: ended by a court before its time."""


TYPES: Final = (OutcomeRecorded, OrderMade, OrderRefused, OrderEnded)
