"""A correlator on real servers: posting to Kafka as the gateway does, and waiting for what comes of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from consumers import correlator
from schemas.topics import BACKFILL, TOPICS, events_topic
from services.bus.message import Message, Position
from services.bus.producer import Bus
from services.bus.sealed import DayKey, seal_event
from services.clock import real_now
from services.db import Pool, hot_transaction
from services.kafka import connection_options, create_topics
from services.sealing.store import day_keys
from services.settings import Settings
from tests.polling import until


class Poster:
    """Seals and publishes events as the gateway does."""

    def __init__(self, settings: Settings, bus: Bus, day_key: DayKey) -> None:
        self.settings = settings
        self.bus = bus
        self.day_key = day_key

    def sealed(self, made: Mapping[str, Any], *, key: str = "k", history: bool = False) -> Message:
        topic = BACKFILL if history else events_topic(made["type"].partition(".")[0])
        return seal_event(
            made,
            topic=self.settings.topic_prefix + topic.name,
            key=key.encode(),
            day_key=self.day_key,
            received_at=made["receivedat"],
        )

    async def post(self, made: Mapping[str, Any], *, key: str = "k", history: bool = False) -> Position:
        await until(lambda: self.bus.healthy, timeout_seconds=60)
        return await self.bus.publish(self.sealed(made, key=key, history=history))

    async def post_all(self, messages: Sequence[Message]) -> None:
        await until(lambda: self.bus.healthy, timeout_seconds=60)
        for outcome in await self.bus.publish_batch(messages):
            assert isinstance(outcome, Position)


@asynccontextmanager
async def poster(settings: Settings, pool: Pool) -> AsyncIterator[Poster]:
    await create_topics(settings, TOPICS)
    async with hot_transaction(pool) as conn:
        keys = await day_keys(conn, settings)
    today = real_now().date().isoformat()
    patient = settings.model_copy(update={"publish_timeout_seconds": 30})  # topics just made have no leader yet
    bus = Bus(patient, client_id="test")
    await bus.start()
    try:
        yield Poster(settings, bus, DayKey(today, keys[today]))
    finally:
        await bus.stop()


@asynccontextmanager
async def running(settings: Settings, *, count: int = 1) -> AsyncIterator[None]:
    """Correlators in this process, stopped at the end as a SIGTERM stops them. One that failed fails the test."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(correlator.run(settings, stop)) for _ in range(count)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 20)


async def counted(pool: Pool, table: str) -> int:
    async with hot_transaction(pool) as conn:
        found: int = await conn.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - tables of ours
        return found


async def settled(pool: Pool, events: int) -> bool:
    """All events are taken in and resolved."""
    return await counted(pool, "events") == events and await counted(pool, "unresolved") == 0


async def messages_on(settings: Settings, topic: str) -> list[bytes]:
    """Everything on a topic, in order within its partitions."""
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + topic, auto_offset_reset="earliest", **connection_options(settings)
    )
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[bytes] = []
        while len(found) < sum(ends.values()):
            polled = await consumer.getmany(timeout_ms=500)
            found += [record.value for records in polled.values() for record in records]
        return found
    finally:
        await consumer.stop()


async def forget_before(settings: Settings, position: Position) -> None:
    """Delete what stands before a position, as retention does."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    await admin.start()
    try:
        place = TopicPartition(position.topic, position.partition)
        await admin.delete_records({place: RecordsToDelete(before_offset=position.offset)})
    finally:
        await admin.close()
