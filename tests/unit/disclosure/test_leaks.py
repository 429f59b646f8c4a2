"""No view of any alert holds what it must not: fuzzed over evidence, agreements, classes, N codes and people."""

from typing import Any, get_args
from uuid import UUID

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.view import hash_of
from services.chronology.facts import Fact
from services.directory.model import Agreement
from services.disclosure.agreements import CLASS_FIELDS, D3_FIELDS, covers
from services.disclosure.chronology.discrepancies import discrepancies
from services.disclosure.chronology.entries import entries
from services.disclosure.chronology.export import Shape, csv_text, html_text
from services.disclosure.chronology.store import Asked, shown_to
from services.disclosure.content import worth_a_call
from services.disclosure.material import Call, OnTopic
from services.disclosure.view import view_for
from services.rules.findings import Disclosure
from tests.unit.disclosure.example import (
    PEOPLE,
    REFERENCE,
    RULE,
    SECTORS,
    C,
    S,
    W,
    agreement,
    alert,
    finding,
    masks,
    material,
    told,
    viewer,
)

MARK = "sealed-kestrel"
"""What no view may hold: it stands wherever a value could slip through unsealed, too."""
TOKENS = ("01aa", "01bb", "01cc", "01dd", "01ee", "01ff")
KINDS = (
    "police.message.reported",
    "police.intelligence.submitted",
    "employer.message.reported",
    "court.outcome.recorded",
    "probation.relationship.disclosed",
    "childrens-social-care.contact.recorded",
)
PARTIES = ("*", *SECTORS, *(f"sector:{sector}" for sector in set(SECTORS.values())))

bodies = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["nfa", MARK + " 7 Lane", {"token": "01ff"}, ["nfa", {"token": "01ff"}]]),
        "kind": st.sampled_from(["stop", f"Word {MARK}", {"value": {"token": "01ff"}}]),
        "number": st.just({"token": "01ff"}),
        "note": st.just(MARK),
        "informant": st.just({"staff": MARK}),
        "handling": st.sampled_from([{"code": "P"}, {"code": "C"}]),
        "order": st.just("restraining"),
        "recorded_by": st.just(MARK),
        "cites": st.just([{"id": MARK}]),
        "text": st.just({"token": "01ee"}),
        "levels": st.just({"children": "high", "known_adult": MARK.upper()}),
    },
)


@st.composite
def some_facts(draw: st.DrawFn) -> list[Fact]:
    count = draw(st.integers(1, 4))
    return [
        told(
            n,
            draw(st.sampled_from(sorted(SECTORS))),
            draw(st.sampled_from(KINDS)),
            people=draw(st.sampled_from([(S,), (S, W), (S, W, C), (C,)])),
            history=draw(st.booleans()),
            **draw(bodies),
        )
        for n in range(count)
    ]


@st.composite
def some_agreements(draw: st.DrawFn) -> list[Agreement]:
    return [
        agreement(
            f"a{n}",
            sources=(draw(st.sampled_from(PARTIES)),),
            recipients=(draw(st.sampled_from(PARTIES)),),
            event_types=(draw(st.sampled_from(["*", "police.*", *KINDS])),),
            fields=tuple(draw(st.sets(st.sampled_from(["*", *sorted(D3_FIELDS)]), min_size=1))),
            shown=draw(st.integers(1, 3)),
        )
        for n in range(draw(st.integers(0, 3)))
    ]


codes = st.sets(st.sampled_from([f"N{n}" for n in range(1, 9)])).map(tuple)
agencies = st.sampled_from(sorted(SECTORS))
classes = st.sampled_from(list(Disclosure))


@given(some_facts(), some_agreements(), agencies, classes, codes)
@settings(max_examples=300)
def test_nothing_sealed_and_no_free_text_leaves(
    facts: list[Fact], agreements: list[Agreement], agency: str, shown: Disclosure, never: tuple[str, ...]
) -> None:
    thing = alert(facts, masks(*agreements), never=never, details={"unchecked": ("S", "W", MARK)})
    for each in (thing, OnTopic(thing), Call(thing, REFERENCE, "https://tocsin.example/a")):
        text = orjson.dumps(view_for(viewer(agency, shown), each, "safeguarding")).decode()
        assert MARK not in text.lower()
        assert "token" not in text
        assert not any(token in text for token in TOKENS)


@given(some_facts(), some_agreements(), agencies, classes, codes)
@settings(max_examples=200)
def test_no_notification_names_anybody(
    facts: list[Fact], agreements: list[Agreement], agency: str, shown: Disclosure, never: tuple[str, ...]
) -> None:
    thing = alert(facts, masks(*agreements), never=never)
    for each in (OnTopic(thing), Call(thing, REFERENCE, "https://tocsin.example/a")):
        text = orjson.dumps(view_for(viewer(agency, shown), each, "safeguarding")).decode()
        for person in PEOPLE.values():
            given_names: Any = person["names"]
            assert given_names[0]["given"] not in text
            assert given_names[0]["family"] not in text
            assert str(person["born"]) not in text
        assert "9991001018" not in text


