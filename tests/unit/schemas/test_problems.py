import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.problems import Refused
from schemas.registry import EVENT_TYPES, parse, parse_envelope
from tests.contract.wrong_inputs import valid_event

REPORTED = EVENT_TYPES["police.message.reported", 1]
MARKER = "sealed-kestrel-Tolland"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def _refused(data: dict[str, Any]) -> Refused:
    with pytest.raises(Refused) as refused:
        parse("police.message.reported.v1", data)
    return refused.value


def test_an_unknown_field_is_not_repeated_but_the_one_meant_is_named() -> None:
    data = valid_event(REPORTED)["data"]
    data["people"][0]["bron"] = MARKER
    data["people"][0][MARKER] = 1
    refused = _refused(data)
    assert MARKER not in repr(refused.problems) + str(refused)
    assert "bron" not in repr(refused.problems)
    assert {problem.path for problem in refused.problems} == {"/data/people/0"}
    assert any("you may have meant born" in problem.fix for problem in refused.problems)


def test_all_faults_are_told_at_once() -> None:
    data = valid_event(REPORTED)["data"]
    data["people"][1]["born"] = "soon"
    data["classes"] = ["Shouting!"]
    del data["handling"]
    assert {problem.path for problem in _refused(data).problems} == {
        "/data/people/1/born",
        "/data/classes/0",
        "/data/handling",
    }


def test_a_wrong_item_does_not_make_its_list_too_short() -> None:
    data = valid_event(REPORTED)["data"]
    data["people"] = [{**data["people"][0], "role": "villain"}]
    assert [problem.path for problem in _refused(data).problems] == ["/data/people/0/role"]


def test_problems_are_few_enough_to_read() -> None:
    data = valid_event(REPORTED)["data"]
    data["people"] = [{"ref": f"p{number}"} for number in range(40)]
    assert len(_refused(data).problems) <= 20


def test_a_fault_within_an_interval_has_its_own_path() -> None:
    data = valid_event(REPORTED)["data"]
    data["occurred"] = {"earliest": "2013", "latest": "2013-02-30"}
    assert [problem.path for problem in _refused(data).problems] == ["/data/occurred/latest"]


@given(st.lists(st.sampled_from(["people", "occurred", "handling", "classes", "informant", "text"]), max_size=4), JSON)
def test_whatever_stands_in_a_field_is_taken_or_refused_without_being_repeated(path: list[str], value: Any) -> None:
    data = valid_event(REPORTED)["data"]
    for field in path:
        data[field] = {MARKER: value, "names": [MARKER], "role": MARKER} if field == "informant" else [MARKER, value]
    assert MARKER not in _said_against(data)


def _said_against(data: dict[str, Any]) -> str:
    try:
        parse("police.message.reported.v1", data)
    except Refused as refused:
        return repr(refused.problems) + str(refused)
    return ""


def _places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for key, value in inner for place in _places(value, (*path, key)))]


@settings(max_examples=300)
@given(st.data(), st.sampled_from(sorted(EVENT_TYPES)), JSON)
def test_anything_anywhere_in_any_type_is_taken_or_refused(
    draw: st.DataObject, key: tuple[str, int], value: Any
) -> None:
    """Never another exception: that would be a fault of ours in the sender's eyes."""
    event = valid_event(EVENT_TYPES[key])
    *above, last = draw.draw(st.sampled_from([place for place in _places(event["data"]) if place]))
    node = event["data"]
    for step in above:
        node = node[step]
    node[last] = value
    with contextlib.suppress(Refused):
        parse(event["type"], event["data"], history=draw.draw(st.booleans()))


@given(JSON)
def test_anything_as_an_event_is_refused_with_problems(value: Any) -> None:
    with pytest.raises(Refused) as refused:
        parse_envelope(value)
    assert refused.value.problems


def test_history_may_say_when_it_was_known_as_an_interval() -> None:
    data = valid_event(REPORTED)["data"] | {
        "occurred": "1994",
        "known_at": "1994",
        "recorded_at": {"earliest": "1994", "latest": "1996"},
    }
    event = parse("police.message.reported.v1", data, history=True)
    assert event.recorded_at.latest is not None
    assert event.recorded_at.latest.year == 1997
    assert {problem.code for problem in _refused(data).problems} == {"time-inexact"}


@pytest.mark.parametrize(
    "wire", ["police.message.reported", "police.message.v1", "", "v1", ".v1", "a.b.c.vx", "police.message.reported.v0"]
)
def test_types_there_are_not_are_refused(wire: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(wire, {})
    assert refused.value.problems[0].path == "/type"
