from typer.testing import CliRunner

from deploy.command.main import app


def test_a_rule_that_is_not_there_is_said_instead_of_nothing_being_listed() -> None:
    said = CliRunner().invoke(app, ["rules", "parameters", "list", "--rule", "ladder"])
    assert said.exit_code == 2
    assert "There is no rule ladder" in said.stderr


def test_explaining_a_rule_that_is_not_there_says_where_to_look() -> None:
    said = CliRunner().invoke(app, ["rules", "explain", "R99"])
    assert said.exit_code == 2
    assert "`tocsin rules list` shows them" in said.stderr
