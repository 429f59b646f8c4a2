"""Telling senders of conflicts on a topic of their own: a report that was not taken in must not wait to be asked for.

Not by webhook: those ring desks, and this is for whoever runs the sending system.
"""

from typing import Final

from schemas.notices import ConflictNotice
from schemas.topics import notices_topic
from services.bus.message import Message, in_clear
from services.bus.producer import Bus
from services.db.connection import Pool, hot_transaction
from services.errors import BusUnavailable
from services.kafka import create_topics
from services.receipts import store
from services.receipts.sign import make_receipt, receipt_key
from services.receipts.store import Untold
from services.settings import Settings

BATCH: Final = 100


async def tell_next(pool: Pool, bus: Bus, settings: Settings) -> int:
    """Tell the senders of the next conflicts, and return how many were told.

    Those the broker does not take are tried again. Noted after the broker has them, so a crash in between repeats them under
    the same number.
    """
    key = receipt_key(settings.master_key_bytes)
    async with hot_transaction(pool) as conn:
        untold = await store.untold(conn, BATCH)
        if not untold:
            return 0
        try:
            await create_topics(settings, [notices_topic(agency) for agency in sorted({one.agency for one in untold})])
            outcomes = await bus.publish_batch([_message(one, key, settings) for one in untold])
        except BusUnavailable:
            return 0
        told = [
            one.conflict_id
            for one, outcome in zip(untold, outcomes, strict=True)
            if not isinstance(outcome, BusUnavailable)
        ]
        await store.note_told(conn, told)
        return len(told)


def _message(one: Untold, key: bytes, settings: Settings) -> Message:
    data = ConflictNotice(
        conflict=one.conflict_id,
        receipt=make_receipt(key, one.cluster, one.agency, one.position),
        received_at=one.received_at,
        taken_at=one.taken_at,
        link=f"{settings.gateway_public_url.rstrip('/')}/v1/conflicts",
    )
    event = {
        "id": str(one.conflict_id),
        "source": "urn:tocsin:bus",
        "type": "tocsin.event.conflicted.v1",
        "time": one.taken_at,
        "data": data.model_dump(mode="json"),
    }
    return in_clear(settings.topic_prefix + notices_topic(one.agency).name, str(one.conflict_id), event)
