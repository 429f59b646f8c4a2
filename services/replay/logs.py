"""Where Kafka's logs end, and what stands on alert topics: read without a group, so that nobody else is disturbed."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from schemas.topics import Topic
from services.kafka import connection_options
from services.settings import Settings


class Place(NamedTuple):
    """One partition, with the installation's prefix in its topic."""

    topic: str
    partition: int


class Logs:
    """A reader of logs. `open_logs` makes one."""

    def __init__(self, consumer: AIOKafkaConsumer, prefix: str) -> None:
        self._consumer = consumer
        self._prefix = prefix
        self._partitions: dict[str, list[int]] = {}

    async def ends(self, topics: Iterable[Topic]) -> Mapping[Place, int]:
        """Return the offset behind the last message of every partition of these topics."""
        places = [place for topic in topics for place in self._places(topic)]
        found = await self._consumer.end_offsets(places)
        return {Place(place.topic, place.partition): offset for place, offset in found.items()}

    async def messages(self, topic: Topic) -> list[bytes]:
        """Return every message of a topic as it stands now, in order within its partitions."""
        ends = await self._consumer.end_offsets(self._places(topic))
        waiting = {place for place, end in ends.items() if end > 0}
        if not waiting:
            return []
        self._consumer.assign(list(waiting))
        await self._consumer.seek_to_beginning(*waiting)
        found: list[bytes] = []
        while waiting:
            for place, records in (await self._consumer.getmany(timeout_ms=1_000)).items():
                found += [record.value for record in records if record.value is not None]
                if records and records[-1].offset + 1 >= ends[place]:
                    waiting.discard(place)
        self._consumer.unsubscribe()
        return found

    async def names(self) -> frozenset[str]:
        """Return the names of all topics there are."""
        return frozenset(await self._consumer.topics())

    def _places(self, topic: Topic) -> list[TopicPartition]:
        """The partitions as declared: a replay's topics are its own, and a consumer without a group knows of none."""
        return [TopicPartition(self._prefix + topic.name, number) for number in range(topic.partitions)]


@asynccontextmanager
async def open_logs(settings: Settings) -> AsyncIterator[Logs]:
    """Open a reader of this installation's logs."""
    consumer = AIOKafkaConsumer(
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        **connection_options(settings),
    )
    await consumer.start()
    try:
        yield Logs(consumer, settings.topic_prefix)
    finally:
        await consumer.stop()


async def delete_topics(settings: Settings, prefix: str) -> None:
    """Delete every topic whose name begins with the prefix."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    await admin.start()
    try:
        mine = [topic for topic in await admin.list_topics() if topic.startswith(prefix)]
        if mine:
            await admin.delete_topics(mine)
    finally:
        await admin.close()
