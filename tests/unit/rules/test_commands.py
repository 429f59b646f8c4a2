"""What is wrong on the command line is said in a line, whatever the argument looks like."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.command.main import app

ASKING = ["--actor", "board", "--purpose", "a test"]


def said(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 2, result.exception
    return result.stderr


@pytest.mark.parametrize("chosen", ["/no/such/file", "no/such/file", "R99", "", "mine.yaml"])
def test_a_rule_or_file_that_is_not_there(chosen: str) -> None:
    assert "There is no rule" in said("rules", "test", chosen)


def test_a_folder_is_no_rule_file(tmp_path: Path) -> None:
    assert "directory" in said("rules", "test", str(tmp_path))


@pytest.mark.parametrize(
    "command",
    [["rules", "shadow"], ["backtest", "--rules", "services/rules/catalogue/R15-unread-inbound.yaml"]],
)
def test_a_window_that_holds_no_time_is_not_answered_with_nothing_found(command: list[str]) -> None:
    window = ["--from", "2024-03-02", "--to", "2024-03-01T00:00:00+00:00"]
    assert "between them there is no time" in said(*command, *ASKING, *window)
