"""GET /v1/conflicts: a sender's events that were not taken in, because others with their source and id stand."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel

from gateway.state import Asking, UseGateway
from services.access import Scope
from services.receipts.store import conflicts_of

router = APIRouter(prefix="/v1/conflicts", tags=["receipts"])

MOST_ON_A_PAGE: Final = 200
LARGEST_ID: Final = 2**63 - 1  # bigint


class ConflictItem(BaseModel):
    """One event that was not taken in."""

    source: str
    id: str
    received_at: datetime
    taken_at: datetime


class Conflicts(BaseModel):
    """A page of them, newest first."""

    conflicts: list[ConflictItem]
    next_before: int | None
    """For the next page: `?before=` this. None: there is no more."""


@router.get("")
async def list_conflicts(
    caller: Asking,
    gateway: UseGateway,
    agency: Annotated[str | None, Query(max_length=60)] = None,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE)] = 50,
) -> Conflicts:
    """The conflicts of the caller's own events. Send the event under a new id, or a correction, if it was meant."""
    caller.require(Scope.WRITE_EVENTS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        rows = await conflicts_of(connection, asking, before=before, limit=limit)
    items = [
        ConflictItem(source=row.source, id=row.id, received_at=row.received_at, taken_at=row.taken_at) for row in rows
    ]
    return Conflicts(conflicts=items, next_before=rows[-1].conflict_id if len(rows) == limit else None)
