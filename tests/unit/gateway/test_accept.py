"""The quick reader and the models say yes to the same events."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import accept
from schemas.clocks import TimeRefused, instant
from schemas.problems import Refused
from schemas.registry import EVENT_TYPES, parse
from tests.contract.wrong_inputs import all_wrong_inputs, valid_event

CONCERN = EVENT_TYPES["police.concern.reported", 1]


def test_every_types_example_is_read_quickly() -> None:
    for model in EVENT_TYPES.values():
        assert accept.is_surely_right(valid_event(model), history=False), model.wire_type


def test_whatever_the_models_refuse_is_not_surely_right() -> None:
    accepted = [str(wrong) for wrong in all_wrong_inputs() if accept.is_surely_right(wrong.event, history=False)]
    assert not accepted


@pytest.mark.parametrize("event", [None, 7, "x", [], {}, {"type": None}, {"type": []}, {"type": "x"}, {"type": {}}])
def test_what_is_no_event_is_not_surely_right(event: object) -> None:
    assert not accept.is_surely_right(event, history=False)


TIMES = st.one_of(
    st.from_regex(accept._INSTANT, fullmatch=True),
    st.from_regex(accept._DAY, fullmatch=True),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.text(alphabet="0123456789-:TZtz+. ", max_size=35),
    st.integers(0, 2**40).map(str),
    st.none(),
    st.integers(),
)


@given(TIMES)
def test_times_are_read_alike(value: Any) -> None:
    data = copy.deepcopy(CONCERN.examples[0])
    for name in ("known_at", "occurred"):
        changed = {**data, name: value}
        assert quickly(changed) <= slowly(changed)
    born = copy.deepcopy(data)
    born["people"][0]["born"] = value
    assert quickly(born) <= slowly(born)


@given(st.from_regex(accept._INSTANT, fullmatch=True))
def test_an_instant_that_never_was_is_none(text: str) -> None:
    event = {**valid_event(CONCERN), "time": text}
    try:
        instant(text)
    except TimeRefused:
        assert not accept.is_surely_right(event, history=False)
    else:
        assert accept.is_surely_right(event, history=False)


def quickly(data: dict[str, Any]) -> bool:
    return accept.is_surely_right({**valid_event(CONCERN), "data": data}, history=True)


def slowly(data: dict[str, Any]) -> bool:
    try:
        parse("police.concern.reported.v1", data, history=True)
    except Refused:
        return False
    return True
