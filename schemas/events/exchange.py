"""Families about telling: concerns, messages, information passed between agencies, checks."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import Instant
from schemas.closed import Closed, many
from schemas.envelope import EventData
from schemas.events.declared import ADULT, CHILD, REPORTER, SLOT, SUBJECT, family, role
from schemas.handling import AgencyId, Code, Phone
from schemas.people import Person, Workplace
from schemas.relations import EventRef

Rationale = Literal["given", "not-given"]
"""Whether the record says why. Left out: the record does not say, which no rule takes for a reason."""

Source = Literal["individual", "family", "professional", "agency", "anonymous", "self"]
"""Who came forward, as a class: never who."""

Classes = Annotated[tuple[Code, ...], many(20)]
"""What it is about: `fear-for-child`, `hostile-about-partner`, `threat-to-life`, `confession`, `violence` ..."""


class Episode(Closed):
    """The recording agency's own episode of work that the record belongs to."""

    state: Literal["open", "none"]
    """`open`: there is work on these children. `none`: there is none."""
    children: Annotated[tuple[Person, ...], many(20)] = ()
    """The children it is open on."""


class Concern(EventData):
    """Somebody is worried about somebody, and said so."""

    source: Source | None = None
    """Who came forward, as a class: never who."""
    classes: Classes = ()
    children_present: bool | None = None
    from_agency: AgencyId | None = None
    """The agency that brought it, if one did."""
    present_at: Workplace | None = None
    """A place of work or care at which the subject is said to spend time."""
    decision: Code | None = None
    """What was decided at once, if anything: `referral`, `no-further-action`, `advice` ..."""
    rationale: Rationale | None = None
    episode: Episode | None = None


class Message(EventData):
    """Messages that somebody had and showed or told the agency about."""

    channel: Phone | None = None
    """The number the messages arrived on. The sender's is among the sender's `phones`."""
    means: Literal["text", "voicemail", "call", "social", "email", "letter", "in-person"] = "text"
    """By what way they came."""
    messages: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many, if known."""
    classes: Classes = ()
    original: Literal["kept", "deleted"] | None = None
    """Whether the messages themselves are still there."""
    answered: bool | None = None
    """Whether the receiver wrote back."""
    present_at: Workplace | None = None
    """A place of work or care at which the subject is said to spend time."""


class MessageReceived(EventData):
    """A message reached a number that a professional is meant to watch."""

    channel: Phone
    """The watched number."""
    means: Literal["text", "voicemail", "call", "email"] = "text"
    """By what way it came."""
    classes: Classes = ()
    """Only if it has been read; usually empty."""


class MessageRead(EventData):
    """Somebody read, or listened to, a message on a watched number."""

    message: EventRef
    """The message that was read: the `id` of its `message.received`."""
    read_by: Code
    """Role of the reader, such as `police-om`."""
    classes: Classes = ()


class InformationPassed(EventData):
    """Something one agency told another."""

    from_agency: AgencyId | None = None
    to_agency: AgencyId | None = None
    about: EventRef | None = None
    """The event it was about, if it is on the bus."""
    matter: Code | None = None
    """What it was about, in a word: `absence`, `relationship`, `release` ..."""
    extent: Literal["full", "partial", "pointer"] | None = None
    means: Literal["writing", "verbal", "system"] | None = None


class ReceiptGiven(EventData):
    """The agency confirms that it has, and has read, what it was told."""

    report: EventRef
    """What it confirms: the record of the telling, or the report itself."""
    from_agency: AgencyId | None = None


class ChecksCompleted(EventData):
    """Named people were searched for on the agency's systems."""

    report: EventRef
    """The report whose people were searched for."""
    persons_checked: Annotated[tuple[Person, ...], many(40, least=1)]
    """Only those really searched for. Whoever is named in the report and missing here counts as unchecked."""
    systems: Annotated[tuple[Code, ...], many(20, least=1)]
    result: Literal["known", "not-known", "partly-known"] | None = None
    """Whether they were known. `partly-known`: some of them."""
    attended_at: Instant | None = None
    """When somebody went there, if anybody did."""
    seen_at: Instant | None = None
    """When the person at risk was seen, if they were."""


