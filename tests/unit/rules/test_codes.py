"""Words that rules wait for stand in the code lists that agencies are given: a word nobody is told of rings nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from schemas.codes import LISTS, list_of
from schemas.registry import EVENT_TYPES
from services.rules.load import CATALOGUE
from services.rules.predicates import contact, contacts_closed, disclosures, injuries, levels, out_of_sight, whereabouts

ELSEWHERE = frozenset({"condition"})
"""Also the name of a closed field: how a child was found."""


def _codes(field: str) -> frozenset[str]:
    listed = list_of(field)
    assert listed is not None
    return frozenset(listed.codes)


def _asked(node: Any, inside: str = "") -> Iterator[tuple[str, str]]:
    """The field and the word, wherever a rule file asks for words of a listed field; stories tell, they do not ask."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "tests":
                yield from _asked(value, key if list_of(key) else inside if key == "has_any" else "")
    elif isinstance(node, list):
        for each in node:
            yield from _asked(each, inside)
    elif inside and isinstance(node, str):
        yield inside, node


def test_every_word_a_rule_file_asks_for_is_listed() -> None:
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(CATALOGUE.glob("R*.yaml"))]
    asked = {each for file in files for each in _asked(file)}
    assert ("classes", "threat-to-life") in asked, "the walk has lost R16"
    assert ("condition", "no-contact-children") in asked, "the walk has lost R27"
    assert {(field, word) for field, word in asked if word not in _codes(field)} == set()


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("code", disclosures.RELATIONSHIPS.union(*disclosures.CONDITIONS.values()) | levels.CONTACT_CONDITIONS),
        ("order", contact.CONTACT_ORDERS),
        ("injury", injuries.PATTERNED),
        ("classes", frozenset(out_of_sight.SIGNS_IN_CLASSES) | {injuries.INJURY}),
        ("relation_claimed", whereabouts.CLAIMS_TO_BE_NEAR),
        ("decision", contacts_closed.NOTHING_FOLLOWS),
    ],
)
def test_every_word_a_predicate_asks_for_is_listed(field: str, words: frozenset[str]) -> None:
    assert words <= _codes(field)


def test_no_field_has_two_lists_and_every_list_says_whose_it_is() -> None:
    fields = [field for each in LISTS for field in each.fields]
    assert len(fields) == len(set(fields))
    for each in LISTS:
        assert each.source
        assert all(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", code) for code in each.codes)


def test_examples_of_what_to_send_use_the_listed_words() -> None:
    strays = {
        (field, word)
        for model in EVENT_TYPES.values()
        for example in model.examples
        for field, value in example.items()
        if field not in ELSEWHERE and (listed := list_of(field)) and isinstance(value, str | list)
        for word in ([value] if isinstance(value, str) else value)
        if isinstance(word, str) and word not in listed.codes
    }
    assert strays == set()
