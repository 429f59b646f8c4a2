"""Alerts as recipients see them: through the API, on their own alert topic, and when they acknowledge.

An alert is for consideration; a named human decides. Every view is one agency's: what it may not see is not there, and
`withheld` says that something is not.
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.clocks import PartialDate
from schemas.closed import Closed, many, written
from schemas.envelope import StaffRef
from schemas.handling import AgencyId, AreaId, Code, Withheld
from schemas.people import Identifier, Name

Urgency = Literal["U1", "U2", "U3", "U4"]
"""U1 page day and night, acknowledge in 15 minutes; U2 within the hour; U3 next working day; U4 diary."""

Shown = Literal["D1", "D2", "D3"]
"""D1 pointer, D2 who and why, D3 fuller narrative."""

State = Literal["standing", "answered", "lapsed", "withdrawn", "superseded"]

Told = Literal["raised", "reopened", "new", "risen", "stepped", "ended", "joined", "view", "handed-over"]
"""Why this recipient is told now. `new`: it stood already and this agency is new to it. `view`: what it sees changed."""

RuleId = Annotated[str, written(r"^R[0-9]{2,3}$", "Write the rule as R01.")]
Sentence = Annotated[str, Field(min_length=1, max_length=2_000)]
Version = Annotated[int, Field(ge=1)]
"""The recipient's own count of what it was told. The alert's own count would show that hidden evidence came."""

MAX_PAGE: Final = 200

_ALERT: Final = "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"
_MOMENT: Final = "2024-03-04T10:00:00Z"


class Standing(Closed):
    """What every view of an alert says: which it is, how urgent, how it stands. No person is in it."""

    alert: UUID
    version: Version
    rule: RuleId
    major: Annotated[int, Field(ge=1)]
    urgency: Urgency
    state: State
    told: Told
    shown: Shown
    role: Code
    """The function in which this agency is told, such as `police-lead`."""
    raised_at: datetime
    changed_at: datetime
    """When this agency was last told."""
    correction: Literal["identity"] | None = None
    """What this agency was told of it earlier rested on taking several people for one: look again at what came of it."""
    ended_at: datetime | None = None
    """When it ended by its own clock: the answer's, not its arrival's."""
    joined_to: UUID | None = None
    """The older alert it has become part of, after two records proved to be one person."""
    acknowledge_by: datetime | None = None
    """When the next rung is rung; none for U3 and U4, and none once acknowledged."""
    purpose: Code
    """What this is shown for, and for nothing else."""
    legal_basis: Annotated[str, Field(min_length=1, max_length=300)]
    """Codes of `schemas.handling.LegalBasis`, separated by a comma and a space."""


class OwnIdentifier(Closed):
    """A number by which the receiving agency itself knows somebody in the alert."""

    part: Literal["subject", "counterpart", "child", "other"]
    identifier: Identifier


class TopicAlert(Standing):
    """An alert on an agency's alert topic, and in lists: no names, only the agency's own identifiers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "alert": _ALERT,
                    "version": 1,
                    "rule": "R01",
                    "major": 1,
                    "urgency": "U2",
                    "state": "standing",
                    "told": "raised",
                    "shown": "D2",
                    "role": "probation-lead",
                    "raised_at": _MOMENT,
                    "changed_at": _MOMENT,
                    "acknowledge_by": "2024-03-04T11:00:00Z",
                    "purpose": "safeguarding",
                    "legal_basis": "CJA2003-s325",
                    "identifiers": [{"part": "subject", "identifier": {"system": "crn", "value": "X123456"}}],
                }
            ]
        }
    )

    identifiers: Annotated[tuple[OwnIdentifier, ...], many(20)] = ()


class AlertPerson(Closed):
    """Somebody in an alert, as far as this recipient may know."""

    part: Literal["subject", "counterpart", "child", "other"]
    person: UUID | None = None
    """Stable id of the person on the bus; an old id goes on naming whoever it was merged into."""
    names: Annotated[tuple[Name, ...], many(20)] = ()
    born: PartialDate | None = None
    area: AreaId | None = None
    identifiers: Annotated[tuple[Identifier, ...], many(20)] = ()
    """The recipient's own."""
    unnamed: bool = False
    """Nobody has named this person yet."""