_TOLD: Final = ("police", "prison", "probation", "approved-premises", "mappa", "childrens-social-care", "health")
_ALL_TOLD: Final = (
    *_TOLD,
    "housing",
    "employer",
    "education",
    "adult-social-care",
    "marac",
    "victim-liaison",
)
_SHOWN: Final = ("health", "education", "housing", "adult-social-care", "victim-liaison")
_EVENT: Final = {"id": "report-1", "source": "urn:tocsin:agency:police-west-mercia"}

TYPES: Final = (
    *family(
        Concern,
        "concern.reported",
        (
            "police",
            "prison",
            "probation",
            "approved-premises",
            "childrens-social-care",
            "health",
            "housing",
            "employer",
            "education",
            "adult-social-care",
            "victim-liaison",
        ),
        "Send when somebody tells {who} that they are worried about a person, or staff notice it themselves.",
        report=True,
        people=(SUBJECT, CHILD, REPORTER),
        example={"source": "family", "informant": {"ref": "R"}, "grade": "2C", "classes": ["fear-for-child"]},
    ),
    *family(
        Concern,
        "allegation.reported",
        ("police", "childrens-social-care", "health", "employer", "education", "adult-social-care", "prison"),
        "Send when somebody tells {who} that a person did something harmful. An allegation, not a finding.",
        report=True,
        people=(SUBJECT, role(ADULT, "harmed"), REPORTER),
        example={"source": "individual", "informant": {"ref": "R"}, "classes": ["violence"]},
    ),
    *family(
        Concern,
        "threat.reported",
        ("police", "prison", "probation", "childrens-social-care", "approved-premises", *_SHOWN),
        "Send when {who} learns that a person threatened another.",
        report=True,
        people=(SUBJECT, role(ADULT, "victim")),
        example={"informant": {"ref": "A"}, "grade": "2B", "classes": ["threat-to-harm"]},
    ),
    *family(
        Message,
        "message.reported",
        ("police", "probation", "childrens-social-care", "employer", *_SHOWN),
        "Send when somebody shows {who} messages, or tells of them. Put what they claim into `relationships`.",
        report=True,
        people=(SUBJECT, ADULT, CHILD, REPORTER),
        example={
            "informant": {"ref": "R"},
            "grade": "2C",
            "channel": "07700 900456",
            "messages": 2,
            "classes": ["fear-for-child"],
            "relationships": [{"from": "S", "to": "A", "kind": "partner", "status": "reported"}],
            "text": "The words of the messages, sealed.",
        },
    ),
    *family(
        MessageReceived,
        "message.received",
        ("police", "probation", "childrens-social-care"),
        "Send as soon as a message reaches a number that {who} has declared as watched, read or not.",
        people=({"ref": "S", "role": "subject", "unnamed_sender": True, "phones": ["07700 900789"]},),
        example={"channel": "07700 900300"},
    ),
    *family(
        MessageRead,
        "message.read",
        ("police", "probation", "childrens-social-care"),
        "Send when a person at {who} has read a message announced by message.received.",
        answers=("message-read",),
        example={"message": {"id": "message-1"}, "read_by": "police-om"},
    ),
    *family(
        InformationPassed,
        "information.received",
        _ALL_TOLD,
        "Send when {who} is told something by another agency, with that one's informant and its `origin`.",
        people=(SUBJECT, SLOT),
        example={
            "from_agency": "housing-fernhollow",
            "informant": {"staff": "H1", "origin": "urn:tocsin:agency:housing-fernhollow"},
            "relationships": [{"from": "S", "to": "U", "kind": "partner", "status": "reported"}],
        },
    ),
    *family(
        InformationPassed,
        "information.told-verbally",
        _ALL_TOLD,
        "Send when {who} has told another agency something by word of mouth. It asks for a receipt.",
        example={"to_agency": "csc-birmingham", "about": _EVENT, "means": "verbal"},
    ),
    *family(
        ReceiptGiven,
        "information.receipt-given",
        _ALL_TOLD,
        "Send when {who} confirms having received and read a report or a telling.",
        answers=("information-receipt",),
        example={"report": _EVENT},
    ),
    *family(
        ChecksCompleted,
        "checks.completed",
        ("police", "childrens-social-care", "probation", "health", "education", "adult-social-care"),
        "Send when {who} has searched its systems for the people named in a report.",
        answers=("checks",),
        people=(SUBJECT, CHILD),
        example={"report": _EVENT, "persons_checked": ["S", "C"], "systems": ["pnc", "pnd"], "result": "known"},
    ),
)
