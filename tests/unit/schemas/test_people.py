"""Mentions: somebody named, somebody known by number, a placeholder, an unnamed sender."""

from typing import Any

import pytest

from schemas.people import PersonMention
from schemas.problems import Refused
from schemas.registry import EVENT_TYPES, parse
from tests.contract.wrong_inputs import valid_event

REPORTED = EVENT_TYPES["police.relationship.reported", 1]


def _parse(*people: dict[str, Any], **fields: Any) -> tuple[PersonMention, ...]:
    data = valid_event(REPORTED)["data"] | {"people": list(people), **fields}
    return parse("police.relationship.reported.v1", data).people


SUBJECT = {"ref": "S", "role": "subject", "names": [{"given": "Alban", "family": "Thornquist"}]}
CLAIM = {"from": "S", "to": "U", "kind": "partner", "status": "reported"}


@pytest.mark.parametrize(
    "person",
    [
        {"names": [{"family": "THORNQUIST"}]},
        {"names": [{"given": "Zoë", "middle": "O'Hara", "family": "Ní Bhriain-Łukasz"}]},
        {"names": [{"given": "王", "family": "小明"}]},
        {"names": [{"given": "Ann", "family": "One"}, {"given": "Ann", "family": "Two", "kind": "former"}]},
        {"identifiers": [{"system": "nhs", "value": "9990000018"}]},
        {"own_id": "CF-100417"},
        {"slot": {"of": "S", "relation": "partner"}},
        {"slot": {"of": "S", "relation": "child", "since": "2010"}, "children": {"known": "stated", "count": 2}},
        {"slot": {"of": "S", "relation": "partner"}, "workplace": {"name": "Tamarisk Rise", "area": "birmingham"}},
        {"slot": {"of": "S", "relation": "partner"}, "names": [{"given": "Maren"}]},
        {"unnamed_sender": True, "phones": ["07700 900417"]},
        {"names": [{"given": "Ann"}], "phones": ["+44 (0)7700 900417", "0121 496 0321"]},
        {
            "names": [{"given": "Ann"}],
            "addresses": [{"area": "devon"}, {"lines": ["1 High St"], "postcode": "EX1 1AA", "current": False}],
        },
    ],
)
def test_legal_mentions(person: dict[str, Any]) -> None:
    (_, mention) = _parse(SUBJECT, {"ref": "U", "role": "partner", **person}, relationships=[CLAIM])
    assert mention.ref == "U"


def test_a_mention_keeps_apart_what_was_said_of_children() -> None:
    (mention,) = _parse({**SUBJECT, "children": {"known": "none"}}, relationships=[{**CLAIM, "to": "S"}])
    assert mention.children is not None
    assert mention.children.known == "none"
    assert mention.workplace is None


def test_who_claims_it_is_somebody_in_the_event_or_the_agency_itself() -> None:
    people = (SUBJECT, {"ref": "U", "role": "partner", "own_id": "1"})
    for claimant in ("S", "agency"):
        assert _parse(*people, relationships=[{**CLAIM, "claimed_by": claimant}])
    with pytest.raises(Refused) as refused:
        _parse(*people, relationships=[{**CLAIM, "claimed_by": "X"}])
    assert [problem.path for problem in refused.value.problems] == ["/data/relationships/0/claimed_by"]


def test_a_slot_belongs_to_somebody_in_the_event() -> None:
    with pytest.raises(Refused) as refused:
        _parse(
            SUBJECT, {"ref": "U", "role": "partner", "slot": {"of": "X", "relation": "partner"}}, relationships=[CLAIM]
        )
    assert [problem.path for problem in refused.value.problems] == ["/data/people/1/slot/of"]


KNOWN_TO_US = {**SUBJECT, "own_id": "A-7", "protected": True}


def test_a_sealed_identity_is_said_of_a_person_known_by_number() -> None:
    (mention,) = _parse(KNOWN_TO_US, relationships=[{**CLAIM, "to": "S"}])
    assert mention.protected is True


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"own_id": None}, "/data/people/1/own_id", "protected-unnumbered"),
        ({"protected": "adoption"}, "/data/people/1/protected", "not-allowed"),
        ({"protected": False}, "/data/people/1/protected", "not-allowed"),
        ({"names": [], "slot": {"of": "S", "relation": "child"}}, "/data/people/1", "protected-unnamed"),
        ({"names": [], "unnamed_sender": True, "phones": ["07700 900417"]}, "/data/people/1", "protected-unnamed"),
    ],
)
def test_what_a_sealed_identity_cannot_be(wrong: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        _parse(SUBJECT, {**KNOWN_TO_US, "ref": "U", **wrong}, relationships=[CLAIM])
    assert (path, code) in {(problem.path, problem.code) for problem in refused.value.problems}


def test_a_sealed_identity_without_a_number_of_ones_own_could_not_be_kept() -> None:
    nameless = {name: value for name, value in KNOWN_TO_US.items() if name != "own_id"}
    with pytest.raises(Refused) as refused:
        _parse(nameless, relationships=[{**CLAIM, "to": "S"}])
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        ("/data/people/0/own_id", "protected-unnumbered")
    ]
