"""GET /v1/receipts/{receipt}: what became of an event."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from gateway.state import Asking, UseGateway
from services.access import Caller, Scope
from services.bus.message import Position
from services.errors import NotFound
from services.receipts.sign import LONGEST_RECEIPT, read_receipt
from services.receipts.store import State, fate_of

router = APIRouter(prefix="/v1/receipts", tags=["receipts"])


class ReceiptState(BaseModel):
    """What became of the event."""

    state: State
    """`on-the-bus`: safe, not yet read. `taken-in`: stored. `resolved`: its people are worked out. `conflict`: another event
    with the same source and id was taken in first and stands. `refused`: could not be taken in; see `reason`.
    """
    taken_at: datetime | None = None
    duplicate: bool = False
    """The same event was taken in before, and nothing is done twice. `state` is that one's: ask on until it is `resolved`."""
    reason: str | None = None
    detail: str | None = None


@router.get("/{receipt}")
async def receipt_state(
    receipt: Annotated[str, Path(max_length=LONGEST_RECEIPT)], caller: Asking, gateway: UseGateway
) -> ReceiptState:
    """What became of the event this receipt was given for. Another agency's receipt is as unknown as a made-up one."""
    if Scope.BACKFILL not in caller.scopes:
        caller.require(Scope.WRITE_EVENTS)
    position = _position(gateway.receipt_key, gateway.bus.cluster_id, caller, receipt)
    async with gateway.database() as connection:
        fate = await fate_of(connection, position)
    return ReceiptState(
        state=fate.state, taken_at=fate.taken_at, duplicate=fate.duplicate, reason=fate.reason, detail=fate.detail
    )


def _position(key: bytes, cluster: str, caller: Caller, receipt: str) -> Position:
    for agency in caller.agencies:
        position = read_receipt(key, cluster, agency, receipt)
        if position is not None:
            return position
    raise NotFound("No such receipt for this token.")
