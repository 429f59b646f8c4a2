"""Families about work with children and vulnerable adults: who applied, who was asked about them, who began too early."""

from typing import Annotated, Final, Literal

from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.declared import SUBJECT, family
from schemas.events.exchange import Rationale
from schemas.handling import AgencyId, Code
from schemas.people import Name
from schemas.relations import EventRef

Names = Annotated[tuple[Name, ...], many(20)]
PostGroup = Literal["children", "vulnerable-adults", "both", "neither"]


class Application(EventData):
    """The subject applied for, holds or lost a post. The workplace is the subject's `workplace`."""

    post: Code
    with_people: PostGroup | None = None
    """Whom the post works with."""
    names_declared: Names = ()
    """Names the subject gave, former ones too."""


class EmploymentStarted(Application):
    """The subject began work."""

    vetting: EventRef | None = None
    """The request for vetting it waited for."""
    before_answer: bool | None = None
    """Whether work began before vetting was answered."""


class EmploymentSuspended(Application):
    """The subject may not work for now, or no longer."""

    ended: bool = False
    """True: for good."""
    rationale: Rationale | None = None


class VettingRequested(EventData):
    """A check of the subject's record was asked for."""

    post: Code
    with_people: PostGroup | None = None
    """Whom the post works with."""
    of_agency: AgencyId | None = None
    """The agency asked to search, by its id in the directory."""
    names_declared: Names = ()
    """Names the subject gave, former ones too."""


class VettingAnswered(EventData):
    """A check of the subject's record was answered."""

    request: EventRef
    """The request it answers."""
    outcome: Literal["nothing-held", "disclosed", "barred", "cannot-say"]
    """What the check found. `barred`: from work with the people named."""
    names_searched: Names = ()
    """Names really searched for: one left out is one nobody looked for."""
    systems: Annotated[tuple[Code, ...], many(20)] = ()


_EMPLOYING: Final = (
    "employer",
    "education",
    "health",
    "housing",
    "police",
    "childrens-social-care",
    "adult-social-care",
)
_NAME: Final = [{"given": "Alban", "family": "Thornquist"}]

TYPES: Final = (
    *family(
        Application,
        "employment.application-received",
        _EMPLOYING,
        "Send when somebody applies to {who} for a post with children or vulnerable adults.",
        example={"post": "caretaker", "with_people": "children", "names_declared": _NAME},
    ),
    *family(
        EmploymentStarted,
        "employment.started",
        _EMPLOYING,
        "Send when somebody begins work at {who} with children or vulnerable adults.",
        example={"post": "caretaker", "with_people": "children", "before_answer": True},
    ),
    *family(
        EmploymentSuspended,
        "employment.suspended",
        _EMPLOYING,
        "Send when {who} suspends or dismisses somebody over a concern.",
        example={"post": "caretaker", "rationale": "given"},
    ),
    *family(
        VettingRequested,
        "vetting.requested",
        _EMPLOYING,
        "Send when {who} asks for a check.",
        example={"post": "caretaker", "with_people": "children", "names_declared": _NAME},
    ),
    *family(
        VettingAnswered,
        "vetting.answered",
        ("police",),
        "Send when {who} has answered a request for a check.",
        people=(SUBJECT,),
        example={"request": {"id": "vetting-1"}, "outcome": "nothing-held", "names_searched": _NAME},
    ),
)
