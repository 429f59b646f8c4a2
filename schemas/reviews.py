"""Items of the review queue as trained staff see them, and what they say: who might be who.

Possibly the same is no fact. It rings nothing and is told to nobody but those who decide it, and each of them sees of
the other agencies' records what sharing agreements permit: what agrees and what differs, without the values.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.clocks import PartialDate
from schemas.closed import Closed, many, written
from schemas.envelope import StaffRef
from schemas.handling import AgencyId, AreaId, Code, Withheld
from schemas.people import Identifier, Name

MAX_NOTE_CHARS: Final = 2_000
MAX_PAGE: Final = 200

Risk = Literal["U1", "U2", "U3", "U4", "none", "unknown"]
"""The most urgent alert there would be if the two were one. `unknown`: not worked out yet, or not to be."""

ReviewState = Literal["open", "held", "proposed", "aside", "decided", "settled"]
"""`held`: a "same" waits until it is known what it would ring. `proposed`: it waits for a second person. `aside`: nobody
could tell; it comes back with new evidence. `settled`: by evidence, or another item has taken its place."""

Verdict = Literal["same", "different", "cannot-tell"]
DecisionState = Literal["held", "proposed", "in-force", "refused", "withdrawn"]

Reason = Literal[
    "own-file",  # our own file or worker says so
    "asked-agencies",  # the agencies that hold the two were asked
    "seen-documents",
    "same-number",
    "different-numbers",
    "different-births",
    "relatives",  # of one family or household
    "namesakes",
    "not-enough",  # too little is known
    "mistake",  # an earlier decision was wrong
    "other",
]
"""Why, from a closed list: it is read by other agencies, so it can name nobody. What it does not say goes into the note."""

Note = Annotated[str, written(r"^[^\x00]+$", "Write text without NUL characters.", most=MAX_NOTE_CHARS)]

_REVIEW: Final = "6f0f3a0e-8a51-4a53-9d0c-0c7a4b1f2a11"
_DECISION: Final = "a2d5b4e1-50a3-4b8e-8a7e-2b9d54f1c022"
_VERSION: Final = "5b1f0c9a44d2e7f3"
_MOMENT: Final = "2024-03-04T10:00:00Z"


Version = Annotated[str, written(r"^[0-9a-f]{16}$", "Send the item's version, as it was when you read it.")]
"""Of what there is to compare. Another one as soon as either person has another record."""


class ReviewItem(Closed):
    """One item of the queue, without names: fetch it to see who."""

    review: UUID
    state: ReviewState
    risk: Risk
    weight: int | None = None
    """log2 odds that the two are one, in thousandths of a bit; 0 is even. None: no figure, as for a placeholder."""
    opened_at: datetime
    due_at: datetime | None = None
    """By when it is to be decided, or confirmed."""
    overdue: bool = False


class ReviewPage(Closed):
    """A page of the queue: most urgent risk first, then nearest to even odds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reviews": [
                        {
                            "review": _REVIEW,
                            "state": "open",
                            "risk": "U1",
                            "weight": -3136,
                            "opened_at": _MOMENT,
                            "due_at": "2024-03-04T11:00:00Z",
                            "overdue": False,
                        }
                    ],
                    "next": None,
                }
            ]
        }
    )

    reviews: Annotated[tuple[ReviewItem, ...], many(MAX_PAGE)]
    next: str | None = None
    """What to send as `after` for the next page."""


class ComparedField(Closed):
    """How one field of the two agrees, at its best over all their records."""

    field: Code
    outcome: Literal["same", "near", "different", "not-comparable", "one-sided", "missing"]
    said_by: Literal["record", "candidate"] | None = None
    """One-sided: which side says anything of it."""


class WeightLine(Closed):
    """One line of an explanation. It names fields, never values."""

    says: Annotated[str, Field(min_length=1, max_length=300)]
    weight: int
    """Thousandths of a bit."""


