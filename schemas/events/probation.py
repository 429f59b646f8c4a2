"""What only probation sends: licences and their conditions, recall, transfer, referrals, plans."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import Closed, many, written
from schemas.envelope import EventData, StaffRef
from schemas.events.decisions import MappaCategory, MappaLevel, Term
from schemas.events.declared import event
from schemas.events.exchange import Rationale
from schemas.events.whereabouts import Residence
from schemas.handling import AgencyId, Code, Phone
from schemas.relations import EventRef

ConditionValue = Annotated[str, written(r"^[0-9:., -]+$", "Write figures only, such as 21:15-09:15.", most=60)]
"""Figures only: times of day, days, distances. `21:15-09:15`, `12:00, 17:00`."""

DecidedBy = Literal["officer", "senior-officer", "manager", "head", "parole-board"]


class Condition(Closed):
    """One condition of a licence."""

    code: Code
    """`disclose-relationships`, `curfew`, `sign-on`, `reside-ap`, `one-device-declared`, `exclusion-wales` ..."""
    value: ConditionValue | None = None
    """Figures of the condition: `21:15-09:15` for a curfew, `12:00, 17:00` for signing on."""
    starts: When = UNKNOWN
    """Left out: with the licence."""
    ends: When = UNKNOWN
    """Until when; a bare date is inclusive. Left out: with the licence."""


Conditions = Annotated[tuple[Condition, ...], many(40)]


class ConditionChange(Closed):
    """How one condition was eased."""

    code: Code
    """The condition, in the word it was set by."""
    old: ConditionValue | None = None
    """Its figures before."""
    new: ConditionValue | None = None
    """Its figures now."""
    removed: bool = False
    """True: the condition is gone."""
    since: When = UNKNOWN
    """Left out: from when it occurred."""
    if_compliant: bool = False
    """Only to happen if he keeps to everything until then."""


class LicenceEvent(EventData):
    """Something about a licence."""

    licence: Term


@event("probation.licence.planned", example={"licence": "LIC-1", "starts": "2024-02-15", "ends": "2024-04-15"})
class LicencePlanned(LicenceEvent):
    """Send when a licence is drawn up or its dates move; send it again with the same name for each move."""

    starts: When = UNKNOWN
    ends: When = UNKNOWN
    """Inclusive where it is a bare date."""
    release: Term | None = None


@event("probation.licence.expired", example={"licence": "LIC-1"})
class LicenceExpired(LicenceEvent):
    """Send when a licence has come to its end. The moment goes into `occurred`."""


@event(
    "probation.licence-conditions.set",
    example={"licence": "LIC-1", "conditions": [{"code": "curfew", "value": "21:15-09:15"}], "release": "REL-1"},
)
class LicenceConditionsSet(LicenceEvent):
    """Send when conditions are set or added. Those of a licence not yet begun are in force from release."""

    conditions: Annotated[tuple[Condition, ...], many(40, least=1)]
    """The conditions set or added; those set before stand."""
    release: Term | None = None
    """The release from which they are in force."""


@event(
    "probation.licence-condition.relaxed",
    example={
        "licence": "LIC-1",
        "changes": [{"code": "curfew", "old": "21:15", "new": "22:00"}],
        "rationale": "given",
    },
)
class LicenceConditionRelaxed(LicenceEvent):
    """Send when a condition is eased or removed."""

    changes: Annotated[tuple[ConditionChange, ...], many(20, least=1)]
    """Each condition that was eased."""
    rationale: Rationale | None = None
    decided_by: DecidedBy | None = None


@event("probation.licence-device.declared", example={"licence": "LIC-1", "number": "07700 900789"})
class LicenceDeviceDeclared(LicenceEvent):
    """Send when somebody on licence declares a telephone or other device as his."""

    number: Phone
    """Its telephone number. Sealed."""
    kind: Literal["mobile", "landline", "other"] = "mobile"
    """What kind of device."""


@event(
    "probation.licence-address.declared", example={"licence": "LIC-1", "setting": "home", "address": {"area": "devon"}}
)
class LicenceAddressDeclared(Residence):
    """Send when somebody on licence declares where he lives or will live."""

    licence: Term


@event("probation.licence-employment.declared", example={"licence": "LIC-1", "trial": True})
class LicenceEmploymentDeclared(LicenceEvent):
    """Send when somebody on licence declares a job. The workplace is the subject's `workplace`."""

    trial: bool | None = None
    """Whether it is unpaid or on trial."""


@event(
    "probation.licence-warning.issued",
    example={"licence": "LIC-1", "number": 1, "rationale": "given", "decided_by": "officer"},
)
class LicenceWarningIssued(EventData):
    """Send when somebody is warned for a breach; cite the breach."""

    licence: Term | None = None
    number: Annotated[int, Field(ge=1, le=20)] | None = None
    """Which warning it is: 1 for the first."""
    explanation: Literal["accepted", "not-accepted", "none"] | None = None
    """Whether what he said was accepted. `none`: he gave none."""
    rationale: Rationale | None = None
    decided_by: DecidedBy | None = None


