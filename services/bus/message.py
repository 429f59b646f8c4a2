"""What goes over the bus, and where it stands there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

Headers = list[tuple[str, bytes]]  # a list, because aiokafka insists on one


class Message(NamedTuple):
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


def in_clear(topic: str, key: str, event: Mapping[str, Any]) -> Message:
    """Make the Kafka message of a whole structured CloudEvent of our own, in which nothing is sealed."""
    value = orjson.dumps({"specversion": "1.0", **event})
    return Message(topic, key.encode(), value, [("content-type", b"application/cloudevents+json")])


class Position(NamedTuple):
    """Where a message stands on the bus."""

    topic: str
    partition: int
    offset: int
