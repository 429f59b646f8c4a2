"""What only prisons send."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Term
from schemas.events.declared import ADULT, CHILD, SUBJECT, event, role
from schemas.events.exchange import Rationale
from schemas.events.probation import Conditions
from schemas.handling import AgencyId, Code

_VISIT: Final = {"from": "A", "to": "S", "kind": "visitor", "status": "confirmed", "grade": "1A"}


@event("prison.release.planned", example={"release": "REL-1", "date": "2024-09-15"})
class ReleasePlanned(EventData):
    """Send when a release date is set or moved; send it again with the same release for each move."""

    release: Term
    date: When
    """The day of release as it stands now."""
    reason: Code | None = None
    """Why it was set or moved, in a word."""


@event("prison.person.released", example={"release": "REL-1", "licence": "LIC-1"})
class PersonReleased(EventData):
    """Send when somebody has left prison on release."""

    release: Term
    licence: Term | None = None
    conditions: Conditions = ()
    """Conditions that begin with the release, where nobody else sends them."""


@event("prison.person.received", example={"reason": "recall"})
class PersonReceived(EventData):
    """Send when somebody has come into prison."""

    reason: Literal["sentence", "remand", "recall", "transfer", "other"]
    """Why somebody came into prison."""


@event("prison.intervention.completed", example={"programme": "thinking-skills"})
class InterventionCompleted(EventData):
    """Send when somebody has completed a programme. The day goes into `occurred`."""

    programme: Code


@event("prison.intervention.dropped", example={"programme": "calm", "rationale": "given"})
class InterventionDropped(EventData):
    """Send when a planned programme will not be completed."""

    programme: Code
    rationale: Rationale | None = None


@event(
    "prison.visit.held",
    people=(SUBJECT, role(ADULT, "visitor")),
    example={"kind": "social", "count": 1, "relationships": [_VISIT]},
)
class VisitHeld(EventData):
    """Send when somebody in prison has had visitors: one event each, or one for a period with its `count`."""

    kind: Literal["social", "family", "legal", "professional", "video"] = "social"
    """What kind of visit."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many visits; left out if not stated."""
    claimed: Code | None = None
    """The relation the visitor claimed on booking."""


@event(
    "prison.correspondence.noted",
    people=(SUBJECT, role(ADULT, "correspondent")),
    example={"kind": "letter", "count": 3},
)
class PrisonCorrespondenceNoted(EventData):
    """Send when letters, cards or calls between somebody in prison and somebody outside were noticed."""

    kind: Code
    """In a word: `letter`, `card`, `call` ..."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many; left out if not stated."""


@event("prison.contact.approved", people=(SUBJECT, role(ADULT, "visitor")), example={"claimed": "partner"})
class ContactApproved(EventData):
    """Send when somebody is put on the list of approved contacts."""

    claimed: Code | None = None
    means: Literal["visits", "letters", "telephone", "all"] | None = None
    """In what way they may be in touch."""
    until: When = UNKNOWN


@event("prison.contact.added", people=(SUBJECT, role(ADULT, "visitor")), example={"claimed": "friend"})
class ContactAdded(EventData):
    """Send when somebody in prison names a contact, approved or not."""

    claimed: Code | None = None


@event("prison.contact.removed", people=(SUBJECT, role(ADULT, "visitor")), example={"rationale": "given"})
class ContactRemoved(EventData):
    """Send when somebody is taken off the list of contacts, or approval is refused."""

    by: Literal["prisoner", "contact", "prison"] | None = None
    """Who wanted it."""
    rationale: Rationale | None = None


@event("prison.visit.booked", people=(SUBJECT, role(ADULT, "visitor"), CHILD), example={"claimed": "partner"})
class VisitBooked(EventData):
    """Send when a visit is booked; the people are those who are to come, children too."""

    planned_for: When = UNKNOWN
    claimed: Code | None = None
    cancelled: bool = False
    """True: the visit booked before will not take place."""


@event("prison.professional-visit.held", example={"by_agency": "probation-west-midlands", "role": "offender-manager"})
class ProfessionalVisitHeld(EventData):
    """Send when a professional visited somebody in prison."""

    by_agency: AgencyId | None = None
    role: Code
    """What the visitor is: `offender-manager`, `social-worker` ..."""


TYPES: Final = (
    ReleasePlanned,
    PersonReleased,
    PersonReceived,
    InterventionCompleted,
    InterventionDropped,
    VisitHeld,
    PrisonCorrespondenceNoted,
    ContactApproved,
    ContactAdded,
    ContactRemoved,
    VisitBooked,
    ProfessionalVisitHeld,
)
