"""PERMIT, DENY or REVIEW, with a reason."""

from dataclasses import replace

import pytest

from services.disclosure.request import Asked, Verdict, decide
from tests.unit.disclosure.example import AT, agreement, masks

ASKED = Asked(
    agency="csc-town",
    thing="person:1",
    purpose="safeguarding",
    legal_basis="CJA2003-s325",
    kinds=(("police-town", "police.message.reported"), ("probation-town", "probation.risk.assessed")),
)


def test_all_permitted_is_permit_with_its_agreements() -> None:
    answer = decide(ASKED, masks(agreement("both")), AT)
    assert (answer.verdict, answer.agreements) == (Verdict.PERMIT, ("both",))


def test_nothing_permitted_is_deny() -> None:
    assert decide(ASKED, masks(), AT).verdict is Verdict.DENY
    assert decide(replace(ASKED, kinds=()), masks(agreement()), AT).verdict is Verdict.DENY
    assert decide(replace(ASKED, purpose="housing"), masks(agreement()), AT).verdict is Verdict.DENY


@pytest.mark.parametrize(
    ("asked", "sources"),
    [
        pytest.param(ASKED, ("sector:police",), id="a part is permitted"),
        pytest.param(replace(ASKED, legal_basis="CA1989-s47"), ("*",), id="another legal basis"),
        pytest.param(replace(ASKED, held=frozenset({ASKED.kinds[0]})), ("*",), id="the owner's conditions"),
        pytest.param(replace(ASKED, protected=True), ("*",), id="somebody protected"),
    ],
)
def test_what_lies_between_is_for_a_person(asked: Asked, sources: tuple[str, ...]) -> None:
    answer = decide(asked, masks(agreement(sources=sources)), AT)
    assert answer.verdict is Verdict.REVIEW
    assert answer.reason


def test_what_an_agency_published_itself_needs_no_agreement() -> None:
    own = replace(ASKED, agency="police-town", kinds=ASKED.kinds[:1])
    assert decide(own, masks(), AT).verdict is Verdict.PERMIT
