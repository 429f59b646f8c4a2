"""One poll of a consumer from bytes to committed rows: read, take in together, and if that fails one by one.

What cannot be taken in goes to the dead-letter topic, acknowledged by all replicas, before anything says that it was
dealt with.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.topics import BACKFILL, DEAD_LETTERS
from services.bus.message import Message
from services.bus.producer import Bus
from services.db.connection import Pool, hot_transaction
from services.db.rerun import rerun_on_conflict
from services.errors import BusUnavailable, Poison
from services.intake.dead_letters import store as dead_letters
from services.intake.dead_letters.store import Refusal
from services.intake.poison import PoisonLimit
from services.intake.progress_store import Partition
from services.intake.read import Arrived, Event, read
from services.intake.take_in import IntakeGap, Secrets, Taken, take_in
from services.rules.load import Rules
from services.sealing import store as sealing
from services.settings import Settings
from services.telemetry import Log, note
from services.tokens import Tokens

BUS_AWAY_SECONDS: Final = 1.0
"""Between two tries to dead-letter while the broker is away: nothing else can go on either."""

READ_AT_ONCE: Final = 25
"""Messages read before others may run: some 4 ms."""

UNREADABLE: Final = (
    ValueError,  # the driver's own DataError too
    LookupError,
    TypeError,
    ArithmeticError,  # a date beyond the calendar's end
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What our own code says of an event it was not made for. Not caught, one such event would end every process that reads it."""

DATA_ERRORS: Final = (
    asyncpg.DataError,  # a value the server cannot hold
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.exceptions.ProgramLimitExceededError,  # a row too large
    *UNREADABLE,
)
"""What one event alone can cause. Anything else (a missing table, no permission) would befall the next one as well."""


class Read(NamedTuple):
    """A poll, sorted."""

    events: list[Event]
    refusals: list[Refusal]


@dataclass(slots=True)
class Intake:
    """What takes a poll in, for one consumer. `history`: of the backfill topic."""

    pool: Pool
    bus: Bus
    settings: Settings
    secrets: Secrets
    limit: PoisonLimit
    keys: Mapping[str, AESGCM]
    history: bool
    rules: Rules | None = None
    """As `take_in` has it."""

    async def take(self, messages: Sequence[Arrived]) -> Taken:
        """Take in what was polled; on return it is committed.

        Raises:
            IntakeGap: it does not follow on what was taken in.
            TooMuchPoison: nothing of it was dead-lettered.
        """
        _check_order(messages)
        await self._know_keys(messages)
        found = await self._read(messages)
        refused = {refusal.arrived[:3] for refusal in found.refusals}
        limit = self.limit.after(message[:3] in refused for message in messages)
        await self._publish_dead(found.refusals)
        try:
            taken = await self._commit(messages, found)
        except DATA_ERRORS as error:
            note(Log.INTAKE_POISON, level=logging.WARNING, error=error, reason="batch", events=len(found.events))
            taken = await self._one_by_one(messages, found)
        else:
            self.limit = limit  # only now: after a gap the same messages come again
        note(
            Log.INTAKE_BATCH,
            level=logging.DEBUG,
            new=taken.new,
            duplicates=taken.duplicates,
            records=taken.new_records,
            unresolved=taken.unresolved,
            refused=len(found.refusals),
        )
        return taken

    async def _know_keys(self, messages: Sequence[Arrived]) -> None:
        """Fetch the day keys anew if a message names one we do not know: the gateway makes them ahead."""
        named = {value.decode("ascii", "replace") for m in messages for name, value in m.headers if name == "key_id"}
        if not named <= self.keys.keys():
            self.keys = await rerun_on_conflict(lambda: _day_keys(self.pool, self.settings))

    async def _read(self, messages: Sequence[Arrived]) -> Read:
        found = Read([], [])
        for count, message in enumerate(messages):
            if count % READ_AT_ONCE == 0:
                await asyncio.sleep(0)  # the resolve workers of this process want their turn
            try:
                found.events.append(read(message, self.keys, self.secrets.tokens, history=self.history))
            except Poison as poison:
                found.refusals.append(_refusal(message, poison.args[0]))
            except UNREADABLE as error:
                found.refusals.append(_refusal(message, f"unreadable: {type(error).__name__}"))
        return found

    async def _commit(self, messages: Sequence[Arrived], found: Read) -> Taken:
        places = {(message.topic, message.partition) for message in messages}
        offsets = {place: [m.offset for m in messages if (m.topic, m.partition) == place] for place in places}
        first = {place: min(known) for place, known in offsets.items()}
        reached = {place: max(known) + 1 for place, known in offsets.items()}

        async def work() -> Taken:
            async with hot_transaction(self.pool) as conn:
                taken = await take_in(conn, found.events, reached, first, self.secrets, self.rules)
                if found.refusals:
                    await dead_letters.keep(conn, found.refusals, taken.at)
                return taken

        return await rerun_on_conflict(work)

    async def _one_by_one(self, messages: Sequence[Arrived], found: Read) -> Taken:
        """Each in a transaction of its own; dead-letter only what fails alone."""
        whole = Taken()
        events = {(event.arrived.topic, event.arrived.partition, event.arrived.offset): event for event in found.events}
        refusals = {refusal.arrived[:3]: refusal for refusal in found.refusals}
        for message in messages:
            place = message[:3]
            alone = Read([events[place]] if place in events else [], [refusals[place]] if place in refusals else [])
            limit = self.limit.after([bool(alone.refusals)])
            try:
                whole.add(await self._commit([message], alone))
            except DATA_ERRORS as error:
                limit = self.limit.after([True])
                refusal = _refusal(message, f"not-storable: {type(error).__name__}")
                await self._publish_dead([refusal])
                await self._commit([message], Read([], [refusal]))
            self.limit = limit
        return whole

    async def _publish_dead(self, refusals: Sequence[Refusal]) -> None:
        """Put them on the dead-letter topic, and do not go on before all replicas hold them."""
        for refusal in refusals:
            note(
                Log.INTAKE_POISON,
                level=logging.WARNING,
                reason=refusal.reason,
                topic=refusal.arrived.topic,
                partition=refusal.arrived.partition,
                offset=refusal.arrived.offset,
            )
            await self._publish(_dead_message(refusal, self.settings))

    async def _publish(self, message: Message) -> None:
        while True:
            try:
                await self.bus.publish(message)
            except BusUnavailable:
                await asyncio.sleep(BUS_AWAY_SECONDS)
            else:
                return


