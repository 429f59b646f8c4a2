"""The quick reader and the models say yes to the same events."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import ValidationError

from gateway import accept
from schemas.clocks import TimeRefused, instant
from schemas.envelope import CloudEvent
from schemas.problems import Refused
from schemas.registry import EVENT_TYPES, parse
from tests.contract.wrong_inputs import all_wrong_inputs, valid_event

CONCERN = EVENT_TYPES["police.concern.reported", 1]


def test_every_types_example_is_read_quickly() -> None:
    for model in EVENT_TYPES.values():
        event = valid_event(model)
        assert accept.check_envelope(event) is event
        accept._quick(model).validate_python(event["data"])
        accept.check_data(event["type"], event["data"], history=False)


def test_whatever_a_model_refuses_is_refused() -> None:
    for wrong in all_wrong_inputs():
        with pytest.raises(Refused) as refused:
            event = accept.check_envelope(wrong.event)
            accept.check_data(event["type"], event["data"], history=False)
        assert (wrong.path, wrong.code) in {(fault.path, fault.code) for fault in refused.value.problems}, str(wrong)


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
    envelope = {**valid_event(CONCERN), "time": text}
    try:
        instant(text)
    except TimeRefused:
        with pytest.raises(ValidationError):
            accept._quick(CloudEvent).validate_python(envelope)
    else:
        accept._quick(CloudEvent).validate_python(envelope)


def quickly(data: dict[str, Any]) -> bool:
    try:
        accept._quick(CONCERN).validate_python(data)
    except ValidationError:
        return False
    return True


def slowly(data: dict[str, Any]) -> bool:
    try:
        parse("police.concern.reported.v1", data, history=True)
    except Refused:
        return False
    return True
