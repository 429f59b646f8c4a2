"""The domain clock: one row, real or manual, read once per transaction. In SQL it is `domain_now()`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.db.connection import Connection


@dataclass(frozen=True)
class Clock:
    """The row as it stands: `now` is the transaction's start if real, the time it was set to if manual."""

    mode: Literal["real", "manual"]
    now: datetime


class ClockRunsForward(ValueError):
    """A manual clock was to be set back: everything judged so far would be judged in the future."""


async def read_clock(connection: Connection) -> Clock:
    """The clock, once for the whole transaction: a replay may set it between two statements."""
    row = await connection.fetchrow("SELECT mode, domain_now() AS now FROM clock")
    assert row is not None, "migration 0001 writes the row, and nothing deletes it"  # noqa: S101
    return Clock(mode=row["mode"], now=row["now"])


async def set_manual(connection: Connection, now: datetime) -> None:
    """Stop the clock at `now`, or move a stopped one forward. Raises ClockRunsForward."""
    if now.tzinfo is None:
        raise ValueError("a clock has a time zone")
    moved = await connection.fetchval(
        """
        UPDATE clock SET mode = 'manual', manual_now = $1
        WHERE mode = 'real' OR manual_now <= $1
        RETURNING true
        """,
        now,
    )
    if not moved:
        raise ClockRunsForward("the clock stands later than that")
