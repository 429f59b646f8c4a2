"""What only children's social care sends: contacts, referrals, assessments, enquiries, episodes, placements."""

from typing import Annotated, Final, Literal

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.decisions import Agencies, Considered, Persons
from schemas.events.declared import ADULT, CHILD, REPORTER, SUBJECT, event, role
from schemas.events.exchange import Concern, Episode, Rationale, Source
from schemas.handling import AgencyId, Code
from schemas.people import Person
from schemas.relations import EventRef

Outcome = Literal[
    "no-further-action",
    "information-and-advice",
    "early-help",
    "assessment",
    "child-in-need",
    "strategy-discussion",
    "section-47",
    "child-protection-conference",
    "child-protection-plan",
    "looked-after",
    "passed-to-other-area",
    "closed",
]
Findings = Annotated[tuple[Code, ...], many(20)]
EpisodeKind = Literal[
    "contact-question",  # whether a child may see somebody
    "early-help",
    "child-in-need",
    "child-protection",
    "looked-after",
    "leaving-care",
    "other",
]

_PARENT: Final = role(ADULT, "parent")
_FAMILY: Final = (role(CHILD, "child"), _PARENT, SUBJECT)


@event(
    "childrens-social-care.contact.recorded",
    report=True,
    people=(REPORTER, SUBJECT, CHILD, _PARENT),
    example={
        "source": "individual",
        "informant": {"ref": "R"},
        "relationships": [{"from": "S", "to": "C", "kind": "contact", "status": "reported"}],
    },
)
class ContactRecorded(Concern):
    """Send when anybody has contacted the duty team. No `decision` means that none has been taken."""


@event(
    "childrens-social-care.contact.closed",
    answers=("csc-decision",),
    people=_FAMILY,
    example={"contact": {"id": "contact-1"}, "outcome": "no-further-action", "rationale": "given"},
)
class ContactClosed(EventData):
    """Send when a contact ends without becoming a referral. Without reasons it answers nothing."""

    contact: EventRef
    """The contact that ends: the `id` of its event."""
    outcome: Outcome
    rationale: Rationale | None = None


@event(
    "childrens-social-care.referral.opened",
    answers=("csc-referral",),
    people=_FAMILY,
    example={"source": "agency", "from_agency": "police-west-mercia"},
)
class ReferralOpened(EventData):
    """Send when a referral is opened; cite the contact, action or report it answers."""

    source: Source | None = None
    """Who referred, as a class."""
    from_agency: AgencyId | None = None


@event(
    "childrens-social-care.referral.decided",
    answers=("csc-decision",),
    people=_FAMILY,
    example={"referral": {"id": "referral-1"}, "outcome": "assessment", "rationale": "given"},
)
class ReferralDecided(EventData):
    """Send when a referral has been decided: due within one working day."""

    referral: EventRef | None = None
    outcome: Outcome
    rationale: Rationale | None = None
    disclosure_to: Persons = ()
    """People who were told about the subject on this occasion."""


@event(
    "childrens-social-care.strategy-discussion.held",
    answers=("strategy-discussion",),
    people=_FAMILY,
    example={"attendance": ["csc-birmingham", "police-west-midlands", "health-birmingham-community"]},
)
class StrategyDiscussionHeld(EventData):
    """Send when a strategy discussion has been held, with who took part."""

    attendance: Agencies | None = None
    absent: Agencies = ()
    considered: Considered | None = None
    outcome: Outcome | None = None
    rationale: Rationale | None = None


@event("childrens-social-care.assessment.opened", answers=("csc-decision",), people=_FAMILY)
class AssessmentOpened(EventData):
    """Send when an assessment of a child begins."""

    referral: EventRef | None = None


@event(
    "childrens-social-care.assessment.closed",
    answers=("csc-decision",),
    people=_FAMILY,
    example={"outcome": "child-in-need", "rationale": "given"},
)
class AssessmentClosed(EventData):
    """Send when an assessment has ended. Without reasons it answers nothing."""

    outcome: Outcome
    rationale: Rationale | None = None
    findings: Findings = ()
    """What was found, each in a word: `neglect`, `no-concerns` ..."""


@event("childrens-social-care.s47.opened", answers=("csc-decision",), people=_FAMILY)
class Section47Opened(EventData):
    """Send when an enquiry under section 47 begins."""

    referral: EventRef | None = None


