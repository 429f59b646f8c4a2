"""What clustering is given: records as it needs them, links between them, and what people decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from services.identity.standardise import Standard


class Edge(NamedTuple):
    """What the comparison said of two records that met at a key, the lower number first."""

    a: int
    b: int
    weight: int
    """Log2 odds of "same person" in thousandths of a bit."""
    blocked: tuple[str, ...] = ()
    """What forbids joining them, whatever the weight."""
    doubt: int = 0
    """What speaks against it for some rival (services.identity.compare)."""


class Decision(NamedTuple):
    """What a person decided about two records. It is never overridden."""

    a: int
    b: int
    verdict: Literal["same", "different"]
    decided_at: datetime
    privileged: bool = False
    """Made by the role that may link protected identities (services.identity.protect)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A record as clustering needs it."""

    record: int
    standard: Standard
    received_at: datetime
    """Of the earliest event that names it."""
    content: bytes

    @property
    def age(self) -> tuple[datetime, bytes, int]:
        """Oldest first, to give a person its number. Records' own numbers only part two that are alike in everything."""
        return self.received_at, self.content, self.record

    @property
    def rank(self) -> tuple[bytes, datetime, int]:
        """An order that tells nothing of arrival, to decide between equals."""
        return self.content, self.received_at, self.record


Cluster = frozenset[int]
