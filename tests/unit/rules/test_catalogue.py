"""Every test that stands in a rule file, run by the trial; and that every rule has the tests it owes."""

import pytest

from services.rules.load import CATALOGUE, read
from services.rules.model import RuleFile
from services.rules.model import Test as RuleTest
from services.trial import rule_tests

FILES = [read(path) for path in sorted(CATALOGUE.glob("*.yaml"))]
OWED = {"positive", "near-miss", "late-arrival", "any-order", "merge"}


@pytest.mark.parametrize(
    ("rule", "test"), [pytest.param(rule, test, id=f"{rule.id} {test.name}") for rule in FILES for test in rule.tests]
)
def test_rule_does_what_its_file_says(rule: RuleFile, test: RuleTest) -> None:
    assert rule_tests.check(rule, test) == []


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in FILES])
def test_rule_has_every_kind_of_test_it_owes(rule: RuleFile) -> None:
    assert OWED - {test.kind for test in rule.tests} == set()
