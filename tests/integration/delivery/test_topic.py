from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer

from schemas.alerts import TopicAlert
from services.bus.producer import Bus
from services.db import Pool
from services.settings import Settings
from tests.integration.alerts.world import POLICE, Stored, stored
from tests.integration.delivery.conftest import Delivery, courier_over
from tests.integration.delivery.receiver import Receiver


@pytest.fixture
async def on_kafka(pool: Pool, live_settings: Settings) -> AsyncIterator[Delivery]:
    bus = Bus(live_settings, client_id="test")
    await bus.start()
    try:
        async with stored(pool) as world, courier_over(pool, live_settings, bus, world) as courier:
            yield Delivery(world, courier, Receiver(), live_settings)
    finally:
        await bus.stop()


async def topic(settings: Settings, count: int) -> list[tuple[bytes, dict[str, bytes], bytes]]:
    consumer = AIOKafkaConsumer(
        f"{settings.topic_prefix}tocsin.alerts.{POLICE}",
        bootstrap_servers=settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        found = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    return [(message.key, dict(message.headers), message.value) for message in found]


async def known_as(world: Stored, name: str, identifier: str) -> None:
    """Give the police a number of their own for somebody."""
    await world.pool.execute(
        """
        UPDATE events SET body = jsonb_set(body::jsonb, '{people,0,identifiers}', $2::jsonb)::json
        WHERE body->'people'->0->>'ref' = $1
        """,
        name,
        f'[{{"system": "local:nominal", "value": "{identifier}"}}, {{"system": "nhs", "value": "9991001018"}}]',
    )
    await world.pool.execute(
        "UPDATE records SET agency = $1, first_event_key = (SELECT min(event_key) FROM events)", POLICE
    )


async def test_the_alert_topic_carries_the_agencys_view_without_a_name(on_kafka: Delivery) -> None:
    await on_kafka.world.event("e1", "police.concern.reported", {"Maren": "subject", "Corin": "at-risk"}, mark=False)
    await known_as(on_kafka.world, "Maren", "N-882104")
    await on_kafka.world.event("e2", "police.contact-attempt.failed", {"Maren": "subject"})
    await on_kafka.world.judge()
    await on_kafka.tell()
    await on_kafka.world.clock(1)
    await on_kafka.world.event("e3", "police.checks.completed", {"Maren": "subject", "Corin": "at-risk"}, minutes=1)
    await on_kafka.world.judge()
    await on_kafka.tell()
    (alert,) = await on_kafka.world.alerts()
    raised, ended = await topic(on_kafka.settings, 2)
    assert raised[0] == ended[0] == alert["public_id"].bytes
    first, last = (TopicAlert.model_validate_json(value) for _, _, value in (raised, ended))
    assert (first.alert, first.version, first.told, first.state) == (alert["public_id"], 1, "raised", "standing")
    assert (last.version, last.told, last.state) == (2, "ended", "answered")
    assert [own.identifier.value for own in first.identifiers] == ["N-882104"], "an NHS number would be a name"
    assert b"Maren" not in raised[2]
    assert raised[1]["ce_type"] == b"tocsin.alert.told.v1"
    assert raised[1]["ce_id"] != ended[1]["ce_id"]
    assert await on_kafka.world.pool.fetchval("SELECT count(*) FROM tell") == 0
