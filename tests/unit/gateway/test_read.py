"""The three modes of the CloudEvents HTTP binding, and bodies that are none."""

import orjson
import pytest

from gateway.problems import NotJson, UnsupportedMedia
from gateway.read import events_in, sent_as
from services.errors import TooLarge

Headers = list[tuple[bytes, bytes]]


def headers(content_type: str = "", **attributes: str) -> Headers:
    named = [(b"content-type", content_type.encode())] if content_type else []
    return named + [(f"ce-{name}".encode(), value.encode()) for name, value in attributes.items()]


@pytest.mark.parametrize(
    ("sent", "mode"),
    [
        (headers("application/cloudevents+json"), "structured"),
        (headers("Application/CloudEvents+JSON; charset=UTF-8"), "structured"),
        (headers("application/cloudevents+json", id="ignored"), "structured"),
        (headers("application/cloudevents-batch+json"), "batch"),
        (headers("application/json", specversion="1.0"), "binary"),
        (headers("", id="1"), "binary"),
    ],
)
def test_the_headers_say_the_mode(sent: Headers, mode: str) -> None:
    assert sent_as(sent).mode == mode


@pytest.mark.parametrize(
    "sent",
    [
        headers(),
        headers("application/json"),
        headers("text/plain", id="1"),
        headers("application/cloudevents+xml"),
        headers("application/cloudevents+json; charset=utf-16"),
    ],
)
def test_other_content_types_are_named_as_unsupported(sent: Headers) -> None:
    with pytest.raises(UnsupportedMedia) as refused:
        sent_as(sent)
    assert refused.value.faults[0].fix


@pytest.mark.parametrize(
    ("raw", "read"),
    [("case%207", "case 7"), ("Zo%C3%AB", "Zoë"), ("50%", "50%"), ("%ff", "\ufffd"), ("a+b", "a+b")],
)
def test_attributes_of_binary_mode_are_percent_decoded(raw: str, read: str) -> None:
    (event,) = events_in(sent_as(headers("application/json", subject=raw)), b'{"a": 1}', most=1)
    assert event == {"subject": read, "data": {"a": 1}}


def test_data_comes_from_the_body_whatever_a_header_says() -> None:
    (event,) = events_in(sent_as(headers("application/json", data="x", id="1")), b"7", most=1)
    assert event == {"id": "1", "data": 7}


def test_a_batch_keeps_its_order() -> None:
    batch = sent_as(headers("application/cloudevents-batch+json"))
    assert events_in(batch, b"[1, 2, 3]", most=3) == [1, 2, 3]
    with pytest.raises(TooLarge) as refused:
        events_in(batch, orjson.dumps(list(range(4))), most=3)
    assert "3" in refused.value.faults[0].fix


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"{'a': 1}", "not-json"),
        (b'{"a": 1}{', "not-json"),
        (b"\xef\xbb\xbf{}", "not-json"),
        (b'{"a": Infinity}', "not-json"),
        (b'"\xed\xa0\x80"', "not-json"),
        (b"[" * 3_000 + b"]" * 3_000, "too-deep"),
    ],
)
def test_what_is_not_json_is_said_without_repeating_it(body: bytes, code: str) -> None:
    with pytest.raises(NotJson) as refused:
        events_in(sent_as(headers("application/cloudevents+json")), body, most=1)
    (fault,) = refused.value.faults
    assert fault.code == code
    assert "'a'" not in fault.fix + refused.value.message
