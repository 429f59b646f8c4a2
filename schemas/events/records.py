"""Families about records and the people who keep them: nil returns, look-ups, records made one, staff, capacity."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData, StaffRef
from schemas.events.decisions import Persons, Term
from schemas.events.declared import ADULT, SECTORS, SUBJECT, family, role
from schemas.events.exchange import Rationale
from schemas.handling import AgencyId, Code
from schemas.people import MAX_PEOPLE, Name, PersonMention
from schemas.relations import EventRef

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class NilReturn(EventData):
    """Asked, and nothing to tell. A nil on one spelling is no nil on the person: say what was searched for."""

    means: Literal["none-held", "closed", "archived", "weeded"]
    """`archived`, `weeded`: there was a record, and it cannot be read any more, or not at once."""
    asked_by: AgencyId | None = None
    """The agency that asked."""
    question: EventRef | None = None
    """The event that asked, if it is on the bus."""
    searched_names: Annotated[tuple[Name, ...], many(20)] = ()
    """Every spelling that was searched for."""
    searched_systems: Annotated[tuple[Code, ...], many(20)] = ()


class RecordsLookedUp(EventData):
    """Staff looked somebody up. Who looks up whom is a protection for everybody."""

    by: StaffRef
    """Who looked: a staff reference, never a name."""
    purpose: Code
    """For what, in a word: `safeguarding`, `own-case` ..."""
    systems: Annotated[tuple[Code, ...], many(20)] = ()


class RecordsMerged(EventData):
    """The agency found two of its own records to be one person: the subject's `own_id` stays, `absorbed` goes."""

    absorbed: Annotated[tuple[Term, ...], many(20, least=1)]
    """Your own ids that are no longer used."""


class RecordsUnmerged(EventData):
    """The agency found a record of its own to be two people: the subject's `own_id` stays, `parted` are others again."""

    parted: Annotated[tuple[Term, ...], many(20, least=1)]
    """Your own ids that are other people again."""


class Intimidation(EventData):
    """Somebody (the subject) frightened or threatened a professional."""

    staff: StaffRef
    by: Persons = ()
    """The `ref` of each who did it, where others than the subject did too."""
    handled: Code | None = None
    """What was done, in a word: `case-moved`, `reported` ..."""


class ConflictDeclared(EventData):
    """A member of staff may not see this person's or this case's records, or work on it."""

    staff: StaffRef
    reason: Literal["relative", "friend", "neighbour", "own-case", "other"]
    """What the person is to the member of staff."""
    until: When = UNKNOWN


class CapacityReported(EventData):
    """How much work there is for how many: no person is named."""

    team: Code
    """Which team, in a word."""
    cases: Count | None = None
    """Open cases."""
    officers: Count | None = None
    """Officers at work."""
    vacancies: Count | None = None
    """Posts unfilled."""
    beds: Count | None = None
    """Places free."""
    people: Annotated[tuple[PersonMention, ...], many(MAX_PEOPLE)] = ()
    """Nobody: leave it out."""


class ReviewStep(EventData):
    """A step of a review after a death or serious harm. The subject is whose death or harm it is about."""

    review: Term
    kind: Literal[
        "domestic-homicide", "child-safeguarding", "serious-further-offence", "prevention-of-future-deaths", "other"
    ]
    """What kind of review."""
    due: When = UNKNOWN
    """When an answer or report is due. A report on prevention of future deaths is to be answered in 56 days."""
    owner: AgencyId | None = None
    """The agency that has to act or answer."""
    action: Term | None = None
    adequate: bool | None = None
    """Of an answer: whether it was found to be enough."""
    rationale: Rationale | None = None


_EVERY: Final = tuple(SECTORS)
_SYSTEMS: Final = tuple(sector for sector in SECTORS if sector not in {"mappa", "marac", "parole", "court"})
_STEPS: Final = {
    "commissioned": "Send when {who} commissions a review.",
    "due": "Send when a date by which {who} must report or answer is set or moves.",
    "submitted": "Send when {who} has handed its report in.",
    "replied": "Send when {who} has answered a review or a coroner.",
    "action-set": "Send when a review gives {who} something to do.",
    "action-done": "Send when {who} has done what a review asked.",
}
_REVIEWED: Final = ("police", "prison", "probation", "childrens-social-care", "adult-social-care", "health", "court")

TYPES: Final = (
    *family(
        NilReturn,
        "nil-return.given",
        _EVERY,
        "Send when {who} was asked about somebody and holds nothing, or nothing any more.",
        example={"means": "none-held", "searched_names": [{"given": "Alban", "family": "Thornquist"}]},
    ),
    *family(
        RecordsLookedUp,
        "records.looked-up",
        _SYSTEMS,
        "Send when staff of {who} look up a person beyond their own cases.",
        example={"by": "OM-17", "purpose": "safeguarding"},
    ),
    *family(
        RecordsMerged,
        "records.merged",
        _SYSTEMS,
        "Send when {who} has made two of its own records one.",
        example={"absorbed": ["N-100002"]},
    ),
    *family(
        RecordsUnmerged,
        "records.unmerged",
        _SYSTEMS,
        "Send when {who} has parted records it had wrongly made one.",
        example={"parted": ["N-100002"]},
    ),
    *family(
        Intimidation,
        "staff.intimidation-reported",
        _SYSTEMS,
        "Send when somebody frightened or threatened staff of {who}.",
        example={"staff": "OM-17", "handled": "case-moved"},
    ),
    *family(
        ConflictDeclared,
        "staff.conflict-declared",
        _SYSTEMS,
        "Send when staff of {who} declare that they know somebody privately.",
        people=(role(ADULT, "subject"),),
        example={"staff": "OM-17", "reason": "relative"},
    ),
    *family(
        CapacityReported,
        "capacity.reported",
        _SYSTEMS,
        "Send monthly, and whenever {who} can no longer do what is asked of it.",
        people=(),
        example={"team": "offender-management", "cases": 900, "officers": 14, "vacancies": 4},
    ),
    *(
        model
        for step, doc in _STEPS.items()
        for model in family(
            ReviewStep,
            f"review.{step}",
            _REVIEWED,
            doc,
            people=(role(SUBJECT, "subject"),),
            example={"review": "R-2024-03", "kind": "domestic-homicide"},
        )
    ),
)