@event(
    "childrens-social-care.s47.ended",
    answers=("csc-decision",),
    people=_FAMILY,
    example={"outcome": "child-protection-conference", "rationale": "given"},
)
class Section47Ended(EventData):
    """Send when an enquiry under section 47 has ended. Without reasons it answers nothing."""

    outcome: Outcome
    rationale: Rationale | None = None
    findings: Findings = ()
    """What was found: `non-accidental-injury`, `by-whom-unknown`, `unsubstantiated` ..."""


@event(
    "childrens-social-care.episode.opened",
    people=_FAMILY,
    example={"kind": "contact-question", "episode": {"state": "open", "children": ["C"]}},
)
class EpisodeOpened(EventData):
    """Send when work on a child begins. Naming the subject says that it is about the risk from that person."""

    kind: EpisodeKind
    """What kind of work begins. `contact-question`: whether a child may see somebody."""
    episode: Episode
    """The work that begins, and the children it is on."""


@event(
    "childrens-social-care.episode.closed",
    people=_FAMILY,
    example={"kind": "contact-question", "children": ["C"], "rationale": "given"},
)
class EpisodeClosed(EventData):
    """Send when work on a child ends."""

    kind: EpisodeKind
    """What kind of work ends."""
    children: Persons
    """The `ref` of each child it was open on."""
    rationale: Rationale | None = None


@event("childrens-social-care.visit.made", people=_FAMILY, example={"child_seen": True, "seen_alone": True})
class VisitMade(EventData):
    """Send when a social worker has visited a child."""

    child_seen: bool
    seen_alone: bool | None = None
    unannounced: bool | None = None
    episode: Episode | None = None


@event("childrens-social-care.placement.changed", people=(role(CHILD, "subject"),), example={"placement": "into-care"})
class PlacementChanged(EventData):
    """Send when where a child in care lives changes."""

    placement: Literal["into-care", "moved", "returned-home", "adopted", "special-guardianship", "left-care"]
    """What changed for the child."""
    starts: When = UNKNOWN


@event(
    "childrens-social-care.household.recorded",
    people=(role(ADULT, "subject") | {"children": {"known": "none"}},),
    example={"children": "none"},
)
class HouseholdRecorded(EventData):
    """Send when it was established who lives in the subject's household, above all that no child does."""

    children: Literal["none", "present"]
    """`none`: no child lives with the subject or is in the subject's care."""
    members: Persons = ()
    """The `ref` of each who lives there."""


@event(
    "childrens-social-care.care-arrangement.reported",
    people=(role(CHILD, "child"), role(ADULT, "carer")),
    example={"arrangement": "kinship", "applied_for": "special-guardianship"},
)
class CareArrangementReported(EventData):
    """Send when it is learned who looks after a child (role `carer`) and who no longer does (`former-carer`)."""

    arrangement: Literal["kinship", "foster", "private-fostering", "informal", "other"]
    """`informal`: among family or friends, without an order or an assessment."""
    applied_for: Code | None = None
    """The order that was applied for, in a word: `special-guardianship` ..."""
    carer: Person | None = None
    """With several carers: the main one."""


@event(
    "childrens-social-care.feedback.given",
    people=_FAMILY,
    example={"to": "professional", "to_agency": "education-exshire-primary", "report": {"id": "report-1"}},
)
class FeedbackGiven(EventData):
    """Send when whoever told us was told what came of it."""

    to: Source
    """Who was told, as a class."""
    to_agency: AgencyId | None = None
    report: EventRef | None = None
    """What they had reported."""


@event(
    "childrens-social-care.review.held",
    people=_FAMILY,
    example={"kind": "child-in-need", "child_seen": True, "decision": "plan-continues", "rationale": "given"},
)
class CareReviewHeld(EventData):
    """Send when the plan for a child was reviewed."""

    kind: EpisodeKind
    """The plan that was reviewed."""
    child_seen: bool | None = None
    decision: Code | None = None
    """In a word: `plan-continues`, `closed` ..."""
    rationale: Rationale | None = None


TYPES: Final = (
    ContactRecorded,
    ContactClosed,
    ReferralOpened,
    ReferralDecided,
    StrategyDiscussionHeld,
    AssessmentOpened,
    AssessmentClosed,
    Section47Opened,
    Section47Ended,
    EpisodeOpened,
    EpisodeClosed,
    VisitMade,
    PlacementChanged,
    HouseholdRecorded,
    CareArrangementReported,
    FeedbackGiven,
    CareReviewHeld,
)
