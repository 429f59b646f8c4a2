"""What is said of identity: which person ids stand for whom now, on the topic and to who asks."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.clocks import PartialDate
from schemas.closed import Closed, many
from schemas.envelope import StaffRef
from schemas.handling import AreaId, Code, Withheld
from schemas.people import Identifier, Name

Change = Literal["merged", "split", "restored", "protected", "withdrawn"]
"""`merged`: the id stands for another now. `split`: for several. `restored`: for itself again. `protected`: for nobody
who may be named, so forget whom it stood for. `withdrawn`: everything said under it was taken back."""

_OLD: Final = "9d8a1f6c-6f0e-4b8f-9b8e-2f1f3a0c7002"
_SURVIVOR: Final = "3b0f4bde-62a5-4b7e-8f7c-55a0d1f3f001"


class IdentityChange(Closed):
    """What a person id stands for from now on. The whole answer: it takes the place of every earlier message of its key.

    An id of which there is no message stands for itself. Keep for each id the message with the highest `seq`, and nothing
    else is needed: two ids name one person where they `became` the same.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"seq": 17, "person": _OLD, "change": "merged", "became": [_SURVIVOR], "at": "2024-03-04T10:00:00Z"},
                {
                    "seq": 23,
                    "person": _SURVIVOR,
                    "change": "split",
                    "became": [_SURVIVOR, _OLD],
                    "at": "2024-03-05T16:20:00Z",
                },
                {"seq": 24, "person": _OLD, "change": "restored", "became": [_OLD], "at": "2024-03-05T16:20:00Z"},
            ]
        }
    )

    seq: Annotated[int, Field(ge=1)]
    """Rises with every message of the topic. A crash can repeat what was said, under a higher number."""
    person: UUID
    """The id this is about; the key of the message."""
    change: Change
    became: Annotated[tuple[UUID, ...], many(10_000)]
    """Who holds now what was ever known under the id: itself first, if it still holds something. Empty if nobody who may
    be named does."""
    at: datetime
    """When that could first be known, by the clock of the bus."""


class PersonView(Closed):
    """Somebody as one agency may see them: what it said itself, and what the alerts it was told of show."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person": _SURVIVOR,
                    "names": [{"given": "Corin", "family": "Ashdown"}],
                    "born": "1984-03-22",
                    "area": "exford",
                    "identifiers": [{"system": "crn", "value": "X123456"}],
                    "alerts": ["0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"],
                    "purpose": "safeguarding",
                    "withheld": ["n1"],
                }
            ]
        }
    )

    person: UUID
    names: Annotated[tuple[Name, ...], many(20)] = ()
    born: PartialDate | None = None
    """The most exact that was said."""
    area: AreaId | None = None
    """The newest that was said."""
    unnamed: bool = False
    """Nobody has named this person yet."""
    identifiers: Annotated[tuple[Identifier, ...], many(200)] = ()
    """The agency's own."""
    alerts: Annotated[tuple[UUID, ...], many(50)] = ()
    """Alerts about them that this agency was told of and that have not proved wrong, the newest told first."""
    purpose: Code
    withheld: Withheld = ()


class PersonMerged(Closed):
    """The id stands for another now: ask for that one."""

    person: UUID
    became: UUID


class PersonSplit(Closed):
    """What was known under the id is several people now. Each of them stands here; decide which was meant."""

    person: UUID
    people: Annotated[tuple[PersonView, ...], many(1_000, least=2)]


class SealedDecisionRequest(Closed):
    """The named role says whether somebody of sealed identity is somebody else. Nothing of it is told to anybody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"other": _OLD, "verdict": "same", "actor": "SI-02", "reason": "own-file"}],
        }
    )

    other: Annotated[UUID, Field(strict=False)]
    """The id of the other person."""
    verdict: Literal["same", "different"]
    actor: StaffRef
    """Who decides, by the agency's own staff reference."""
    reason: Code
    """Why, as a code: what anybody might read later must name nobody."""


class SealedDecision(Closed):
    """A decision as kept. It takes effect within seconds, and stands until another one about the two."""

    person: UUID
    other: UUID
    verdict: Literal["same", "different"]
