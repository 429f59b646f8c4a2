from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.command.main import app
from deploy.embedded.ports import free_ports


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