async def _day_keys(pool: Pool, settings: Settings) -> Mapping[str, AESGCM]:
    async with hot_transaction(pool) as conn:
        return await sealing.day_keys(conn, settings)


def _check_order(messages: Sequence[Arrived]) -> None:
    """Within a poll, too, no offset may be missing."""
    last: dict[Partition, int] = {}
    for message in messages:
        place = message.topic, message.partition
        if place in last and message.offset != last[place] + 1:
            raise IntakeGap(place, last[place] + 1, message.offset)
        last[place] = message.offset


def _refusal(message: Arrived, words: str) -> Refusal:
    reason, _, detail = words.partition(": ")
    return Refusal(message, reason, detail)


def _dead_message(refusal: Refusal, settings: Settings) -> Message:
    arrived = refusal.arrived
    place = f"{arrived.topic}/{arrived.partition}"
    headers = [
        *arrived.headers,
        ("dead_letter_reason", refusal.reason.encode()),
        ("dead_letter_detail", refusal.detail.encode()),
        ("dead_letter_from", f"{place}/{arrived.offset}".encode()),
    ]
    return Message(settings.topic_prefix + DEAD_LETTERS.name, place.encode(), arrived.value or b"", headers)


async def open_intake(pool: Pool, bus: Bus, settings: Settings, *, history: bool, rules: Rules | None = None) -> Intake:
    """Make ready to take in: with the day keys and secrets of this installation."""
    master = settings.master_key_bytes
    keys = await rerun_on_conflict(lambda: _day_keys(pool, settings))

    async def poison() -> int:
        async with hot_transaction(pool) as conn:
            backfill = settings.topic_prefix + BACKFILL.name
            return await dead_letters.lately(conn, settings.dead_letter_window_events, backfill, history=history)

    limit = PoisonLimit(settings, await rerun_on_conflict(poison))
    return Intake(pool, bus, settings, Secrets(Tokens(master), master), limit, keys, history, rules)
