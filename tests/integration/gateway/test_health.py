"""Health tells the truth: while the broker is away nothing is accepted and readiness says so; when it is back, it goes on."""

from collections.abc import AsyncIterator

import pytest

from deploy.embedded.kafka import EmbeddedKafka
from schemas.registry import EVENT_TYPES
from services.db import Pool
from services.settings import Settings
from tests.contract.wrong_inputs import valid_event
from tests.integration.gateway.running import Caller, Running, is_ready, running
from tests.polling import until
from tests.servers import folder_of_our_own

EVENT = valid_event(EVENT_TYPES["police.message.reported", 1])


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedKafka]:
    """A broker of this test's own: it is going to be killed."""
    with folder_of_our_own() as folder:
        kafka = EmbeddedKafka(folder / "kafka")
        await kafka.start()
        yield kafka
        await kafka.stop()


@pytest.fixture
def own_settings(settings: Settings, broker: EmbeddedKafka) -> Settings:
    return settings.model_copy(update={"kafka_bootstrap_servers": broker.bootstrap, "publish_timeout_seconds": 2.0})


async def checks(gateway: Running) -> dict[str, bool]:
    found: dict[str, bool] = (await gateway.nobody().get("/health/ready")).body["checks"]
    return found


async def accepted(police: Caller) -> bool:
    # As a sender would: a broker that has just started refuses for a while what it is not yet the leader of.
    return (await police.event(EVENT)).status == 202


async def test_a_killed_broker_and_back_again(own_settings: Settings, pool: Pool, broker: EmbeddedKafka) -> None:
    async with running(own_settings, pool) as gateway:
        police = await gateway.caller()
        assert (await police.event(EVENT)).status == 202
        broker.kill()
        answer = await police.event(EVENT)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert await checks(gateway) == {"broker": False, "topics": True, "keys": True}
        assert (await gateway.nobody().get("/health/live")).status == 200
        # Known to be away, it is said at once, for a batch too.
        assert (await police.event(EVENT)).status == 503
        assert (await police.batch([EVENT] * 3)).status == 503
        await broker.restart()
        await until(lambda: accepted(police), timeout_seconds=60, what="an event accepted after the broker's return")
        await until(lambda: is_ready(gateway), what="readiness")


async def test_a_gateway_that_starts_first_waits_for_the_broker(
    own_settings: Settings, pool: Pool, broker: EmbeddedKafka
) -> None:
    await broker.stop()
    async with running(own_settings, pool, ready=False) as gateway:
        assert await checks(gateway) == {"broker": False, "topics": False, "keys": True}
        police = await gateway.caller()
        assert (await police.event(EVENT)).status == 503
        await broker.start()
        await until(lambda: accepted(police), timeout_seconds=60, what="an event accepted")
        await until(lambda: is_ready(gateway), what="readiness")


async def test_a_fault_of_ours_is_a_problem_and_betrays_nothing(live_settings: Settings, pool: Pool) -> None:
    async with running(live_settings, pool) as gateway:
        police = await gateway.caller()
        await pool.execute("ALTER TABLE conflicts RENAME COLUMN source TO renamed")
        gateway.gateway.partition_secret = b"x" * 999  # longer than a key may be
        for answer in (await police.get("/v1/conflicts"), await police.event(EVENT)):
            assert answer.status == 500
            assert answer.body["type"] == "urn:tocsin:problem:failed"
            assert "renamed" not in str(answer.body)
            assert answer.headers["x-request-id"]
