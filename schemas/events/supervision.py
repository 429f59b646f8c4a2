"""Families about supervising somebody: tools and programmes, recall before and after its decision, homes found or not."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Term
from schemas.events.declared import ADULT, SUBJECT, family, role
from schemas.events.exchange import Rationale
from schemas.events.whereabouts import Residence
from schemas.handling import AgencyId, Code
from schemas.people import Person


class LicenceChanged(EventData):
    """A licence came into force, was changed as a whole, or is out of force."""

    licence: Term
    rationale: Rationale | None = None


class RecallStep(EventData):
    """A step of a recall; whether to recall is a decision of its own (`recall.decided`)."""

    licence: Term | None = None
    kind: Literal["standard", "fixed-term", "emergency"] | None = None
    """What kind of recall."""
    rationale: Rationale | None = None


class RiskTool(EventData):
    """An assessment that is due, was not done, or was done."""

    tool: Code
    """`oasys`, `sara`, `b-safer` ..."""
    due: When = UNKNOWN
    """By when it is or was due; a bare date is inclusive."""
    rationale: Rationale | None = None


class Programme(EventData):
    """A programme the subject began or was taken off."""

    programme: Code
    rationale: Rationale | None = None


class FurtherOffence(EventData):
    """The subject is charged with a serious offence while supervised, or soon after."""

    offence_class: Code
    supervised: bool | None = None
    """Whether he was under supervision at the time."""
    days_since_end: Annotated[int, Field(ge=0, le=36_500)] | None = None
    """Days since supervision ended, if it had."""


class Accommodation(Residence):
    """A home was offered to, or refused for, the subject."""

    rationale: Rationale | None = None
    told_of_risk: bool | None = None
    """Whether the provider was told of the risk before."""


class SharedWithFamily(EventData):
    """The subject lives with relatives while supervised; members of the household are people of this event."""

    host: Person | None = None
    """The `ref` of whose home it is."""
    children_in_household: Literal["none", "present", "unknown"] | None = None
    """Whether children live there."""


class AppointmentChanged(EventData):
    """An appointment was excused beforehand or moved."""

    appointment: Code | None = None
    reason: Code | None = None
    """In a word: `illness`, `work` ..."""
    moved_to: When = UNKNOWN


class DisclosureStep(EventData):
    """Somebody asked to be told about the subject, or that was refused."""

    route: Literal["mappa", "dvds", "csods", "common-law", "other"]
    by: Literal["person-at-risk", "family", "professional", "agency"] | None = None
    """Who asked, as a class."""
    rationale: Rationale | None = None


class OrderApplied(EventData):
    """A court was asked for an order."""

    order: Code
    to_court: AgencyId | None = None
    """The court, by its id in the directory."""
    hearing: When = UNKNOWN
    """When it is to be heard."""


_SUPERVISING: Final = ("police", "probation")
_LICENCE: Final = {"licence": "LIC-1"}
_TOOL: Final = {"tool": "sara", "due": "2024-04-15"}
_ASKING: Final = ("police", "probation", "childrens-social-care")

TYPES: Final = (
    *family(LicenceChanged, "licence.activated", ("probation",), "Send when a licence begins.", example=_LICENCE),
    *family(LicenceChanged, "licence.varied", ("probation",), "Send when a licence is varied.", example=_LICENCE),
    *family(
        LicenceChanged, "licence.inactivated", ("probation",), "Send when a licence is out of force.", example=_LICENCE
    ),
    *family(
        RecallStep, "recall.considered", ("probation",), "Send whenever recall is thought about.", example=_LICENCE
    ),
    *family(RecallStep, "recall.requested", ("probation",), "Send when recall is asked for.", example=_LICENCE),
    *family(
        RecallStep,
        "recall.executed",
        ("police", "prison"),
        "Send when {who} has taken a recalled person in.",
        example={},
    ),
    *family(RiskTool, "risk-tool.due", ("probation",), "Send when an assessment is due.", example=_TOOL),
    *family(
        RiskTool, "risk-tool.missed", ("probation",), "Send when an assessment was not done in time.", example=_TOOL
    ),
    *family(RiskTool, "risk-tool.completed", ("probation", "police"), "Send when {who} has done one.", example=_TOOL),
    *family(
        Programme,
        "intervention.started",
        ("prison", "probation"),
        "Send when somebody begins a programme of {who}.",
        example={"programme": "calm"},
    ),
    *family(
        Programme,
        "intervention.withdrawn",
        ("prison", "probation"),
        "Send when {who} takes somebody off a programme.",
        example={"programme": "calm", "rationale": "given"},
    ),
    *family(
        FurtherOffence,
        "serious-further-offence.notified",
        ("probation",),
        "Send when somebody supervised, or lately so, is charged with a serious offence.",
        example={"offence_class": "homicide", "supervised": True},
    ),
    *family(
        Accommodation,
        "accommodation.offered",
        ("probation", "housing"),
        "Send when {who} offers somebody a home.",
        example={"setting": "supported-housing", "told_of_risk": True},
    ),
    *family(
        Accommodation,
        "accommodation.refused",
        ("probation", "housing"),
        "Send when {who} refuses somebody a home, or is refused one.",
        example={"rationale": "given"},
    ),
    *family(
        SharedWithFamily,
        "residence.shared-with-family",
        _SUPERVISING,
        "Send when {who} learns that somebody it supervises lives with relatives.",
        people=(SUBJECT, role(ADULT, "other")),
        example={"host": "A", "children_in_household": "unknown"},
    ),
    *family(
        AppointmentChanged,
        "appointment.excused",
        (*_SUPERVISING, "approved-premises", "health"),
        "Send when {who} excuses somebody from an appointment beforehand.",
        example={"reason": "illness"},
    ),
    *family(
        AppointmentChanged,
        "appointment.moved",
        (*_SUPERVISING, "approved-premises", "health"),
        "Send when {who} moves an appointment.",
        example={"moved_to": "2024-03-08T11:00:00Z"},
    ),
    *family(
        DisclosureStep,
        "disclosure.requested",
        _ASKING,
        "Send when somebody asks {who} to be told about the subject.",
        people=(SUBJECT, role(ADULT, "recipient")),
        example={"route": "dvds", "by": "person-at-risk"},
    ),
    *family(
        DisclosureStep,
        "disclosure.refused",
        _ASKING,
        "Send when {who} will not tell somebody about the subject. Say why.",
        answers=("disclosure-decision",),
        people=(SUBJECT, role(ADULT, "recipient")),
        example={"route": "dvds", "rationale": "given"},
    ),
    *family(
        OrderApplied,
        "order.applied",
        ("police", "probation", "childrens-social-care"),
        "Send when {who} has asked a court for an order.",
        answers=("order-decision",),
        example={"order": "voo"},
    ),
)
