"""The catalogue in words says what the rule files say, and every lost chance names the rule that raises it, with its proof."""

import re
from pathlib import Path
from typing import Final

import pytest
from typer.testing import CliRunner

from deploy.command.main import app
from services.alerts.ladder import RUNGS_LEAST
from services.rules import ladder_words
from services.rules.describe import PAGE, chances, page, proof
from services.rules.load import CATALOGUE, read
from services.rules.model import RuleFile

RULES: Final[list[RuleFile]] = [read(path) for path in sorted(CATALOGUE.glob("*.yaml"))]
KNOWN: Final = {rule.id: rule for rule in RULES}


def test_the_page_is_current() -> None:
    assert (CATALOGUE / PAGE).read_text(encoding="utf-8") == page(RULES), "make schemas"


def _part(rule: str) -> str:
    (said,) = re.findall(rf"^## {rule} .*?(?=^## )", page(RULES), re.MULTILINE | re.DOTALL)
    return str(said)


ASKED: Final = ("**Why.**", "**About**", "**It rings**", "**How urgent**", "**It tells**", "**It never says**")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_on_it_with_all_a_board_asks(rule: RuleFile) -> None:
    said = _part(rule.id)
    for part in (*ASKED, "**It says**"):
        assert part in said
    assert said.count("\n* ") >= 3, "a way to ring, an urgency and a recipient"


def test_the_ladder_stands_among_the_rules_though_it_is_no_file() -> None:
    listed = re.findall(r"^\| \[(R\d\d) ", page(RULES), re.MULTILINE)
    assert listed == [f"R{n:02}" for n in range(1, 50)]
    said = _part("R28")
    for part in ASKED:
        assert part in said
    assert "15 minutes at U1, 60 minutes at U2" in said
    assert f"at least {['three', 'four'][RUNGS_LEAST - 4]} times" in said, "and one more at another agency"


def test_what_shows_the_ladder_is_in_the_case_it_names() -> None:
    assert "second_rung:" in Path("deploy/cases/birmingham.yaml").read_text(encoding="utf-8")
    assert "deploy/cases/birmingham.yaml" in ladder_words.PROOF


def test_every_lost_chance_is_answered_by_rules_there_are() -> None:
    named = {rule for chance in chances() for rule in chance["rules"]}
    assert named - KNOWN.keys() == {ladder_words.ID}
    assert not [chance["id"] for chance in chances() if not chance["rules"] and "by" not in chance]


def test_the_rules_that_answer_them_are_shown_by_a_test_that_rings() -> None:
    named = {rule for chance in chances() for rule in chance["rules"]} & KNOWN.keys()
    assert not [rule for rule in named if proof(KNOWN[rule]) == "no test"]


def test_every_row_of_the_reviews_is_there_once() -> None:
    ids = [chance["id"] for chance in chances()]
    wanted = [f"O{n:02}" for n in range(1, 46)] + [f"M0{n}" for n in range(1, 8)] + [f"S0{n}" for n in range(1, 5)]
    assert ids == wanted


def test_the_command_says_of_a_rule_what_the_page_says() -> None:
    said = " ".join(CliRunner().invoke(app, ["rules", "explain", "R26"]).output.split())
    for part in (
        "About the child.",
        "children's social care where the subject lives: D2 (who and why)",
        "What ends it",
    ):
        assert part in said


def test_the_command_lists_and_explains_the_ladder_and_has_no_file_of_it_to_try() -> None:
    runner = CliRunner()
    assert "│ R28  │ nobody-acknowledged" in runner.invoke(app, ["rules", "list"]).output
    assert "acknowledged the version it was told" in runner.invoke(app, ["rules", "explain", "r28"]).output
    tried = runner.invoke(app, ["rules", "test", "R28"])
    assert tried.exit_code == 2
    assert "no rule file" in tried.stderr


def test_a_board_finds_the_back_test_among_the_commands_of_the_rules() -> None:
    said = CliRunner().invoke(app, ["rules", "backtest", "--help"])
    assert said.exit_code == 0
    assert "Judge stored history again" in " ".join(said.output.split())
