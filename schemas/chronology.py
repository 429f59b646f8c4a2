"""A person's chronology as it is answered: entries by when things happened, beside when they became known."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.clocks import Instant
from schemas.closed import Closed, many
from schemas.handling import AgencyId, Code, Withheld

_SURVIVOR = "3b0f4bde-62a5-4b7e-8f7c-55a0d1f3f001"


class ChronologyEntry(Closed):
    """One event, as far as the reader may see it. A field that is not there is not shown, or was not said."""

    roles: Annotated[tuple[str, ...], many(20)]
    """What the person is in the event."""
    what: str | None = None
    source: AgencyId | None = None
    reference: str | None = None
    """The source's own id of the event."""
    occurred: str | dict[str, Any] | None = None
    known_at: Instant | None = None
    recorded_at: Instant | None = None
    received_at: Instant | None = None
    days_unknown: Annotated[int, Field(ge=1)] | None = None
    """Whole days between what happened and its source's knowing of it."""
    grade: str | None = None
    relationships: Annotated[tuple[dict[str, Any], ...], many(60)] = ()
    fields: dict[str, Any] = Field(default_factory=dict)
    """Coded fields of the event: of one's own all, of others' those that agreements may show. Never free text."""
    nil_return: bool = False
    """The source was asked and held nothing: silence that was said."""


class Claim(Closed):
    """What one source says."""

    source: AgencyId
    known_at: Instant
    said: Any


class Discrepancy(Closed):
    """Something that sources say differently. It is not decided here: each claim stands."""

    about: str
    claims: Annotated[tuple[Claim, ...], many(5_000, least=2)]


class Chronology(Closed):
    """What one agency may see of one person's history, as the bus knew it at a time."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person": _SURVIVOR,
                    "agency": "police-west-midlands",
                    "purpose": "safeguarding",
                    "as_known_at": "2024-03-04T12:00:00Z",
                    "entries": [
                        {
                            "roles": ["subject"],
                            "what": "concern reported",
                            "source": "police-west-midlands",
                            "reference": "report-1",
                            "occurred": "2024-03-01T09:30:00Z",
                            "known_at": "2024-03-04T10:00:00Z",
                            "days_unknown": 3,
                        }
                    ],
                    "discrepancies": [
                        {
                            "about": "programme calm",
                            "claims": [
                                {"source": "prison-service", "known_at": "2023-11-30T09:00:00Z", "said": "completed"},
                                {"source": "probation-wales", "known_at": "2024-02-01T09:00:00Z", "said": "dropped"},
                            ],
                        }
                    ],
                    "withheld": ["n1"],
                    "left_out": 0,
                }
            ]
        }
    )

    person: UUID
    agency: AgencyId
    purpose: Code
    as_known_at: Instant
    entries: Annotated[tuple[ChronologyEntry, ...], many(10_000)]
    discrepancies: Annotated[tuple[Discrepancy, ...], many(10_000)]
    withheld: Withheld = ()
    left_out: Annotated[int, Field(ge=0)] = 0
    """Not zero: there is more, older than what is shown."""
