"""Where logs end and what stands on them, read from a real broker without a group."""

from deploy.replay.stage import EVENT_TOPICS
from schemas.topics import TOPICS, alerts_topic, events_topic
from services.bus.message import Message
from services.bus.producer import Bus
from services.kafka import create_topics
from services.replay.corner import of_servers
from services.replay.logs import open_logs
from services.settings import Settings
from tests.polling import until


async def test_ends_are_those_of_every_partition(live_settings: Settings) -> None:
    await create_topics(live_settings, TOPICS)
    topic = events_topic("police")
    bus = Bus(live_settings, client_id="test")
    await bus.start()
    try:
        async with open_logs(live_settings) as logs:
            before = await logs.ends(EVENT_TOPICS)
            name = live_settings.topic_prefix + topic.name
            places = [await bus.publish(Message(name, b"%d" % n, b"value", [])) for n in range(8)]
            after = await logs.ends(EVENT_TOPICS)
    finally:
        await bus.stop()
    assert len(before) == sum(one.partitions for one in EVENT_TOPICS)
    assert set(before.values()) == {0}
    assert sum(after.values()) == len(places)
    assert len({place.partition for place in places}) > 1


async def test_messages_of_an_alert_topic_are_read_to_its_end(live_settings: Settings) -> None:
    topic = alerts_topic("police-exshire")
    await create_topics(live_settings, [topic])
    bus = Bus(live_settings, client_id="test")
    await bus.start()
    try:
        async with open_logs(live_settings) as logs:
            assert await logs.messages(topic) == []
            for n in range(3):
                await bus.publish(Message(live_settings.topic_prefix + topic.name, b"key", b"%d" % n, []))
            assert await logs.messages(topic) == [b"0", b"1", b"2"]
            assert await logs.messages(topic) == [b"0", b"1", b"2"], "reading takes nothing away"
    finally:
        await bus.stop()


async def test_corner_of_servers_is_empty_and_gone_afterwards(live_settings: Settings) -> None:
    async with of_servers(live_settings) as apart:
        assert apart.database_url != live_settings.database_url
        assert apart.topic_prefix.startswith(live_settings.topic_prefix)
        await create_topics(apart, TOPICS)

    async def gone() -> bool:
        return not any(name.startswith(apart.topic_prefix) for name in await logs.names())

    async with open_logs(live_settings) as logs:
        await until(gone, what="the topics' end")  # the broker answers before it has deleted them
