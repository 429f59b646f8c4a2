"""Sealed values: nothing of an address, a telephone number or a text stays in the public body."""

import copy
import json
from typing import Any

import pytest

from schemas.envelope import EventData
from schemas.registry import EVENT_TYPES
from schemas.sealing import seal, sealed_paths
from tests.contract.wrong_inputs import one_of_each, valid_event

MODELS = pytest.mark.parametrize("model", one_of_each().values(), ids=one_of_each())
REPORTED = EVENT_TYPES["police.message.reported", 1]
MARKER = "sealed-kestrel"


def _token(kind: str, value: Any) -> dict[str, Any]:
    assert value
    return {"token": kind}


def _with_everything(model: type[EventData]) -> dict[str, Any]:
    """An example with every sealed field that all types share, each holding the marker."""
    data: dict[str, Any] = valid_event(model)["data"]
    place = {"lines": [f"1 {MARKER}", f"2 {MARKER}"], "postcode": MARKER, "area": "birmingham"}
    for person in data.get("people", ()):
        person |= {"addresses": [place, {"area": "devon"}], "phones": [MARKER], "workplace": {**place, "name": MARKER}}
    return data | {"text": MARKER}


@MODELS
def test_no_sealed_value_stays_in_the_body(model: type[EventData]) -> None:
    data = _with_everything(model)
    body, sealed = seal(model, data, _token)
    assert MARKER not in json.dumps(body)
    assert json.dumps(list(sealed.values())).count(MARKER) == json.dumps(data).count(MARKER)


@MODELS
def test_what_was_given_is_not_changed(model: type[EventData]) -> None:
    data = _with_everything(model)
    before = copy.deepcopy(data)
    seal(model, data, _token)
    assert data == before


def test_an_address_becomes_two_tokens_and_keeps_its_area() -> None:
    values: list[tuple[str, Any]] = []

    def tokenise(kind: str, value: Any) -> dict[str, Any]:
        values.append((kind, value))
        return {"token": len(values)}

    data = valid_event(REPORTED)["data"]
    body, sealed = seal(REPORTED, data, tokenise)
    assert body["people"][1]["addresses"][0].keys() == {"area", "dwelling", "postcode"}
    assert ("dwelling", {"lines": ["2 Example Rise"], "postcode": "B22 9ZZ"}) in values
    assert ("postcode", "B22 9ZZ") in values
    assert sealed["/people/1/addresses/0/lines"] == ["2 Example Rise"]
    assert sealed["/people/1/phones"] == ["07700 900123"]


def test_a_value_that_is_absent_or_null_is_no_value() -> None:
    data = valid_event(REPORTED)["data"] | {"text": None, "channel": None}
    body, sealed = seal(REPORTED, data, _token)
    assert "/text" not in sealed
    assert body["text"] is None


def test_the_place_a_question_already_knows_is_sealed() -> None:
    model = EVENT_TYPES["mappa.action.set", 1]
    data = valid_event(model)["data"]
    data["question"] = {
        "kind": "where",
        "of": "S",
        "not_at": {"lines": [MARKER], "postcode": "B22 7LN", "area": "birmingham"},
    }
    body, _ = seal(model, data, _token)
    assert body["question"]["not_at"] == {
        "area": "birmingham",
        "dwelling": {"token": "dwelling"},
        "postcode": {"token": "postcode"},
    }


def test_the_number_of_a_declared_device_is_sealed() -> None:
    assert "/number" in sealed_paths(EVENT_TYPES["probation.licence-device.declared", 1])


@MODELS
def test_every_type_seals_its_text(model: type[EventData]) -> None:
    assert "/text" in sealed_paths(model)
