"""Publishing who became whom. Ids only: what they stand for is asked for with a reason."""

from typing import Final

import orjson

from schemas.topics import IDENTITY_CHANGES
from services.bus import Bus, Message
from services.db.connection import Pool, hot_transaction
from services.errors import BusUnavailable
from services.identity.changes import store
from services.identity.changes.store import Change
from services.settings import Settings

BATCH: Final = 100


async def publish_next(pool: Pool, bus: Bus, settings: Settings) -> int:
    """Publish the next changes and return how many; those the broker does not take stay where they are.

    Deleted after the broker has them, so a crash in between repeats them: `seq` tells.
    """
    async with hot_transaction(pool) as conn:
        changes = await store.next_changes(conn, BATCH)
        if not changes:
            return 0
        try:
            outcomes = await bus.publish_batch([_message(change, settings) for change in changes])
        except BusUnavailable:
            return 0
        held = [c.seq for c, outcome in zip(changes, outcomes, strict=True) if not isinstance(outcome, BusUnavailable)]
        await store.delete_changes(conn, held)
        return len(held)


def _message(change: Change, settings: Settings) -> Message:
    event = {
        "specversion": "1.0",
        "id": str(change.seq),
        "source": "urn:tocsin:identity",
        "type": "tocsin.identity.changed.v1",
        "time": change.changed_at,
        # As text: what the driver gives is a UUID of its own that JSON does not know.
        "data": {"seq": change.seq, "person": str(change.person), "became": [str(other) for other in change.became]},
    }
    headers = [("content-type", b"application/cloudevents+json")]
    return Message(settings.topic_prefix + IDENTITY_CHANGES.name, change.person.bytes, orjson.dumps(event), headers)
