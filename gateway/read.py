"""HTTP -> CloudEvents, in the three modes of the CloudEvents HTTP binding. Pure.

The mode is told by the headers: `application/cloudevents+json` is one event, `application/cloudevents-batch+json` a list
of them, and `ce-` headers around an `application/json` body are one event in binary mode.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote_to_bytes

from gateway.problems import NotJson, UnsupportedMedia, read_json
from services.errors import Fault, TooLarge

Mode = Literal["structured", "binary", "batch"]

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"


class Sent(NamedTuple):
    """How a request carries its events."""

    mode: Mode
    attributes: dict[str, str]
    """Of binary mode: the envelope without its data."""


def sent_as(headers: Iterable[tuple[bytes, bytes]]) -> Sent:
    """Read the mode off the headers. Raises UnsupportedMedia."""
    content_type = b""
    attributes: dict[str, str] = {}
    for name, value in headers:
        if name == b"content-type":
            content_type = value
        elif name.startswith(b"ce-"):
            attributes[name[3:].decode("latin-1")] = _attribute(value)
    media, _, parameters = content_type.decode("latin-1").partition(";")
    media = media.strip().lower()
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise _unsupported("Send UTF-8.")
    if media == STRUCTURED:
        return Sent("structured", {})
    if media == BATCH:
        return Sent("batch", {})
    if attributes and (media == JSON or not media):
        return Sent("binary", attributes)
    raise _unsupported(f"Use {STRUCTURED}, {BATCH}, or ce- headers with {JSON}.")


def _unsupported(fix: str) -> UnsupportedMedia:
    return UnsupportedMedia("The content type is not one that carries events.", faults=[Fault("", "content-type", fix)])


def _attribute(value: bytes) -> str:
    # The HTTP binding percent-encodes what is not printable ASCII. What is no UTF-8 then fits no attribute's pattern.
    return unquote_to_bytes(value).decode("utf-8", "replace")


def events_in(sent: Sent, body: bytes, *, most: int) -> list[Any]:
    """The events of a body, parsed and no more: not yet known to be objects, let alone events.

    Raises NotJson, or TooLarge for a batch of more than `most`.
    """
    parsed = read_json(body)
    if sent.mode == "structured":
        return [parsed]
    if sent.mode == "binary":
        return [{**sent.attributes, "data": parsed}]
    if not isinstance(parsed, list):
        raise NotJson("A batch is a list.", faults=[Fault("", "wrong-type", "Write a JSON array of events.")])
    if not parsed:
        raise NotJson("The batch is empty.", faults=[Fault("", "too-few", "Send at least one event.")])
    if len(parsed) > most:
        raise TooLarge(
            f"The batch has more than {most} events.",
            faults=[Fault("", "batch-too-long", f"Send at most {most} events in one batch.")],
        )
    return parsed
