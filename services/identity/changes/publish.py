"""Publishing what has become of ids. Ids only: whom they stand for is asked for with a reason.

A message is the whole present answer for one id, never a step from the last, so the newest message of each key is all
that a reader needs, and the topic can be compacted. A sealed identity is in no answer: neither that it was somebody, nor
that somebody is it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from schemas.identity import Change, IdentityChange
from schemas.topics import IDENTITY_CHANGES
from services.bus.message import Message, in_clear
from services.bus.producer import Bus
from services.db.connection import Connection, Pool, hot_transaction
from services.errors import BusUnavailable
from services.identity.changes import store
from services.identity.changes.store import Said
from services.identity.persons import store as persons
from services.identity.persons.store import Part
from services.settings import Settings

BATCH: Final = 100


class _News(NamedTuple):
    person: int
    public_id: UUID
    said: Said
    changed_at: datetime


async def publish_next(pool: Pool, bus: Bus, settings: Settings) -> int:
    """Publish what the next rows of the outbox changed, and return how many rows are dealt with.

    Those the broker does not take stay where they are. Kept as published after the broker has them, so a crash in between
    repeats them under a higher number.
    """
    async with hot_transaction(pool) as conn:
        touched = await store.next_touched(conn, BATCH)
        if not touched:
            return 0
        at = {one.person: one.changed_at for one in touched}
        news = await _news(conn, at)
        seqs = await store.next_numbers(conn, len(news))
        try:
            messages = [_message(one, seq, settings) for one, seq in zip(news, seqs, strict=True)]
            outcomes = await bus.publish_batch(messages) if messages else []
        except BusUnavailable:
            return 0
        held = {
            one.person: (seq, one.said)
            for one, seq, outcome in zip(news, seqs, outcomes, strict=True)
            if not isinstance(outcome, BusUnavailable)
        }
        await store.keep_said(conn, held)
        lost = {one.person for one in news} - held.keys()
        done = [one.row for one in touched if one.person not in lost]
        await store.delete_rows(conn, done)
        return len(done)


async def _news(conn: Connection, at: dict[int, datetime]) -> list[_News]:
    """Return of which of these ids something else is to be said than was said last."""
    parts = await persons.stands_for(conn, at)
    ids = await store.public_ids(conn, at)
    before = await store.said_of(conn, at)
    news = []
    for person in sorted(at):
        said = _said(parts[person])
        if said != before.get(person, Said((ids[person],), protected=False)):
            news.append(_News(person, ids[person], said, at[person]))
    return news


def _said(parts: Iterable[Part]) -> Said:
    found = list(parts)
    open_to_all = tuple(part.public_id for part in found if not part.sealed)
    return Said(open_to_all, protected=bool(found) and not open_to_all)


def change_of(person: UUID, said: Said) -> Change:
    """Say in a word what has become of an id."""
    if said.protected:
        return "protected"
    if not said.became:
        return "withdrawn"
    if len(said.became) > 1:
        return "split"
    return "restored" if said.became[0] == person else "merged"


def _message(news: _News, seq: int, settings: Settings) -> Message:
    data = IdentityChange(
        seq=seq,
        person=news.public_id,
        change=change_of(news.public_id, news.said),
        became=tuple(UUID(int=other.int) for other in news.said.became),
        at=news.changed_at,
    )
    event = {
        "id": str(seq),
        "source": "urn:tocsin:identity",
        "type": "tocsin.identity.changed.v1",
        "time": news.changed_at,
        "data": data.model_dump(mode="json"),
    }
    return in_clear(settings.topic_prefix + IDENTITY_CHANGES.name, str(news.public_id), event)
