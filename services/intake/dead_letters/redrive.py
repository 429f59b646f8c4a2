"""Listing dead letters and putting them back on the bus, for `tocsin dead-letters`."""

from collections.abc import Collection, Sequence
from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.bus.message import Message
from services.bus.producer import Bus
from services.db.connection import Pool, hot_transaction
from services.intake.dead_letters import store
from services.intake.dead_letters.store import DeadLetter

PAGE: Final = 100
"""Dead letters read at once: a transaction stays short however many there are."""


async def listed(pool: Pool, limit: int = PAGE, after: int = 0) -> Sequence[DeadLetter]:
    """Return the next dead letters behind the one with this number."""
    async with hot_transaction(pool) as conn:
        return await store.page(conn, limit, after)


async def redrive(pool: Pool, bus: Bus, wanted: Collection[int], *, actor: str) -> int:
    """Publish these dead letters again where they came from, and count each; return how many.

    They keep their bytes, key and headers, so they meet the same checks as before and can be told from nothing else.
    Published first, counted then: one published twice is one event all the same.

    Raises:
        BusUnavailable: those counted so far are on the bus.
    """
    async with hot_transaction(pool) as conn:
        letters = await store.kept(conn, wanted)
    for letter in letters:
        await bus.publish(Message(letter.topic, letter.key or b"", letter.value or b"", letter.headers))
        async with hot_transaction(pool) as conn:
            await store.count_redrive(conn, letter.dead_letter_id)
            thing = f"dead-letter:{letter.dead_letter_id}"
            await audit.record(conn, [Entry(actor, Action.ADMINISTRATION, "safeguarding", "redrive", thing)])
    return len(letters)
