"""Loading a population by direct take-in: the correlator's own code, without gateway and Kafka before it."""

from collections.abc import Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.embedded.progress import Report
from services.bus.sealed import DayKey, seal_event
from services.clock import real_now
from services.db import Pool, hot_transaction, rerun_on_conflict
from services.identity.resolve import resolve
from services.intake import progress_store
from services.intake.read import Arrived, read
from services.intake.take_in import LONG_AGO, Secrets, take_in
from services.settings import Settings
from services.tokens import Tokens

TOPIC: Final = "bench.population"
"""No topic of the broker: only a row of progress. It counts as history, so the watermark does not wait for it."""
BATCH: Final = 200
RESOLVE_ROWS: Final = 100


async def load(pool: Pool, settings: Settings, events: Sequence[dict[str, Any]], report: Report) -> None:
    """Take in and resolve events as history. Nobody is judged yet."""
    secrets = Secrets(Tokens(settings.master_key_bytes), settings.master_key_bytes)
    day_key = DayKey("2000-01-01", AESGCM(bytes(32)))  # of this loader alone
    async with hot_transaction(pool) as conn:
        await progress_store.make_progress_rows(conn, {(TOPIC, 0): 0}, LONG_AGO, history=True)
    received = real_now().isoformat()
    for offset in range(0, len(events), BATCH):
        batch = events[offset : offset + BATCH]
        sealed = [seal_event(event, topic=TOPIC, key=b"k", day_key=day_key, received_at=received) for event in batch]
        messages = [Arrived(TOPIC, 0, offset + n, one.key, one.value, one.headers) for n, one in enumerate(sealed)]
        await _take(pool, messages, day_key, secrets)
        report("Taking in the population", done=offset + len(batch), total=len(events))
    report("Resolving the population")
    await resolve_all(pool, secrets.tokens)


async def _take(pool: Pool, messages: list[Arrived], day_key: DayKey, secrets: Secrets) -> None:
    found = [read(one, {day_key.id: day_key.cipher}, secrets.tokens, history=True) for one in messages]
    first, reached = {(TOPIC, 0): messages[0].offset}, {(TOPIC, 0): messages[-1].offset + 1}

    async def work() -> None:
        async with hot_transaction(pool) as conn:
            await take_in(conn, found, reached, first, secrets)

    await rerun_on_conflict(work)


async def resolve_all(pool: Pool, tokens: Tokens) -> None:
    """Resolve until nothing is left."""
    while (await rerun_on_conflict(lambda: resolve(pool, tokens, RESOLVE_ROWS))).rows:
        pass
