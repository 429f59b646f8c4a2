"""Claims that two people stand in a relation. Claims, not facts: sources contradict each other and all are kept."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import Closed, many, written
from schemas.handling import Code, Grade
from schemas.people import Person, PersonRef, Ref

MAX_RELATIONSHIPS: Final = 60
"""Claims in one event: a family tree of the largest mention list, not a social graph."""
MAX_CITES: Final = 20

AgencySource = Annotated[
    str,
    written(
        r"^urn:tocsin:agency:[a-z0-9]+(?:-[a-z0-9]+)*(?::[a-z0-9]+(?:-[a-z0-9]+)*)?$",
        "Write urn:tocsin:agency: and the id of the agency, with :system behind it if it has several.",
        most=160,
    ),
]
"""`urn:tocsin:agency:<agency>`, with `:<system>` behind it where an agency has several."""

EventId = Annotated[
    str, written(r"^[A-Za-z0-9][A-Za-z0-9._~:/-]*$", "Write letters, digits and . _ ~ : / - only.", most=100)
]

RelationKind = Literal[
    "partner",
    "ex-partner",
    "cohabitant",
    "visitor",
    "romantic-correspondent",
    "correspondent",
    "parent",  # from the parent to the child
    "sibling",
    "carer",  # from the carer to the person cared for
    "lives-with",
    "works-at",  # to somebody who stands for the place; a workplace is better said on the mention
    "contact",  # from the adult to the child
    "harmed",  # from who harmed to who was harmed
    "kin",
]

RelationStatus = Literal["reported", "disclosed", "denied", "confirmed", "ended"]


class EventRef(Closed):
    """Another event, by CloudEvents source and id. Without a source: one of the sender's own."""

    id: EventId
    """`id` of that event."""
    source: AgencySource | None = None
    """`source` of that event. Left out: your own."""


Cites = Annotated[tuple[EventRef, ...], many(MAX_CITES)]


class Relationship(Closed):
    """What somebody says two people of this event are to each other."""

    from_: Person = Field(alias="from")
    """The `ref` of one of the two. Where the kind has a direction: the parent, the carer, the adult, whoever harmed."""
    to: Person
    """The `ref` of the other."""
    kind: RelationKind
    """What they are said to be to each other."""
    status: RelationStatus
    """`reported` by somebody else, `disclosed` or `denied` by one of the two, `confirmed` by an agency's own finding,
    `ended`.
    """
    since: When = UNKNOWN
    """From when. Left out: not known."""
    until: When = UNKNOWN
    """Until when. Left out: no end is known."""
    grade: Grade | None = None
    """Of this claim, where it differs from the event's."""
    named: bool | None = None
    """Whether the one who disclosed it named the other person. False: asked and refused."""
    claimed_by: Annotated[Ref, PersonRef(besides="agency")] | None = None
    """Who says so: somebody in `people`, or `agency` for the sending agency's own finding."""
    grounds: Code | None = None
    """Why the agency says so, above all for an end: `court-order`, `recall-and-disclosure`, `observed`."""
    cites: Cites = ()
    """Earlier events this claim rests on or answers: citing the event of a placeholder names that placeholder."""
