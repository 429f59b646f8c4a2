"""What each recipient is shown, case by case; every view fits the model it travels as."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from schemas.alerts import AlertView, TopicAlert
from schemas.webhooks import AlertCall
from services.directory.model import Valid
from services.disclosure import words
from services.disclosure.content import hidden_in_it
from services.disclosure.masks import is_n3
from services.disclosure.material import Alert, Call, Informed, OnTopic, Viewer, hidden_in
from services.disclosure.view import content, view_for, worth_a_call
from services.rules.findings import Anchor, Disclosure, EventPart, Recipient, RecordPart
from tests.unit.disclosure.example import (
    AT,
    PEOPLE,
    REFERENCE,
    RULE,
    C,
    S,
    W,
    agreement,
    alert,
    masks,
    told,
    viewer,
)

LINK = f"https://tocsin.example/alerts/{REFERENCE}"


def answer(thing: Alert, **who: Any) -> dict[str, Any]:
    shown = view_for(viewer(**who), thing, "safeguarding")
    assert shown is not None
    AlertView.model_validate_json(orjson.dumps(shown))
    return shown


def names(shown: dict[str, Any]) -> list[str]:
    return [name["family"] for person in shown["people"] for name in person.get("names", ())]


def test_a_permitted_viewer_sees_who_and_why() -> None:
    shown = answer(alert([told(1, "police-town")], masks(agreement())))
    assert shown["why"] == "It is reported that the subject has a partner with a child."
    assert shown["shown"] == "D2"
    assert names(shown) == ["Ashdown", "Tolland"]
    assert shown["people"][0]["identifiers"][0] == {"system": "crn", "value": "X204881"}
    assert shown["evidence"][0]["what"] == "message reported"
    assert shown["evidence"][0]["source"] == "police-town"
    assert (shown["purpose"], shown["legal_basis"]) == ("safeguarding", "CJA2003-s325, CA2004-s10")
    assert shown["informed"][0]["agency"] == "csc-town"
    assert shown["unknown"]
    assert shown["would_stop"]
    assert shown["title"] == "New household high risk"
    assert words.title("late-mappa-referral") == "Late MAPPA referral"


def test_without_an_agreement_there_is_a_pointer_and_what_is_withheld_is_said() -> None:
    shown = answer(alert([told(1, "police-town")], masks()))
    assert shown["shown"] == "D1"
    assert "why" not in shown
    assert "evidence" not in shown
    assert names(shown) == []
    assert shown["withheld"] == ["agreement", "class"]
    assert shown["review"]
    assert words.REVIEW in shown["handling"]


def test_an_agency_always_sees_what_it_published_itself() -> None:
    shown = answer(alert([told(1, "probation-town")], masks()))
    assert shown["evidence"][0]["reference"] == "probation-town-1"
    assert names(shown) == ["Ashdown", "Tolland"]
    assert not shown["review"]


def test_hidden_evidence_hides_what_was_concluded_and_shows_the_rest() -> None:
    facts = [told(1, "police-town"), told(2, "employer-town")]
    shown = answer(alert(facts, masks(agreement(sources=("sector:police",)))))
    assert [each["source"] for each in shown["evidence"]] == ["police-town"]
    assert "why" not in shown
    assert "agreement" in shown["withheld"]


def test_hidden_history_does_not_hide_what_was_concluded() -> None:
    facts = [told(1, "police-town"), told(2, "court", "court.outcome.recorded", history=True)]
    assert "why" in answer(alert(facts, masks(agreement(sources=("sector:police",)))))


def test_class_d1_shows_a_pointer_and_the_agencys_own_numbers() -> None:
    shown = answer(alert([told(1, "police-town")], masks(agreement())), shown=Disclosure.D1)
    assert "evidence" not in shown
    assert "why" not in shown
    assert shown["people"][0]["identifiers"]
    assert shown["withheld"] == ["class"]
    assert words.POINTER in shown["handling"]


def test_class_d3_shows_claims_references_and_coded_fields() -> None:
    facts = [told(1, "police-town", outcome="nfa", kind="stop", number={"token": "01ff"})]
    shown = answer(alert(facts, masks(agreement())), agency="csc-town", shown=Disclosure.D3)
    item = shown["evidence"][0]
    assert item["reference"] == "police-town-1"
    assert item["fields"] == {"outcome": "nfa", "kind": "stop"}
    assert item["relationships"] == [
        {"from": "subject", "to": "counterpart", "kind": "partner", "status": "reported", "grade": None}
    ]


def test_an_agreement_caps_the_class() -> None:
    shown = answer(alert([told(1, "police-town")], masks(agreement(shown=2))), agency="csc-town", shown=Disclosure.D3)
    assert "reference" not in shown["evidence"][0]


def test_an_agreement_permits_only_the_fields_it_names() -> None:
    shown = answer(alert([told(1, "police-town")], masks(agreement(fields=("what", "grade")))))
    assert shown["evidence"] == [{"what": "message reported", "grade": "2C"}]
    assert names(shown) == []


@pytest.mark.parametrize(
    "narrowed",
    [
        pytest.param({"purpose": "housing"}, id="another purpose"),
        pytest.param({"event_types": ("probation.*",)}, id="another type"),
        pytest.param({"recipients": ("csc-town",)}, id="another recipient"),
        pytest.param({"recipients": ("sector:police",)}, id="another sector"),
        pytest.param({"valid": Valid(None, AT)}, id="over"),
        pytest.param({"valid": Valid(AT + timedelta(seconds=1), None)}, id="not yet"),
    ],
)
def test_an_agreement_permits_nothing_beyond_its_terms(narrowed: dict[str, Any]) -> None:
    assert answer(alert([told(1, "police-town")], masks(agreement(**narrowed))))["shown"] == "D1"


def test_who_told_us_is_withheld_and_cannot_be_guessed() -> None:
    facts = [
        told(1, "employer-town", "employer.message.reported", informant={"staff": "E1"}),
        told(2, "probation-town", "probation.information.received", informant={"staff": "H1", "origin": "urn:x"}),
    ]
    shown = answer(alert(facts, masks(agreement()), never=("N2",)))
    text = orjson.dumps(shown).decode()
    assert "employer" not in text
    assert "E1" not in text
    assert "H1" not in text
    assert [each["what"] for each in shown["evidence"]] == ["information received", "information received"]
    assert shown["evidence"][1]["reference"] == "probation-town-2", "an agency may know its own record again"
    assert words.NO_SOURCE in shown["handling"]


def test_convictions_and_intelligence_are_withheld_under_n3() -> None:
    facts = [told(1, "police-town"), told(2, "court", "court.outcome.recorded", people=(S,))]
    shown = answer(alert(facts, masks(agreement()), never=("N3",)))
    assert [each["what"] for each in shown["evidence"]] == ["message reported"]
    assert "n3" in shown["withheld"]
    assert "why" in shown, "the rule was written with N3 in mind"


@pytest.mark.parametrize(
    ("kind", "withheld"),
    [
        ("court.outcome.recorded", True),
        ("parole.hearing.held", True),
        ("police.intelligence.submitted", True),
        ("probation.risk-flag.set", True),
        ("police.briefing.entered", True),
        ("police.message.reported", False),
        ("childrens-social-care.contact.recorded", False),
    ],
)
def test_what_a_court_parole_or_intelligence_said_is_n3_whoever_sent_it(kind: str, *, withheld: bool) -> None:
    assert is_n3(kind) is withheld


def test_intimate_matters_are_withheld_under_n5() -> None:
    facts = [told(1, "police-town", outcome="hostile")]
    shown = answer(alert(facts, masks(agreement()), never=("N5",)), agency="csc-town", shown=Disclosure.D3)
    assert "fields" not in shown["evidence"][0]


def test_information_under_conditions_stays_with_its_owner() -> None:
    handling = {"code": "C", "conditions": ["ask-first"]}
    held = told(1, "police-town", handling=handling)
    shown = answer(alert([held], masks(agreement())))
    assert shown["shown"] == "D1"
    assert "held" in shown["withheld"]
    assert "evidence" in answer(alert([held], masks(agreement())), agency="police-town")


def test_whose_whereabouts_a_flag_hides_are_its_subjects() -> None:
    flag = told(3, "health-town", "health.protection.address-flagged")
    assert hidden_in([told(1, "police-town"), flag], lambda record: record + 100) == {S + 100}


def test_about_somebody_of_sealed_identity_an_alert_is_a_pointer_whatever_agreements_say() -> None:
    own = told(2, "probation-town")
    shown = answer(alert([told(1, "police-town"), own], masks(agreement()), protected=frozenset({W})))
    assert (shown["shown"], shown["withheld"]) == ("D1", ["class", "protected"])
    assert shown["people"] == [
        {
            "part": "subject",
            "identifiers": [{"system": "crn", "value": "X204881"}, {"system": "nhs", "value": "9991001018"}],
        },
        {"part": "counterpart"},
    ]
    # Whom else it was told, and whom it did not reach, would say where somebody lives now; one's own event, who it is.
    assert not {"evidence", "why", "details", "owner"} & shown.keys()
    assert (shown["informed"], shown["not_reached"]) == ([], [])
    assert words.SEALED in shown["handling"]
    assert words.POINTER not in shown["handling"], "whom to ring is not named"


def test_evidence_that_names_only_the_other_is_withheld_too_where_one_is_of_sealed_identity() -> None:
    facts = [told(1, "police-town"), told(2, "police-town", people=(S,)), told(3, "probation-town", people=(S,))]
    shown = answer(alert(facts, masks(agreement()), protected=frozenset({W})), shown=Disclosure.D3)
    assert shown["shown"] == "D1"
    assert not {"evidence", "why", "details"} & shown.keys()
    assert "Ashdown" not in str(shown)


def test_whose_area_was_told_is_said_to_nobody_else_where_whereabouts_are_kept() -> None:
    fact = told(1, "police-town")
    roles = {"csc-town": "csc-for-area", "police-town": "police-for-area", "mappa-town": "mappa-lead"}
    recipients = tuple(Recipient(agency, role, "lead", Disclosure.D2) for agency, role in roles.items())
    others = tuple(Informed(agency, agency, None, None) for agency in roles)
    missed = ("asc-for-area of town", "csc-for-area of town", "csc-for-area at csc-shire")

    def seen_by(role: str, hidden: frozenset[int]) -> tuple[list[str], str | None, list[str]]:
        given = alert([fact], masks(agreement()), hidden=hidden, recipients=recipients, not_reached=missed)
        shown = view_for(Viewer("x", role, Disclosure.D2), replace(given, informed=others), "safeguarding")
        assert shown is not None
        return [each["agency"] for each in shown["informed"]], shown.get("owner"), shown["not_reached"]

    roles_missed = ["asc-for-area", "csc-for-area"]
    assert seen_by("probation-lead", frozenset()) == (list(roles), "csc-town", roles_missed)
    assert seen_by("probation-lead", frozenset({W})) == (["mappa-town"], "mappa-town", roles_missed)
    assert seen_by("probation-lead", frozenset({S})) == ([], None, roles_missed), "who leads on her says it too"
    assert seen_by("csc-for-area", frozenset({W})) == (list(roles), "csc-town", roles_missed)


def test_the_desk_of_another_agency_on_the_last_rung_is_named_to_whom_that_agency_is_named() -> None:
    def rung(**kept: frozenset[int]) -> list[str]:
        given = alert([told(1, "police-town")], masks(agreement()), **kept)
        ring = {"rung": 4, "desks": ["duty-lead", "csc-town/duty-team"], "started_at": "2013-04-02T09:00:00Z"}
        shown = view_for(viewer(), replace(given, ring=ring), "safeguarding")
        assert shown is not None
        desks: list[str] = shown["ring"]["desks"]
        return desks

    assert rung() == ["duty-lead", "csc-town/duty-team"]
    assert rung(hidden=frozenset({S})) == rung(hidden=frozenset({W})) == rung(protected=frozenset({S})) == ["duty-lead"]


def test_that_two_alerts_became_one_is_not_said_of_somebody_of_sealed_identity() -> None:
    joined = replace(
        alert([told(1, "police-town")], masks(agreement()), protected=frozenset({S})),
        told="joined",
        joined_to=REFERENCE,
    )
    for thing in (joined, OnTopic(joined), Call(joined, REFERENCE, LINK)):
        seen = view_for(viewer(), thing, "safeguarding")
        assert seen is not None
        assert seen["told"] == "view"
        assert "joined_to" not in seen


def test_neither_the_topic_nor_a_list_has_a_number_of_somebody_of_sealed_identity() -> None:
    on_topic = OnTopic(alert([told(1, "police-town")], masks(agreement()), protected=frozenset({S})))
    seen = view_for(viewer(), on_topic, "safeguarding")
    assert seen is not None
    assert seen["identifiers"] == []


def test_evidence_that_also_names_somebody_of_sealed_identity_is_withheld_with_what_follows_from_it() -> None:
    facts = [told(1, "police-town"), told(2, "probation-town", people=(S, W, C))]
    shown = answer(alert(facts, masks(agreement()), protected=frozenset({C})))
    assert [item["what"] for item in shown["evidence"]] == ["message reported"]
    assert "protected" in shown["withheld"]
    assert "why" not in shown
    assert "Oakes" not in str(shown)


def test_what_was_concluded_anew_from_the_same_evidence_is_shown_and_is_not_worth_a_call() -> None:
    def seen(of: Callable[..., dict[str, Any]], **fields: Any) -> dict[str, Any]:
        thing = alert([told(1, "police-town")], masks(agreement()), **fields)
        return of(viewer(), thing.finding, RULE, "standing", thing.material)

    concluded = {"why": "More is known.", "corroborated": True, "unknown": ()}
    assert seen(content) != seen(content, **concluded)
    assert seen(worth_a_call) == seen(worth_a_call, **concluded), "the call would tell of evidence that is withheld"


def test_whereabouts_are_kept_of_whom_only_the_evidence_names_and_of_whom_the_alert_is_about_without_it() -> None:
    beside = alert([told(1, "police-town", people=(S, W, C))], masks(agreement()), hidden=frozenset({C}))
    assert hidden_in_it(beside.finding, beside.material) == {C}
    erased = alert([told(1, "police-town")], masks(agreement()), hidden=frozenset({W}))
    assert hidden_in_it(erased.finding, replace(erased.material, facts={})) == {W}


def test_the_area_of_whom_whereabouts_are_kept_is_shown_to_nobody_but_who_said_it() -> None:
    def areas(agency: str) -> list[str | None]:
        thing = alert([told(1, "police-town")], masks(agreement()), hidden=frozenset({W}))
        return [person.get("area") for person in answer(thing, agency=agency, shown=Disclosure.D3)["people"]]

    assert areas("probation-town") == ["town", None]
    assert areas("police-town") == ["town", "town"]


def test_erased_evidence_is_said_to_be_gone() -> None:
    thing = alert([told(1, "police-town"), told(2, "police-town")], masks(agreement()))
    facts = dict(list(thing.material.facts.items())[:1])
    shown = answer(replace(thing, material=replace(thing.material, facts=facts)))
    assert len(shown["evidence"]) == 1
    assert "gone" in shown["withheld"]


def test_the_rules_own_lists_name_people_and_never_a_senders_word_for_them() -> None:
    report = told(1, "police-town", people=(S, W, C))
    details = {"unchecked": ("W", "C", "nobody"), "candidates": (str(W), "999")}
    anchor = Anchor((EventPart(report.ref), RecordPart(S)))
    shown = answer(alert([report], masks(agreement()), details=details, anchor=anchor))
    assert [person["names"][0]["family"] for person in shown["details"]["unchecked"]] == ["Tolland", "Oakes"]
    assert len(shown["details"]["candidates"]) == 1
    hidden = answer(alert([report], masks(agreement(fields=("what",))), details=details, anchor=anchor))
    assert hidden["details"] == {}


def test_the_lines_about_messages_and_couples_stand_where_they_belong() -> None:
    couple = answer(alert([told(1, "police-town")], masks(agreement())))["handling"]
    assert words.KEEP_MESSAGE in couple
    assert words.NOT_THROUGH in couple
    alone = answer(
        alert([told(1, "police-town", "police.risk-flag.set")], masks(agreement()), anchor=Anchor((RecordPart(S),)))
    )
    assert words.KEEP_MESSAGE not in alone["handling"]
    assert words.NOT_THROUGH not in alone["handling"]
    assert words.NO_CONTACT in alone["handling"]
    assert words.CONSIDER in alone["handling"]


def test_another_purpose_sees_nothing() -> None:
    thing = alert([told(1, "police-town")], masks(agreement()))
    assert view_for(viewer(), thing, "housing") is None


def test_the_topic_carries_own_numbers_and_no_name() -> None:
    shown = view_for(viewer(), OnTopic(alert([told(1, "police-town")], masks(agreement()))), "safeguarding")
    assert shown is not None
    TopicAlert.model_validate_json(orjson.dumps(shown))
    assert shown["identifiers"] == [{"part": "subject", "identifier": {"system": "crn", "value": "X204881"}}]
    assert shown["purpose"] == "safeguarding"
    assert shown["legal_basis"]


def test_a_call_says_that_there_is_something_and_where_to_read_it() -> None:
    call = Call(alert([told(1, "police-town")], masks(agreement())), REFERENCE, LINK, rung=1, desk="duty-inspector")
    shown = view_for(viewer(), call, "safeguarding")
    assert shown is not None
    AlertCall.model_validate_json(orjson.dumps(shown))
    assert set(shown) == {"alert", "endpoint", "version", "urgency", "state", "told", "link", "ring"}
    assert not any(str(person["names"][0]["family"]) in str(shown) for person in PEOPLE.values())  # type: ignore[index]  # as PEOPLE is written
