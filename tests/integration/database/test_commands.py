import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.command.loading import sectors
from deploy.command.main import app
from deploy.embedded.ports import free_ports
from services.clock import real_now
from services.db import hot_transaction, open_pool
from services.directory import file, store
from services.settings import Settings
from tests.integration.alerts.world import DIRECTORY
from tests.servers import url_of


@pytest.mark.parametrize("command", ["dead-letters list", "audit verify", "corrections list", "db migrate"])
def test_where_no_database_answers_a_command_says_what_to_do(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{port}/nothing")
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path))
    said = CliRunner().invoke(app, command.split())
    assert said.exit_code == 1
    assert "Run `tocsin up`" in " ".join(said.stderr.split())


@pytest.mark.parametrize(
    "command", ["dead-letters list", "audit verify", "clients add records --agency police-exshire"]
)
def test_where_the_tables_are_missing_a_command_says_what_to_do(
    command: str, postgres_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(postgres_server, "postgres"))
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path))
    said = CliRunner().invoke(app, command.split())
    assert said.exit_code == 1
    assert "tocsin db migrate" in " ".join(said.stderr.split())


SAMPLES = Path(__file__).parents[3] / "deploy" / "policy"


async def agencies(settings: Settings, *, load: Path | None = None) -> set[str]:
    """Who stands in the directory, after loading one."""
    pool = await open_pool(settings, size=1, task="test")
    try:
        async with hot_transaction(pool) as conn:
            if load is not None:
                parsed, token = file.read(load), store.phone_token(bytes(32))
                await store.save(conn, parsed, actor="tests", taken_at=real_now(), token=token)
            return set(await sectors(conn))
    finally:
        await pool.close()


def test_a_directory_of_somebody_else_or_agreements_alone_are_refused_and_nobody_is_silenced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asyncio.run(agencies(settings, load=DIRECTORY))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("TOCSIN_STATE", str(settings.state))
    other = CliRunner().invoke(app, ["directory", "load", str(SAMPLES / "directory.yaml")])
    assert other.exit_code == 2
    said = " ".join(other.stderr.split())
    assert "employer-tamarisk" in said
    assert "--ends-agencies" in said
    alone = CliRunner().invoke(app, ["directory", "load", str(SAMPLES / "agreements.yaml")])
    assert alone.exit_code == 2
    assert "--agreements" in alone.stderr
    assert asyncio.run(agencies(settings)) == before
