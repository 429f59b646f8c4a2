"""Carrying decisions over to corrected records: an agency that puts a telephone number right must not undo a person's word."""

from collections.abc import Collection

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.identity.corrections import store


async def carry(conn: Connection, records: Collection[int], arrived: Collection[int]) -> set[int]:
    """Carry decisions to whoever stands in the place of a void record; return the records these decisions are about.

    `records` have just become void, or a decision about them came late; `arrived` are new events. A record corrected again
    hands on what it was given.
    """
    concerned: set[int] = set()
    handed: set[store.Heir] = set()
    frontier, events = set(records), set(arrived)
    while frontier or events:
        found = set(await store.heirs(conn, frontier, events)) - handed
        handed |= found
        carried = await store.carry(conn, sorted(found)) if found else {}
        if carried:
            await audit.record(conn, [_audited(decision) for decision in carried])
        concerned |= {record for pair in carried.values() for record in pair}
        frontier, events = {heir.record for heir in found}, set()
    return concerned


def _audited(decision: int) -> Entry:
    details = {"carried": "the record was corrected"}
    return Entry("process:correlator", Action.DECISION, "safeguarding", "identity", f"decision:{decision}", details)
