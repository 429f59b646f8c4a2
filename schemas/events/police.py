"""What only the police send. Families shared with other sectors: exchange, claims, decisions, whereabouts."""

from typing import Annotated, Final, Literal

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.declared import ADULT, CHILD, SUBJECT, event, role
from schemas.events.exchange import Classes, Rationale
from schemas.handling import AgencyId, Code
from schemas.relations import EventRef

Markers = Annotated[tuple[Code, ...], many(20)]
"""Flags the record shows: `rosh-high`, `da-perpetrator`, `pprc` ... Empty says that it shows none."""


@event("police.report.closed", example={"report": {"id": "report-1"}, "outcome": "no-further-action"})
class ReportClosed(EventData):
    """Send when a report is closed, with what came of it."""

    report: EventRef
    outcome: Literal["no-further-action", "charged", "cautioned", "referred", "complainant-withdrew", "other"]
    """What came of it."""
    rationale: Rationale | None = None


@event(
    "police.incident.logged",
    report=True,
    people=(SUBJECT, ADULT),
    example={"classes": ["disturbance"], "children_present": True},
)
class IncidentLogged(EventData):
    """Send when an incident is put on the log."""

    classes: Classes = ()
    children_present: bool | None = None


@event(
    "police.domestic-abuse-incident.recorded",
    report=True,
    people=(SUBJECT, ADULT, CHILD),
    example={"offence_class": "assault", "children_present": True, "grade": "1B"},
)
class DomesticAbuseIncidentRecorded(EventData):
    """Send when an incident is recorded as domestic abuse, whatever comes of it."""

    offence_class: Code | None = None
    children_present: bool | None = None
    dash: Literal["standard", "medium", "high"] | None = None
    """Risk found with the DASH questions."""


@event(
    "police.intelligence.submitted",
    carries_flags=True,
    example={"system": "ims", "kind": "stop-and-observe", "markers": ["rosh-high"]},
)
class IntelligenceSubmitted(EventData):
    """Send when an entry is made on an intelligence system. Show the flags that stand, in `markers`."""

    system: Code
    kind: Code
    """What kind of entry, in a word: `stop-and-observe` ..."""
    markers: Markers


@event("police.briefing.entered", carries_flags=True, example={"markers": ["rosh-high", "da-perpetrator"]})
class BriefingEntered(EventData):
    """Send when somebody is put on a briefing. Show the flags that stand, in `markers`."""

    system: Code | None = None
    markers: Markers


@event("police.sighting.recorded", example={"result": "seen", "place": "court"})
class SightingRecorded(EventData):
    """Send when officers saw somebody, or looked where he should be and did not see him."""

    result: Literal["seen", "not-seen"]
    """`not-seen`: officers looked and he was not there."""
    place: Code | None = None
    """The kind of place, never its name."""


@event("police.accommodation.planned", example={"through": "nacro", "needed_by": "2024-04-15", "status": "seeking"})
class AccommodationPlanned(EventData):
    """Send when a home is sought, offered or agreed for somebody managed."""

    status: Literal["seeking", "offered", "agreed", "refused"]
    """How far the search has come."""
    through: Code | None = None
    """Through whom it is sought, in a word: `council`, `charity` ..."""
    provider: AgencyId | None = None
    needed_by: When = UNKNOWN
    """By when a home is needed; a bare date is inclusive."""
    from_when: When = UNKNOWN
    """From when it can be had."""


@event("police.arrest.made", example={"offence_class": "assault"})
class ArrestMade(EventData):
    """Send when somebody has been arrested: from then on he is in custody."""

    offence_class: Code | None = None
    domestic_abuse: bool | None = None
    """Whether it was for domestic abuse."""


@event("police.custody.ended", example={"outcome": "bailed"})
class CustodyEnded(EventData):
    """Send when somebody leaves police custody."""

    outcome: Literal["released", "bailed", "remanded", "transferred"]
    """How custody ended."""


@event(
    "police.response.recorded",
    people=(SUBJECT, role(ADULT, "victim")),
    example={"report": {"id": "report-1"}, "kind": "attended"},
)
class ResponseRecorded(EventData):
    """Send when a control room has acted on a threat, a message or a call."""

    report: EventRef
    kind: Literal["deployed", "attended", "safe-and-well", "advice", "no-response"]
    """What was done. `safe-and-well`: the person at risk was seen and is safe."""


TYPES: Final = (
    ReportClosed,
    IncidentLogged,
    DomesticAbuseIncidentRecorded,
    IntelligenceSubmitted,
    BriefingEntered,
    SightingRecorded,
    AccommodationPlanned,
    ArrestMade,
    CustodyEnded,
    ResponseRecorded,
)
