"""The producer on a real broker: positions, order, topics as declared, and what a fault of the broker leaves behind."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import TopicPartition

from schemas.topics import DEAD_LETTERS, TOPICS, alerts_topic, events_topic
from services.bus.message import Message, Position
from services.bus.producer import Bus
from services.errors import BusUnavailable
from services.kafka import create_topics
from services.settings import Settings
from tests.polling import until

POLICE = events_topic("police").name


@pytest.fixture
async def bus(live_settings: Settings) -> AsyncIterator[Bus]:
    await create_topics(live_settings, TOPICS)
    made = Bus(live_settings, client_id="test")
    await made.start()
    yield made
    await made.stop()


def message(settings: Settings, number: int, *, key: bytes = b"k", topic: str = POLICE) -> Message:
    return Message(settings.topic_prefix + topic, key, f"{number}".encode(), [("n", b"1")])


async def lying(settings: Settings, position: Position) -> bytes:
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await consumer.start()
    try:
        place = TopicPartition(position.topic, position.partition)
        consumer.assign([place])
        consumer.seek(place, position.offset)
        return bytes((await asyncio.wait_for(consumer.getone(), 10)).value)
    finally:
        await consumer.stop()


async def test_each_message_lies_where_its_position_says(bus: Bus, live_settings: Settings) -> None:
    messages = [message(live_settings, n, key=f"{n % 7}".encode()) for n in range(300)]
    positions = await bus.publish_batch(messages)
    assert all(isinstance(position, Position) for position in positions)
    assert len(set(positions)) == 300
    for n in (0, 17, 299):
        position = positions[n]
        assert isinstance(position, Position)
        assert await lying(live_settings, position) == f"{n}".encode()


async def test_one_keys_messages_keep_their_order_through_any_mix_of_callers(bus: Bus, live_settings: Settings) -> None:
    async def caller(first: int) -> list[Position | BusUnavailable]:
        singles = [await bus.publish(message(live_settings, first + n)) for n in range(20)]
        return [*singles, *await bus.publish_batch([message(live_settings, first + n) for n in range(20, 60)])]

    for positions in await asyncio.gather(*(caller(1000 * n) for n in range(8))):
        offsets = [position.offset for position in positions if isinstance(position, Position)]
        assert len(offsets) == 60
        assert offsets == sorted(offsets)


async def test_more_than_one_record_batch_at_once(bus: Bus, live_settings: Settings) -> None:
    large = [message(live_settings, 1)._replace(value=bytes(200_000)) for _ in range(20)]
    outcomes = await bus.publish_batch(large)
    assert all(isinstance(outcome, Position) for outcome in outcomes)


async def test_a_message_the_broker_will_never_take_harms_no_other(bus: Bus, live_settings: Settings) -> None:
    with pytest.raises(BusUnavailable):
        await bus.publish(message(live_settings, 1)._replace(value=bytes(2_000_000)))

    async def taken() -> bool:
        try:
            return isinstance(await bus.publish(message(live_settings, 2)), Position)
        except BusUnavailable:
            return False

    await until(taken, what="the next message taken")


async def test_a_topic_that_is_not_there_is_unavailable_and_others_are_not(live_settings: Settings) -> None:
    impatient = live_settings.model_copy(update={"publish_timeout_seconds": 1.0})
    await create_topics(impatient, [events_topic("police")])
    bus = Bus(impatient, client_id="test")
    await bus.start()
    with pytest.raises(BusUnavailable):
        await bus.publish(message(impatient, 1, topic="tocsin.nowhere"))
    await until(lambda: bus.healthy, what="health")
    assert isinstance(await bus.publish(message(impatient, 1)), Position)
    await bus.stop()


async def test_a_stopped_bus_takes_nothing(bus: Bus, live_settings: Settings) -> None:
    await bus.stop()
    assert not bus.healthy
    with pytest.raises(BusUnavailable):
        await bus.publish(message(live_settings, 1))


async def test_what_waits_when_it_stops_is_sent(bus: Bus, live_settings: Settings) -> None:
    await bus.publish(message(live_settings, 0))
    posting = asyncio.create_task(bus.publish_batch([message(live_settings, n) for n in range(500)]))
    await asyncio.wait([posting], timeout=0)  # one turn of the loop: handed over, not acknowledged
    assert bus.underway == 500
    await bus.stop()
    assert all(isinstance(outcome, Position) for outcome in await posting)


async def _partitions(admin: AIOKafkaAdminClient, name: str) -> int:
    (found,) = await admin.describe_topics([name])
    return len(found["partitions"])


async def test_topics_are_created_as_declared_and_left_alone_the_second_time(live_settings: Settings) -> None:
    topics = [*TOPICS, alerts_topic("police-west-midlands")]
    await asyncio.gather(create_topics(live_settings, topics), create_topics(live_settings, topics))
    await create_topics(live_settings, topics)
    admin = AIOKafkaAdminClient(bootstrap_servers=live_settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        for topic in topics:
            # What is created is in every answer only a moment later.
            name = live_settings.topic_prefix + topic.name
            assert await until(partial(_partitions, admin, name), what=name) == topic.partitions, name
        name = live_settings.topic_prefix + DEAD_LETTERS.name
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        configured = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    finally:
        await admin.close()
    assert DEAD_LETTERS.config.items() <= configured.items()
