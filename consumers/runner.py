"""The Kafka loop: the only consumer there is.

PostgreSQL says how far each partition has been taken in, not Kafka: a consumer begins where the database stands, and the
offsets committed to the group are for monitoring. So a restored database or a lost group repeats or misses nothing.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from consumers.gathering import Gathering
from services.clock import monotonic
from services.db.connection import Pool, hot_transaction
from services.db.rerun import rerun_on_conflict
from services.errors import BusUnavailable
from services.intake import progress_store, watermark
from services.intake.progress_store import Partition
from services.intake.read import Arrived
from services.intake.take_in import LONG_AGO, IntakeGap
from services.kafka import cluster_id, connection_options
from services.settings import Settings
from services.telemetry import Log, note

Answer = TypeVar("Answer")

Take = Callable[[Sequence[Arrived]], Awaitable[object]]
"""Takes a poll in; on return it is committed."""

SESSION_TIMEOUT_MS: Final = 10_000  # a consumer that died is replaced after this; a pause of ours is shorter
HEARTBEAT_MS: Final = 3_000
POLL_INTERVAL_MS: Final = 600_000  # a batch that waits for a database that is away is no reason to shuffle partitions
METADATA_MAX_AGE_MS: Final = 30_000  # new partitions are noticed after this
FETCH_BYTES: Final = 4 * 1024 * 1024
HISTORY_WAIT_MS: Final = 500
"""What an empty fetch waits: nobody waits for history, and each fetch costs the broker and us."""
AWAY_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.25  # between two looks at how far we are: deadlines are judged this much late, at most
COMMIT_SECONDS: Final = 1.0  # between commits to the group, which only monitoring reads


class LogLost(RuntimeError):
    """The log no longer holds what has not been taken in, or is not the log we read before. Somebody must look.

    Retention was shorter than our absence, a topic was made anew, or this is another cluster: in a log that begins again,
    all below the offset where the database stands would be skipped as known.
    """


@dataclass(slots=True)
class Consumer:
    """One consumer of a group, from poll to commit."""

    settings: Settings
    pool: Pool
    topics: Sequence[str]
    """With the installation's prefix."""
    group: str
    history: bool
    take: Take
    failed: Exception | None = None
    """What went wrong when partitions were assigned: aiokafka only logs what a listener raises, and would go on."""
    noted: tuple[datetime, frozenset[TopicPartition]] | None = None
    """Manual clock that the watermark has reached, and our partitions then, while nothing has come since."""

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop.

        Raises:
            LogLost: events are gone for good, or this is another log.
            TooMuchPoison: as `take` raises it.
        """
        look_again = committed = monotonic() - COMMIT_SECONDS
        gathering = Gathering(self.settings.intake_batch_events)
        await self._check_cluster()
        async with self._joined() as consumer:
            while not stop.is_set():
                await gathering.turn()
                polled = await self._poll(consumer)
                if self.failed is not None:
                    raise self.failed
                if polled:
                    gathering.note(sum(map(len, polled.values())))
                    await self._take(consumer, polled)
                    self.noted = None
                # What history says answers no deadline, so nobody waits for its end.
                if not self.history and monotonic() >= look_again:
                    look_again = monotonic() + await self._note_caught_up(consumer)
                if polled and monotonic() - committed >= COMMIT_SECONDS:
                    await _commit(consumer)
                    committed = monotonic()
            await _commit(consumer)

    async def _poll(self, consumer: AIOKafkaConsumer) -> Mapping[TopicPartition, Sequence[ConsumerRecord]]:
        try:
            polled: Mapping[TopicPartition, Sequence[ConsumerRecord]] = await consumer.getmany(
                timeout_ms=self.settings.queue_poll_milliseconds, max_records=self.settings.intake_batch_events
            )
        except KafkaError as error:
            note(Log.BUS_AWAY, level=logging.WARNING, error=error)
            await asyncio.sleep(AWAY_SECONDS)
            return {}
        return polled

    async def _check_cluster(self) -> None:
        ours = await _until_answered(lambda: cluster_id(self.settings))

        async def work() -> str:
            async with hot_transaction(self.pool) as conn:
                return await progress_store.remember_cluster(conn, ours)

        known = await rerun_on_conflict(work)
        if ours != known:
            raise LogLost(f"the offsets in the database are of the cluster {known}, and this is {ours}")

    @asynccontextmanager
    async def _joined(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            group_id=self.group,
            enable_auto_commit=False,  # an offset is committed when its event is
            auto_offset_reset="earliest",  # a new group begins at the beginning, not at the end
            isolation_level="read_committed",
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            max_poll_interval_ms=POLL_INTERVAL_MS,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            max_partition_fetch_bytes=FETCH_BYTES,
            # A broker answers one request of a connection after the other: who asks for the logs' ends waits until the fetch
            # before it has found something or given up. By default that is half a second, by which every deadline came late;
            # of history nobody asks.
            fetch_max_wait_ms=HISTORY_WAIT_MS if self.history else self.settings.queue_poll_milliseconds,
            **connection_options(self.settings),
        )
        await _started(consumer)
        try:
            consumer.subscribe(topics=list(self.topics), listener=_Listener(self, consumer))
            yield consumer
        finally:
            with contextlib.suppress(KafkaError):
                await consumer.stop()

    async def _make_progress_rows(self, consumer: AIOKafkaConsumer, ours: Collection[TopicPartition]) -> None:
        """Make rows for all partitions, whoever gets them: the watermark must wait for those nobody reads yet."""
        known = [TopicPartition(t, p) for t in self.topics for p in consumer.partitions_for_topic(t) or ()]
        places = sorted({*known, *ours})
        starts = await _until_answered(lambda: consumer.beginning_offsets(places))

        async def work() -> None:
            async with hot_transaction(self.pool) as conn:
                await progress_store.make_progress_rows(conn, _plain(starts), LONG_AGO, history=self.history)

        await rerun_on_conflict(work)

    async def _take(
        self, consumer: AIOKafkaConsumer, polled: Mapping[TopicPartition, Sequence[ConsumerRecord]]
    ) -> None:
        messages = [_arrived(record) for records in polled.values() for record in records]
        try:
            await self.take(messages)
        except IntakeGap as gap:
            note(
                Log.INTAKE_GAP, level=logging.WARNING, topic=gap.place[0], partition=gap.place[1], expected=gap.expected
            )
            await self.go_to_where_the_database_stands(consumer, polled)

    async def go_to_where_the_database_stands(
        self, consumer: AIOKafkaConsumer, places: Collection[TopicPartition]
    ) -> None:
        """Seek, so that what comes next follows on what was taken in.

        Raises:
            LogLost: the log begins later than that, or ends before it.
        """
        assigned = [place for place in places if place in consumer.assignment()]
        if not assigned:
            return
        await self._make_progress_rows(consumer, assigned)
        begins = _plain(await _until_answered(lambda: consumer.beginning_offsets(assigned)))
        ends = _plain(await _until_answered(lambda: consumer.end_offsets(assigned)))

        async def work() -> dict[Partition, int]:
            async with hot_transaction(self.pool) as conn:
                return await progress_store.progress(conn, begins.keys())

        stands = await rerun_on_conflict(work)
        for place in assigned:
            wanted = stands[place.topic, place.partition]
            if begins[place.topic, place.partition] > wanted:
                raise LogLost(f"partition {place.partition} of {place.topic} no longer holds offset {wanted}")
            if ends[place.topic, place.partition] < wanted:
                raise LogLost(f"partition {place.partition} of {place.topic} ends before offset {wanted}: made anew?")
            consumer.seek(place, wanted)

    async def _note_caught_up(self, consumer: AIOKafkaConsumer) -> float:
        """Note up to when nothing is left unread; return in how many seconds to look again.

        The clock is read before the logs' ends are asked for. Whoever stands at a manual clock waits for us.
        """
        asked_at = await rerun_on_conflict(lambda: watermark.clock(self.pool))
        poll_seconds = self.settings.queue_poll_milliseconds / 1_000
        # A clock that stands still is looked at often, and where nothing came there is nothing new to note: in a replay
        # asking for the logs' ends and writing them down a hundred times a second took a fifth of the machine.
        standing = (asked_at.now, frozenset(consumer.assignment())) if asked_at.mode == "manual" else None
        if standing is not None and standing == self.noted:
            return poll_seconds
        try:
            ends = await consumer.end_offsets(list(consumer.assignment())) if consumer.assignment() else {}
        except KafkaError:
            return AWAY_SECONDS  # nothing is known, so nothing is noted
        reached = await rerun_on_conflict(lambda: watermark.note_caught_up(self.pool, _plain(ends), asked_at.now))
        self.noted = standing if reached else None
        return poll_seconds if standing is not None else max(poll_seconds, LOOK_SECONDS)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka ships no types
    """Begins every partition where the database stands."""

    def __init__(self, loop: Consumer, consumer: AIOKafkaConsumer) -> None:
        self._loop = loop
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing to do: a batch under way meets the row lock of whoever comes next."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Seek before the first poll."""
        try:
            await self._loop.go_to_where_the_database_stands(self._consumer, assigned)
        except Exception as error:
            self._loop.failed = error
            raise


async def _started(consumer: AIOKafkaConsumer) -> None:
    while True:
        try:
            await consumer.start()
        except KafkaError as error:
            note(Log.BUS_AWAY, level=logging.WARNING, error=error)
            await asyncio.sleep(AWAY_SECONDS)
        else:
            return


async def _until_answered(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    while True:
        try:
            return await ask()
        except (KafkaError, BusUnavailable) as error:
            note(Log.BUS_AWAY, level=logging.WARNING, error=error)
        await asyncio.sleep(AWAY_SECONDS)


async def _commit(consumer: AIOKafkaConsumer) -> None:
    """Tell the group where we are. It may refuse: after a rebalance others say so, and the database knows anyhow."""
    with contextlib.suppress(KafkaError):
        await consumer.commit()


def _plain(offsets: Mapping[TopicPartition, int]) -> dict[Partition, int]:
    return {(place.topic, place.partition): offset for place, offset in offsets.items()}


def _arrived(record: ConsumerRecord) -> Arrived:
    return Arrived(record.topic, record.partition, record.offset, record.key, record.value, list(record.headers))
