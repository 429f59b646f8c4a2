"""Weighing one item of the queue: what accepting it would ring, and by when somebody has to look.

Never inside a resolve: it judges every case around two people, which may take a second.
"""

import asyncio
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from services.chronology import store as chronology
from services.chronology.around import PEOPLE_MAX
from services.chronology.facts import Case
from services.chronology.store import FactCache
from services.db.connection import Connection
from services.directory.model import Directory
from services.identity.review import decide, order, store
from services.identity.review.order import TURNS, Turn
from services.identity.review.risk import UNKNOWN, Risk, Two, would_ring
from services.identity.review.store import Item, Weighed
from services.operators import store as operators
from services.rules.load import Rules
from services.telemetry import Log, note

OVERDUE_MOST: Final = 200
"""Items paged in one transaction."""


@dataclass(slots=True)
class Scales:
    """What items are weighed by."""

    rules: Rules
    directory: Directory
    cache: FactCache = field(default_factory=lambda: FactCache(5_000))
    """Smaller than an evaluator's: items are weighed now and then."""


async def weigh_next(conn: Connection, scales: Scales) -> bool:
    """Weigh the next item of the queue, in the caller's transaction; say whether there was one.

    A decision that waited for it takes effect, or is held for a second person.
    """
    there, review = await store.claim(conn)
    found = None if review is None else await store.item(conn, review)
    if found is None:
        return there
    risk, areas = await _risk(conn, found, scales)
    turn = TURNS[risk.urgency] if risk.known else Turn.UNKNOWN
    is_same = turn is found.turn and found.turn_since is not None and not (found.aside and not found.told_apart)
    since = found.turn_since if is_same and found.turn_since else found.clock
    due_at = None if found.told_apart else found.due_at if found.proposed else order.due(turn, since)
    await store.keep(conn, found, Weighed(turn, since, risk.rules, areas, due_at))
    await decide.weighed(conn, found.review, turn)
    return True


async def _risk(conn: Connection, found: Item, scales: Scales) -> tuple[Risk, tuple[str, ...]]:
    """Load the cases of the two and of everybody around them, and judge; also say which agency puts them where."""
    both = await chronology.load(conn, [found.one, found.other], scales.cache)
    around = {other for loaded in both.values() for other in loaded.around} - both.keys()
    areas = tuple(sorted({area for person in both for area in _areas(both[person].case, person)}))
    if len(around) > PEOPLE_MAX:
        return UNKNOWN, areas
    if any(each.too_large for each in both.values()):
        return UNKNOWN, areas
    loaded = both | await chronology.load(conn, sorted(around), scales.cache) if around else both
    # Somebody around them whose own case is too large is not judged at all: it rings nothing, one way or the other.
    cases = {person: each.case for person, each in loaded.items() if not each.too_large}
    two = Two(found.record, found.candidate, found.one, found.other, found.unnamed)
    try:
        # In a thread: the timers of the process must not wait for it.
        return await asyncio.to_thread(would_ring, two, cases, scales.rules, scales.directory, found.clock), areas
    except Exception as error:  # noqa: BLE001 - one item that cannot be weighed must not hold up the others
        note(Log.QUEUE_WORK_FAILED, level=logging.ERROR, error=error, queue="reviews", review=found.review)
        return UNKNOWN, areas


def _areas(case: Case, person: int) -> Collection[str]:
    said: set[str] = set()
    for fact in case.facts:
        for mention in fact.mentions:
            if case.person_of.get(mention.record) == person:
                places: tuple[Mapping[str, object], ...] = (mention.body, *mention.body.get("addresses", ()))
                said |= {f"{fact.agency}/{place['area']}" for place in places if place.get("area")}
    return said


async def page_overdue(conn: Connection) -> int:
    """Page an operator about items whose time has run out, and close the pages of those that are done with."""
    found = await store.overdue(conn, OVERDUE_MOST)
    for each in found:
        single = each.turn in order.PAGED_SINGLY
        detail = [f"would ring {each.turn.name}", *each.rules]
        if each.proposed:
            await operators.page(conn, "review-unconfirmed", [each.public_id], detail)
        elif single:
            await operators.page(conn, "review-overdue", [each.public_id], detail)
        else:
            await operators.page(conn, "review-overdue", [f"items that would ring {each.turn.name}"], [])
    for kind in ("review-overdue", "review-unconfirmed"):
        pages = [about for about in await operators.open_pages(conn, kind) if not about.startswith("items ")]
        if over := await store.done_with(conn, pages) if pages else []:
            await operators.close_pages(conn, kind, over)
    return len(found)