class Evidence(Closed):
    """One event the alert rests on, as far as this recipient may know."""

    what: str | None = None
    """The kind of event, in words."""
    source: AgencyId | None = None
    reference: str | None = None
    """The source's own event id."""
    occurred: Any = None
    """As it was said: an instant, a day, a month, an interval, or unknown."""
    known_at: datetime | None = None
    recorded_at: datetime | None = None
    received_at: datetime | None = None
    grade: str | None = None
    people: Annotated[tuple[AlertPerson, ...], many(40)] = ()
    relationships: Annotated[tuple[dict[str, Any], ...], many(60)] = ()
    fields: dict[str, Any] = Field(default_factory=dict)
    """Coded fields of its type; never sealed ones."""
    withheld: Withheld = ()


class Informed(Closed):
    """Another agency that was told, and whether somebody there has answered."""

    agency: AgencyId
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    telephone: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """Of a desk that always answers."""
    acknowledged_at: datetime | None = None


class Ring(Closed):
    """Who is being rung at the moment, and when the next are."""

    rung: Annotated[int, Field(ge=1, le=20)]
    desks: Annotated[tuple[str, ...], many(10)]
    started_at: datetime
    next_at: datetime | None = None


class Acknowledgement(Closed):
    """A human at a desk has taken the alert on, as it stood in this version."""

    acknowledgement: UUID
    alert: UUID
    agency: AgencyId
    version: Version
    desk: Code
    actor: StaffRef
    action: Code | None = None
    at: datetime
    expires_at: datetime | None = None
    """When it lapses unless an action follows; none where one was recorded with it."""


class AlertView(Standing):
    """An alert as one recipient may see it, opened on the console or fetched through the API."""

    title: Sentence
    """What it is about, worded without anybody's name."""
    why: Sentence | None = None
    unknown: Annotated[tuple[Sentence, ...], many(40)] = ()
    """What is not known."""
    would_stop: Annotated[tuple[Sentence, ...], many(40)] = ()
    """What would have kept it from ringing, or would end it."""
    corroborated: bool | None = None
    possible: bool | None = None
    """It rests on times that only possibly fit."""
    people: Annotated[tuple[AlertPerson, ...], many(40)] = ()
    details: dict[Code, tuple[AlertPerson, ...]] = Field(default_factory=dict)
    """The rule's own lists of people: who was not checked, which candidates there are."""
    evidence: Annotated[tuple[Evidence, ...], many(2_000)] = ()
    withheld: Withheld = ()
    handling: Annotated[tuple[Sentence, ...], many(20)] = ()
    """What not to do, in plain words: keep the message, never through him, never through relatives."""
    review: bool = False
    """No agreement lets anybody told of it see what it rests on: its owner must decide whether to share."""
    owner: AgencyId | None = None
    """Whom to ring about it."""
    informed: Annotated[tuple[Informed, ...], many(40)] = ()
    not_reached: Annotated[tuple[Code, ...], many(40)] = ()
    """Roles that nobody on the bus holds."""
    ring: Ring | None = None
    acknowledgements: Annotated[tuple[Acknowledgement, ...], many(200)] = ()


class AlertPage(Closed):
    """A page of an agency's alerts, newest told first."""

    alerts: Annotated[tuple[TopicAlert, ...], many(MAX_PAGE)]
    next: str | None = None
    """What to send as `after` for the next page."""


class AcknowledgementRequest(Closed):
    """A human takes an alert on. It must name the version they have seen: a newer one may say something else."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"version": 1, "desk": "duty-inspector", "actor": "DI-07", "action": "welfare-check"}]
        }
    )

    version: Version
    desk: Code
    actor: StaffRef
    """Who at the desk, by the agency's own staff reference."""
    action: Code | None = None
    """What is being done. Without it the acknowledgement expires, and the ladder goes on."""
    reasons: Annotated[str, written(r"^[^\x00]+$", "Write text without NUL characters.", most=2_000)] | None = None
    """Why, above all for doing nothing. Kept sealed."""
