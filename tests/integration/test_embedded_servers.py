"""The embedded servers: nothing acknowledged is lost by a kill or a restart, and nobody shares a state folder."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.jars import locked_jars
from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.process import ServerFailed, ServerProcess
from deploy.embedded.servers import Servers, StateInUse, embedded_servers
from tests.polling import until
from tests.servers import folder_of_our_own


@pytest.fixture
def state() -> Iterator[Path]:
    with folder_of_our_own() as folder:
        yield folder


async def test_a_kill_and_a_restart_lose_nothing(state: Path) -> None:
    async with embedded_servers(state) as servers:
        first = servers.environment()
        await write(servers, b"one")
        servers.kafka.kill()
        servers.postgres.kill()
        await servers.restart_kafka()
        await servers.restart_postgres()
        assert servers.environment() == first
        await write(servers, b"two")
        pids = servers.kafka_pid, servers.postgres_pid
    assert not any(map(psutil.pid_exists, pids)), "both were drained on leaving"

    async with embedded_servers(state) as servers:
        assert await read(servers) == ([b"one", b"two"], ["one", "two"])


@pytest.mark.parametrize(
    ("last_act", "said"),
    [("sys.exit(3)", "exit code 3"), ("os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL")],
)
async def test_how_a_process_ended_is_said_with_its_last_lines(state: Path, last_act: str, said: str) -> None:
    process = ServerProcess("short-lived", folder=state, drain=signal.SIGTERM)
    command = [sys.executable, "-c", f"import os, signal, sys; print('last words', flush=True); {last_act}"]
    with pytest.raises(ServerFailed, match=f"last words\nshort-lived: {said}"):
        await process.start(command, ready=never, timeout_seconds=30)


async def never() -> bool:
    return False


async def test_a_state_folder_may_have_any_name(state: Path) -> None:
    async with embedded_servers(state / "Zoë's état") as servers:
        await write(servers, b"one")
        assert await read(servers, 1) == ([b"one"], ["one"])


async def test_a_cluster_id_that_looks_like_an_option_is_none(state: Path) -> None:
    """One random id in 64 begins with "-"."""
    kafka = EmbeddedKafka(state / "kafka", cluster_id="-_v7-_v7-_v7-_v7-_v7-w")
    await kafka.start()
    await kafka.stop()
    assert "cluster.id=-_v7" in (state / "kafka" / "data" / "meta.properties").read_text()


async def test_one_state_folder_has_one_user(state: Path) -> None:
    async with embedded_servers(state):
        with pytest.raises(StateInUse):
            async with embedded_servers(state):
                pass


async def test_a_killed_server_starts_again_although_a_session_of_it_is_busy(state: Path) -> None:
    postgres = EmbeddedPostgres(state / "postgres")
    await postgres.start()
    connection = await asyncpg.connect(postgres.database_url)
    busy = asyncio.create_task(connection.fetchval("SELECT count(*) FROM generate_series(1, 10000000000)"))
    await until(lambda: session_is_busy(postgres.database_url))
    os.kill(postgres.pid, signal.SIGKILL)
    await postgres.restart()
    with pytest.raises((asyncpg.PostgresConnectionError, OSError)):
        await busy
    connection = await asyncpg.connect(postgres.database_url)
    assert await connection.fetchval("SELECT 1") == 1
    await connection.close()
    await postgres.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_the_servers_end_with_the_process_that_wanted_them(state: Path, number: signal.Signals) -> None:
    runner = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.embedded", "run", str(state), stdout=asyncio.subprocess.PIPE
    )
    assert runner.stdout
    while b"export KAFKA" not in await runner.stdout.readline():
        assert runner.returncode is None
    servers = [process for process in psutil.Process(runner.pid).children() if process.name() in {"java", "postgres"}]
    assert len(servers) == 2
    runner.send_signal(number)
    assert await runner.wait() == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    await until(lambda: not any(server.is_running() for server in servers), what="the end of both servers")


def test_every_jar_is_pinned_by_its_sum() -> None:
    jars = locked_jars()
    assert len(jars) > 40
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in jars)
    assert len({jar.path for jar in jars}) == len(jars)


async def session_is_busy(url: str) -> bool:
    connection = await asyncpg.connect(url)
    found = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
    )
    await connection.close()
    return bool(found)


async def write(servers: Servers, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    if "kept" not in await admin.list_topics():
        await admin.create_topics([NewTopic("kept", 1, 1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait("kept", value)
    await producer.stop()
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (value text)")
    await connection.execute("INSERT INTO kept VALUES ($1)", value.decode())
    await connection.close()


async def read(servers: Servers, count: int = 2) -> tuple[list[bytes], list[str]]:
    consumer = AIOKafkaConsumer("kept", bootstrap_servers=servers.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    found: list[bytes] = []

    async def both() -> bool:
        for records in (await consumer.getmany(timeout_ms=100)).values():
            found.extend(record.value for record in records)
        return len(found) >= count

    await until(both)
    await consumer.stop()
    connection = await asyncpg.connect(servers.database_url)
    rows = await connection.fetch("SELECT value FROM kept")
    await connection.close()
    return found, [row["value"] for row in rows]