class Explanation(Closed):
    """Why two records may be one person or not."""

    record: Annotated[int, Field(ge=0)]
    """Which of the records of the side `record`, from 0."""
    candidate: Annotated[int, Field(ge=0)]
    weight: int
    lines: Annotated[tuple[WeightLine, ...], many(60)]
    """They add up to the weight."""


class Saying(Closed):
    """One event that names somebody, as far as this agency may know."""

    what: str | None = None
    reference: str | None = None
    """The source's own event id: of one's own events."""
    occurred: str | dict[str, str | None] | None = None
    known_at: datetime | None = None
    recorded_at: datetime | None = None
    received_at: datetime | None = None


class SideRecord(Closed):
    """One agency's record of a person, as far as this agency may see it."""

    agency: AgencyId | None = None
    own: bool = False
    names: Annotated[tuple[Name, ...], many(20)] = ()
    born: PartialDate | None = None
    sex: str | None = None
    identifiers: Annotated[tuple[Identifier, ...], many(20)] = ()
    """One's own records only."""
    area: AreaId | None = None
    unnamed: bool = False
    """A placeholder or an unnamed sender: nobody has said who this is."""
    said: Annotated[tuple[Saying, ...], many(20)] = ()
    """The newest first."""
    withheld: Withheld = ()


class Side(Closed):
    """One of the two people."""

    person: UUID
    records: Annotated[tuple[SideRecord, ...], many(50)]
    more: Annotated[int, Field(ge=0)] = 0
    """Records beyond those shown."""


class DecisionStep(Closed):
    """Who did what about a decision."""

    step: Literal["decided", "confirmed", "refused", "withdrawn"]
    agency: AgencyId
    actor: StaffRef
    reason: Reason
    at: datetime


class ReviewDecision(Closed):
    """What was decided, and its story."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "decision": _DECISION,
                    "verdict": "same",
                    "state": "proposed",
                    "steps": [
                        {
                            "step": "decided",
                            "agency": "csc-exford",
                            "actor": "SW-07",
                            "reason": "own-file",
                            "at": _MOMENT,
                        }
                    ],
                }
            ]
        }
    )

    decision: UUID
    verdict: Verdict
    state: DecisionState
    """`proposed`: it takes effect when somebody else has confirmed it."""
    steps: Annotated[tuple[DecisionStep, ...], many(10)]


class ReviewView(ReviewItem):
    """One item side by side, as one agency may see it."""

    version: Version
    """To be named by whoever decides."""
    reasons: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=300)], ...], many(40)] = ()
    """Why it was put to people."""
    needs_second: bool = False
    """A "same" takes effect when a second person has confirmed it."""
    fields: Annotated[tuple[ComparedField, ...], many(20)] = ()
    explained: Annotated[tuple[Explanation, ...], many(5)] = ()
    record: Side
    candidate: Side
    decisions: Annotated[tuple[ReviewDecision, ...], many(100)] = ()
    """All there ever were about these two, oldest first."""
    purpose: Code
    """What this is shown for, and for nothing else."""
    legal_basis: Annotated[str, Field(min_length=1, max_length=300)]
    withheld: Withheld = ()


class DecisionRequest(Closed):
    """A trained member of staff decides an item, as they saw it. The same sent twice is one decision."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"verdict": "same", "version": _VERSION, "actor": "SW-07", "reason": "own-file"}]
        }
    )

    verdict: Verdict
    version: Version
    actor: StaffRef
    """Who, by the agency's own staff reference."""
    reason: Reason
    note: Note | None = None
    """More, for one's own file. Kept sealed and never shown."""


class ConfirmationRequest(Closed):
    """A second person confirms or refuses what somebody else proposed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"agrees": True, "version": _VERSION, "actor": "PC-4411", "reason": "asked-agencies"}]
        }
    )

    agrees: bool
    version: Version
    actor: StaffRef
    reason: Reason
    note: Note | None = None


class WithdrawalRequest(Closed):
    """A decision is taken back. What it joined is parted again, and the other way round."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"actor": "SW-07", "reason": "mistake"}]})

    actor: StaffRef
    reason: Reason
    note: Note | None = None
