import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.envelope import CloudEvent, JsonRefused, depth, read_json
from schemas.registry import EVENT_TYPES, parse_envelope
from tests.contract.wrong_inputs import valid_event

EVENT = valid_event(EVENT_TYPES["police.message.reported", 1])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"{} {}", "not-json"),
        (b'{"a": NaN}', "not-json"),
        (b'{"a": Infinity}', "not-json"),
        (b"\xff\xfe", "not-json"),
        (b'"\\ud800"', "not-json"),
        (b"[" * 10_000, "too-deep"),
        (b'{"a":' * 10_000, "too-deep"),
        (b" " * 20_001, "too-large"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(JsonRefused) as refused:
        read_json(body, limit=20_000 if code == "too-large" else 1_000_000)
    assert refused.value.code == code


@given(st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=20))
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert read_json(json.dumps(value).encode(), limit=1_000_000) == value


def test_depth_counts_levels() -> None:
    assert depth(1) == 1
    assert depth({"a": [{"b": 1}], "c": 2}) == 4


def test_the_envelope_keeps_the_data_as_it_was_sent() -> None:
    envelope = parse_envelope(EVENT)
    assert isinstance(envelope, CloudEvent)
    assert envelope.data == EVENT["data"]


@pytest.mark.parametrize(
    "source",
    ["urn:tocsin:agency:police-west-midlands", "urn:tocsin:agency:police-west-midlands:ims"],
)
def test_a_source_is_an_agency_and_perhaps_its_system(source: str) -> None:
    assert parse_envelope(EVENT | {"source": source}).source == source
