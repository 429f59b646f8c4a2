"""A gateway that is started while PostgreSQL is away waits for it, as every other process does."""

import signal
import sys

from deploy.command.installation import environment
from deploy.embedded.ports import free_ports
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.process import ServerProcess
from services.db.migrate import migrate
from services.replay.calls import open_caller
from services.settings import Settings
from tests.polling import until
from tests.servers import POSTGRES_SETTINGS, folder_of_our_own


async def test_it_waits_for_postgresql_and_then_answers(settings: Settings) -> None:
    with folder_of_our_own() as folder:
        postgres = EmbeddedPostgres(folder / "postgres", settings=POSTGRES_SETTINGS)
        await postgres.start()
        await migrate(postgres.database_url)
        postgres.kill()
        (port,) = free_ports(1)
        own = settings.model_copy(update={"database_url": postgres.database_url, "gateway_port": port})
        gateway = ServerProcess("gateway", folder=folder, drain=signal.SIGTERM)

        async def waits() -> bool:
            return "database.away" in gateway.log_tail()

        command = [sys.executable, "-m", "deploy.command.main", "run", "gateway"]
        await gateway.start(command, ready=waits, timeout_seconds=60, environment=environment(own))
        try:
            await postgres.start()
            async with open_caller(f"http://127.0.0.1:{port}") as caller:
                await until(lambda: caller.answers_ok("/health/live"), what="an answer")
        finally:
            await gateway.stop(20)
            await postgres.stop()
