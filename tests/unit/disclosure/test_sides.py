"""What an agency sees of two people who may be one: its own records whole, another's as far as an agreement lets it."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.reviews import Side as SentSide
from services.chronology.facts import Fact
from services.directory.model import Agreement
from services.disclosure.material import MaybeSame, RecordSaid, Side
from services.disclosure.sides import EVENTS_SHOWN
from services.disclosure.view import view_for
from tests.unit.disclosure.example import S, agreement, masks, material, told, viewer

MINE, THEIRS = "probation-town", "police-town"
FIELDS = ("what", "known_at", "people.names", "people.born", "people.area")


def record(*facts: Fact) -> RecordSaid:
    return RecordSaid(facts[0].agency, unnamed=False, facts=tuple((fact, "S") for fact in facts))


def seen(*facts: Fact, agreed: Agreement | None = None, hidden: bool = False, sealed: bool = False) -> dict[str, Any]:
    """The record that these events make, as probation sees it."""
    whom = frozenset({S})
    known = material(
        facts,
        masks(*([agreed] if agreed else [])),
        hidden=whom if hidden else frozenset(),
        protected=whom if sealed else frozenset(),
    )
    side = Side("6f0a3d6f-5b55-4a0a-8a5c-0d6a8e5d3f01", (record(*facts),))
    asked = MaybeSame("safeguarding", "CA2004-s10", side, side, known)
    assert view_for(viewer(MINE), asked, "statutory-review") is None, (
        "what agreements for that purpose let is another matter"
    )
    shown = view_for(viewer(MINE), asked, "safeguarding")
    assert shown is not None
    assert shown["withheld"] == ["n1", "n3"], "said of every item: said of one, it would tell of which"
    SentSide.model_validate_json(orjson.dumps(shown["record"]))
    said: dict[str, Any] = shown["record"]["records"][0]
    return said


def test_ones_own_record_is_shown_with_its_numbers_and_references() -> None:
    said = seen(told(1, MINE))
    assert (said["own"], said["agency"], said["born"]) == (True, MINE, "1984-03-22")
    assert [name["family"] for name in said["names"]] == ["Ashdown"]
    assert said["area"] == "town"
    assert said["said"][0]["reference"] == "probation-town-1"
    assert {"what", "occurred", "known_at"} <= said["said"][0].keys()


def test_without_an_agreement_nothing_of_anothers_record_is_shown_but_that_it_is_there() -> None:
    said = seen(told(1, THEIRS))
    assert said == {"own": False, "unnamed": False, "said": [], "withheld": ["agreement"]}


def test_an_agreement_shows_what_it_names_and_never_a_reference() -> None:
    said = seen(told(1, THEIRS), agreed=agreement(fields=FIELDS))
    assert said.keys() == {"own", "unnamed", "names", "born", "area", "said", "withheld"}
    assert said["said"][0].keys() == {"what", "known_at"}
    assert seen(told(1, THEIRS), agreed=agreement(fields=(*FIELDS, "source")))["agency"] == THEIRS


@pytest.mark.parametrize("left_out", FIELDS)
def test_what_an_agreement_does_not_name_is_not_shown(left_out: str) -> None:
    said = seen(told(1, THEIRS), agreed=agreement(fields=tuple(field for field in FIELDS if field != left_out)))
    assert left_out.removeprefix("people.") not in {*said, *said["said"][0]}


def test_that_it_was_a_conviction_or_intelligence_is_said_to_nobody_else() -> None:
    submitted = "police.intelligence.submitted"
    assert "what" not in seen(told(1, THEIRS, submitted), agreed=agreement(fields=FIELDS))["said"][0]
    assert "what" in seen(told(1, MINE, submitted))["said"][0]


def test_the_area_of_whom_whereabouts_are_kept_is_shown_to_nobody_but_who_said_it() -> None:
    assert "area" not in seen(told(1, THEIRS), agreed=agreement(fields=FIELDS), hidden=True)
    assert seen(told(1, MINE), hidden=True)["area"] == "town"


def writing(n: int, agency: str, **body: Any) -> Fact:
    """An event whose mention of the subject says this and no more."""
    fact = told(n, agency, people=(S,))
    (mention,) = fact.mentions
    return replace(fact, mentions=(replace(mention, body={"ref": "S", "role": "subject", **body}),))


def test_of_several_events_the_newest_says_who_it_is_and_older_ones_what_it_leaves_out() -> None:
    said = seen(writing(2, MINE, names=[{"family": "Ashdowne"}]), told(1, MINE))
    assert (said["names"], said["born"]) == ([{"family": "Ashdowne"}], "1984-03-22")


def test_sex_and_numbers_are_of_ones_own_record_only() -> None:
    own = {"sex": "male", "identifiers": [{"system": "crn", "value": "X204881"}]}
    assert own.items() <= seen(writing(1, MINE, **own)).items()
    assert own.keys().isdisjoint(seen(writing(1, THEIRS, **own), agreed=agreement()))


def test_an_address_without_an_area_is_passed_over() -> None:
    said = seen(writing(1, MINE, addresses=[{"postcode": {"token": "01cc"}}, {"area": "shire"}]))
    assert said["area"] == "shire"


def test_of_a_sealed_identity_nothing_is_shown_not_even_of_ones_own_record() -> None:
    said = seen(told(1, MINE), sealed=True)
    assert {"names", "born", "area"}.isdisjoint(said)
    assert said["withheld"] == ["protected"]


def test_of_many_events_the_newest_are_shown() -> None:
    said = seen(*(told(n, MINE) for n in range(9, 0, -1)))
    assert [event["reference"] for event in said["said"]] == [f"{MINE}-{n}" for n in range(9, 9 - EVENTS_SHOWN, -1)]
