"""kill -9 of a real courier process, between the call and the note."""

import asyncio
import base64
import os
import sys
from asyncio.subprocess import Process

from services.db import Pool, hot_transaction
from services.rules.load import load_catalogue
from services.settings import Settings
from services.webhooks import endpoints_store
from tests.integration.alerts.world import POLICE, stored
from tests.integration.delivery.receiver import receiving
from tests.polling import until

PROGRAM = (
    "import asyncio; from consumers import courier; from services.settings import Settings; "
    "asyncio.run(courier.run(Settings(), asyncio.Event()))"
)


async def courier(settings: Settings) -> Process:
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "TOCSIN_MASTER_KEY": base64.b64encode(settings.master_key_bytes).decode(),
        "TOCSIN_WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, env=environment, stderr=asyncio.subprocess.DEVNULL
    )


async def test_kill_minus_nine_after_the_call_repeats_it_once_with_the_same_id(pool: Pool, settings: Settings) -> None:
    async with stored(pool, court=load_catalogue()) as world, receiving() as receiver:
        async with hot_transaction(pool) as conn:
            await endpoints_store.register(
                conn, POLICE, None, receiver.url + "/desk", master_key=settings.master_key_bytes
            )
        await world.event("e1", "police.message.received", {"S": "subject"})
        await world.judge()
        await world.clock(15)
        await world.judge()
        assert [alert["rule"] for alert in await world.alerts()] == ["R15"]

        receiver.hold = asyncio.Event()
        process = await courier(settings)
        try:
            await until(lambda: receiver.calls)
            process.kill()
            await process.wait()
            receiver.hold.set()
            assert await pool.fetchval("SELECT count(*) FROM attempts WHERE outcome = 'told'") == 0
            # As if the lease had run out.
            await pool.execute("UPDATE tell SET due_at = clock_timestamp()")
            await pool.execute("UPDATE deliveries SET lease_until = clock_timestamp() WHERE lease_until IS NOT NULL")
            process = await courier(settings)
            await until(lambda: len(receiver.calls) > 1)
            await until(lambda: pool.fetchval("SELECT count(*) = 1 FROM attempts WHERE outcome = 'told'"))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        first, second = receiver.calls
        assert first.id == second.id
        assert first.raw == second.raw
