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