@event("probation.licence.breached", example={"licence": "LIC-1", "condition": "disclose-relationships"})
class LicenceBreached(LicenceEvent):
    """Send when a condition was broken."""

    condition: Code
    """The condition that was broken, in the word it was set by."""


@event(
    "probation.recall.decided",
    answers=("recall-decision",),
    example={"outcome": "no-recall", "rationale": "given", "decided_by": "manager"},
)
class RecallDecided(EventData):
    """Send when it was decided whether to recall somebody, either way; cite what it was about."""

    outcome: Literal["recall", "no-recall"]
    """Whether he is recalled."""
    licence: Term | None = None
    rationale: Rationale | None = None
    decided_by: DecidedBy | None = None


@event("probation.mappa-referral.made", example={"category": 2, "level": 2, "release": "REL-1"})
class MappaReferralMade(EventData):
    """Send when somebody is referred into MAPPA."""

    category: MappaCategory
    level: MappaLevel | None = None
    """The level asked for."""
    release: Term | None = None
    to_agency: AgencyId | None = None
    set_by: AgencyId | None = None
    """In history: the co-ordinator that set the level."""
    set_at: When = UNKNOWN
    """In history: when the level was set."""


@event(
    "probation.approved-premises-referral.made",
    example={"to_agency": "approved-premises-millrace", "status": "referred"},
)
class ApprovedPremisesReferralMade(EventData):
    """Send when a place in approved premises is asked for, and when that is answered."""

    to_agency: AgencyId
    status: Literal["referred", "accepted", "refused", "waiting", "withdrawn"]
    """How far it has come."""
    release: Term | None = None
    rationale: Rationale | None = None


class CaseTransfer(EventData):
    """A step in handing a case to another area."""

    transfer: Term
    to_agency: AgencyId | None = None


@event("probation.case-transfer.requested", example={"transfer": "T-1", "to_agency": "probation-wales"})
class CaseTransferRequested(CaseTransfer):
    """Send when another area is asked to take a case, and again with `reminder` for each reminder."""

    to_agency: AgencyId
    reminder: bool = False
    """True: it was asked for before."""


@event("probation.case-transfer.accepted", answers=("transfer-decision",), example={"transfer": "T-1"})
class CaseTransferAccepted(CaseTransfer):
    """Send when a case has been taken over; the receiving area sends it."""


@event(
    "probation.case-transfer.refused",
    answers=("transfer-decision",),
    example={"transfer": "T-1", "rationale": "given"},
)
class CaseTransferRefused(CaseTransfer):
    """Send when a transfer is refused."""

    rationale: Rationale | None = None


@event("probation.case.allocated", example={"officer": "POM1", "newly_qualified": False})
class CaseAllocated(EventData):
    """Send when an officer is given a case."""

    officer: StaffRef
    """A staff reference, never a name."""
    newly_qualified: bool | None = None
    """Whether the officer is newly qualified."""
    supervisor: Code | None = None


@event("probation.intervention.planned", example={"programmes": ["calm"]})
class InterventionPlanned(EventData):
    """Send when programmes are planned for somebody."""

    programmes: Annotated[tuple[Code, ...], many(10, least=1)]


@event(
    "probation.accommodation-risk-information.given",
    example={"to_agency": "housing-fernhollow", "extent": "full", "means": "writing"},
)
class AccommodationRiskInformationGiven(EventData):
    """Send when a provider of accommodation has been told of the risk somebody poses."""

    to_agency: AgencyId
    about: EventRef | None = None
    extent: Literal["full", "partial", "pointer"]
    means: Literal["writing", "verbal", "system"] | None = None


@event(
    "probation.address.changed",
    example={
        "address": {"area": "birmingham", "lines": ["Flat 1", "9 Example Yard"], "postcode": "B22 9ZY"},
        "provider": "housing-fernhollow",
        "setting": "supported-housing",
        "licence": "LIC-1",
    },
)
class AddressChanged(Residence):
    """Send when somebody supervised has a new address."""


TYPES: Final = (
    LicencePlanned,
    LicenceExpired,
    LicenceConditionsSet,
    LicenceConditionRelaxed,
    LicenceDeviceDeclared,
    LicenceAddressDeclared,
    LicenceEmploymentDeclared,
    LicenceWarningIssued,
    LicenceBreached,
    RecallDecided,
    MappaReferralMade,
    ApprovedPremisesReferralMade,
    CaseTransferRequested,
    CaseTransferAccepted,
    CaseTransferRefused,
    CaseAllocated,
    InterventionPlanned,
    AccommodationRiskInformationGiven,
    AddressChanged,
)
