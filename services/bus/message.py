"""What goes over the bus, and where it stands there."""

from typing import NamedTuple

Headers = list[tuple[str, bytes]]  # a list, because aiokafka insists on one


class Message(NamedTuple):
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class Position(NamedTuple):
    """Where a message stands on the bus."""

    topic: str
    partition: int
    offset: int