@given(some_facts(), some_agreements(), agencies, classes, codes, st.sampled_from([S, W, C]))
@settings(max_examples=300)
def test_nothing_says_who_somebody_of_sealed_identity_is_nor_what_was_said_of_them(
    facts: list[Fact],
    agreements: list[Agreement],
    agency: str,
    shown: Disclosure,
    never: tuple[str, ...],
    sealed: int,
) -> None:
    thing = alert(
        facts, masks(*agreements), never=never, details={"unchecked": ("S", "W", "C")}, protected=frozenset({sealed})
    )
    names: Any = PEOPLE[sealed]["names"]
    about = {fact.ref.id for fact in facts for mention in fact.mentions if mention.record == sealed}
    for each in (thing, OnTopic(thing), Call(thing, REFERENCE, "https://tocsin.example/a")):
        seen = view_for(viewer(agency, shown), each, "safeguarding")
        assert seen is not None
        text = orjson.dumps(seen).decode()
        assert names[0]["family"] not in text
        assert str(PEOPLE[sealed]["born"]) not in text
        assert about.isdisjoint(str(item.get("reference")) for item in seen.get("evidence", ()))
        if sealed == S:
            assert "X204881" not in text, "the agency's own number for them says who it is"
        if sealed in {S, W}:  # whom the alert is about
            assert not {"evidence", "why", "details"} & seen.keys()
            assert not seen.get("informed")


def permitted(fact: Fact, agency: str, agreements: list[Agreement], shown: Disclosure) -> set[str]:
    """The fields agreements add up to, worked out the plain way."""
    if fact.agency == agency:
        return set(CLASS_FIELDS[shown]) | ({"reference"} if shown > Disclosure.D1 else set())
    fields: set[str] = set()
    if fact.held:
        return fields
    for each in agreements:
        from_it = set(each.sources) & {"*", fact.agency, f"sector:{SECTORS[fact.agency]}"}
        to_us = set(each.recipients) & {"*", agency, f"sector:{SECTORS[agency]}"}
        if from_it and to_us and any(covers(pattern, fact.type) for pattern in each.event_types):
            carried = CLASS_FIELDS[Disclosure(each.shown)]
            fields |= carried if "*" in each.fields else carried & set(each.fields)
    return fields & CLASS_FIELDS[shown]


@given(some_facts(), some_agreements(), agencies, classes, codes)
@settings(max_examples=300)
def test_no_field_is_shown_that_the_agreements_do_not_add_up_to(
    facts: list[Fact], agreements: list[Agreement], agency: str, shown: Disclosure, never: tuple[str, ...]
) -> None:
    said = view_for(viewer(agency, shown), alert(facts, masks(*agreements), never=never), "safeguarding")
    assert said is not None
    allowed = [permitted(fact, agency, agreements, shown) for fact in facts]
    items = said.get("evidence", [])
    assert len(items) <= sum(map(bool, allowed))
    for item in items:
        assert any(set(item) <= fields for fields in allowed)
    named = any("people.names" in fields for fields in allowed)
    assert named or not any("names" in person for person in said["people"])
    if "N2" in never:
        foreign = {fact.agency for fact in facts} - {agency}
        assert not any(item.get("source") in foreign for item in items)
        assert not any(str(item.get("reference", "")).rpartition("-")[0] in foreign for item in items)


@given(some_facts(), some_agreements(), agencies, classes, codes, st.integers(10, 12))
@settings(max_examples=200)
def test_hidden_evidence_does_not_change_what_a_recipient_is_told(
    facts: list[Fact],
    agreements: list[Agreement],
    agency: str,
    shown: Disclosure,
    never: tuple[str, ...],
    n: int,
) -> None:
    hidden = told(n, "court" if agency != "court" else "police-town", handling={"code": "C"})
    hashes = []
    for evidence in (facts, [*facts, hidden]):
        now = finding(evidence, never=never)
        seen = worth_a_call(viewer(agency, shown), now, RULE, "standing", material(evidence, masks(*agreements)))
        hashes.append(hash_of(seen))
    assert hashes[0] == hashes[1]


def test_which_order_it_was_stands_in_the_chronology_of_the_agency_that_said_so_and_in_no_other() -> None:
    fact = told(1, "court", "court.order.made", order="restraining")
    at_hand = material([fact], masks(agreement()))
    for agency, fields in (("court", {"order": "restraining"}), ("police-town", None)):
        asked = Asked(UUID(REFERENCE), agency, "safeguarding", "client:tests")
        masked = {fact.ref: shown_to(fact, asked, at_hand, None, review=False)}
        (entry,) = entries(S, masked, at_hand, agency)
        assert entry.get("fields") == fields


@given(some_facts(), some_agreements(), agencies, st.booleans(), st.sampled_from([None, S, W, C]))
@settings(max_examples=200)
def test_no_chronology_holds_an_address_or_what_no_agreement_shows_in_any_form(
    facts: list[Fact], agreements: list[Agreement], agency: str, review: bool, sealed: int | None
) -> None:
    protected = frozenset({sealed} - {None})
    at_hand = material(facts, masks(*agreements), protected=protected)
    asked = Asked(UUID(REFERENCE), agency, "statutory-review" if review else "safeguarding", "client:tests")
    masked = {fact.ref: shown_to(fact, asked, at_hand, None, review=review) for fact in facts}
    said = {
        "person": REFERENCE,
        "agency": agency,
        "purpose": asked.purpose,
        "as_known_at": "2024-03-05T00:00:00Z",
        "entries": entries(S, masked, at_hand, agency),
        "discrepancies": discrepancies(S, masked, at_hand),
        "withheld": ["n1"],
        "left_out": 0,
    }
    forms = [orjson.dumps(said).decode(), html_text(said), html_text(said, "individual")]
    forms += [csv_text(said, shape) for shape in get_args(Shape)]
    granted = {fact.agency for fact in facts if masked[fact.ref].fields}
    for text in forms:
        assert MARK not in text.lower()
        assert "{'token" not in text
        assert '"token' not in text
        assert not any(token in text for token in TOKENS)
        assert not [one for one in set(SECTORS) - granted - {agency} if one in text]
        if sealed is not None:
            names: Any = PEOPLE[sealed]["names"]
            assert names[0]["family"] not in text
