"""The catalogue in words says what the rule files say, and every lost chance names the rule that raises it, with its proof."""

import re
from typing import Final

import pytest
from typer.testing import CliRunner

from deploy.command.main import app
from services.rules.describe import PAGE, chances, page, proof
from services.rules.load import CATALOGUE, read
from services.rules.model import RuleFile

RULES: Final[list[RuleFile]] = [read(path) for path in sorted(CATALOGUE.glob("*.yaml"))]
KNOWN: Final = {rule.id: rule for rule in RULES}


def test_the_page_is_current() -> None:
    assert (CATALOGUE / PAGE).read_text(encoding="utf-8") == page(RULES), "make schemas"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_is_on_it_with_all_a_board_asks(rule: RuleFile) -> None:
    (said,) = re.findall(rf"^## {rule.id} .*?(?=^## )", page(RULES), re.MULTILINE | re.DOTALL)
    for part in (
        "**Why.**",
        "**About**",
        "**It rings**",
        "**How urgent**",
        "**It tells**",
        "**It never says**",
        "**It says**",
    ):
        assert part in said
    assert said.count("\n* ") >= 3, "a way to ring, an urgency and a recipient"


def test_every_lost_chance_is_answered_by_rules_there_are() -> None:
    named = {rule for chance in chances() for rule in chance["rules"]}
    assert named - KNOWN.keys() == set()
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
