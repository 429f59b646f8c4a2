"""Which placeholders and unnamed senders a change may concern, and all that says who they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from services.chronology.facts import Fact
from services.db.connection import Connection
from services.identity import store
from services.identity.keys import holder_key, sender_key
from services.identity.store import Loaded
from services.identity.unnamed import store as unnamed
from services.identity.unnamed.facts import SLOT_KINDS, SenderStated
from services.tokens import Tokens


@dataclass(slots=True)
class Surroundings:
    """Records loaded so far, with whole persons, and the facts around those nobody has named."""

    loaded: dict[int, Loaded]
    whole: set[int]
    """Persons of whom all records are loaded."""
    facts: list[Fact] = field(default_factory=list)
    senders: list[SenderStated] = field(default_factory=list)
    examined: set[int] = field(default_factory=set)
    """Placeholders and senders to be worked out again."""

    def named(self, records: Iterable[int]) -> set[int]:
        """Those of the records that name somebody."""
        return {record for record in records if not self.loaded[record].unnamed}

    def with_persons(self, records: Collection[int]) -> set[int]:
        """The records and all others, loaded so far, of their persons."""
        persons = {self.loaded[record].person for record in records if record in self.loaded}
        return {record for record, loaded in self.loaded.items() if loaded.person in persons} | set(records)


async def load_whole(conn: Connection, around: Surroundings, records: Collection[int]) -> None:
    """Load the persons of these records, with all their records."""
    if missing := set(records) - around.loaded.keys():
        around.loaded |= await store.load_records(conn, missing)
    if partial := {around.loaded[record].person for record in records} - around.whole:
        around.loaded |= await store.load_persons(conn, partial)
        around.whole |= partial


async def placeholders(conn: Connection, around: Surroundings, core: Collection[int], changed: Collection[int]) -> None:
    """Load every placeholder that a change of these records may concern, whose it is, and who it may be."""
    rows = {row.record: row for row in await unnamed.slots_near(conn, changed, SLOT_KINDS)}
    if not rows:
        return
    claims: set[int] = set()
    candidates: set[int] = set()
    while True:
        size = len(rows), len(claims), len(around.loaded)
        subjects = {row.subject_record for row in rows.values()} | rows.keys()
        if any(row.subject_record in rows for row in rows.values()):
            subjects |= candidates  # "her children": whoever she is, they are hers
        await load_whole(conn, around, subjects)
        own = around.with_persons(subjects)
        rows |= {row.record: row for row in await unnamed.slots_of(conn, own)}
        for event, one, other in await unnamed.claims_about(conn, own | set(core), SLOT_KINDS):
            claims.add(event)
            candidates |= {one, other}
        await load_whole(conn, around, candidates)
        if size == (len(rows), len(claims), len(around.loaded)):
            break
    around.facts += await unnamed.facts(conn, claims | {row.event_key for row in rows.values()})
    around.examined |= rows.keys()


async def unnamed_senders(
    conn: Connection, around: Surroundings, core: Collection[int], numbers: Collection[str], tokens: Tokens
) -> None:
    """Load every sender of a number that these records hold or that was declared, and all who hold those numbers."""
    held = set(numbers).union(*(around.loaded[record].held.standard.numbers for record in core))
    if not held:
        return
    found = await store.search(conn, [tokens.key(sender_key(number)) for number in held])
    senders = {record for _, record in found} | {r for r in core if around.loaded[r].held.standard.sender}
    if not senders:
        return
    await load_whole(conn, around, senders)
    theirs: set[str] = set().union(*(around.loaded[record].held.standard.numbers for record in senders))
    holders = {record for _, record in await store.search(conn, [tokens.key(holder_key(number)) for number in theirs])}
    declared = await unnamed.declared(conn, theirs)
    await load_whole(conn, around, holders | {record for _, record in declared})
    known = {fact.key for fact in around.facts}
    around.facts += await unnamed.facts(conn, {event for event, _ in declared} - known)
    around.senders += await unnamed.senders(conn, senders)
    around.examined |= senders
