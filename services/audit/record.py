"""One line of audit, and what is hashed of it. Pure.

The fields are those of a law-enforcement log (Data Protection Act 2018, section 62): what was collected, altered,
consulted, disclosed, combined or erased, when, by whom, for which justification, and who received it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import orjson

SALT_BYTES: Final = 16
START: Final = bytes(32)
"""The hash before the first row."""


class Action(StrEnum):
    """What was done. The first six are section 62's words."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    DECISION = "decision"
    """An alert raised or ended, a disclosure request answered, a review decided."""
    ACKNOWLEDGEMENT = "acknowledgement"
    REFUSAL = "refusal"
    """What was asked for is not there for who asked, or not theirs to ask."""
    ADMINISTRATION = "administration"
    """The directory, an endpoint, a rule release, a key."""


def client_named(client: str) -> str:
    """Return how the audit names a client of the gateway as the actor of an entry."""
    return f"client:{client}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a caller writes down. Nothing sealed may stand in it, and no name: refer, do not repeat."""

    actor: str
    """`agency:<id>`, `client:<id>`, `desk:<agency>/<desk>` or `process:<name>`."""
    action: Action | str
    purpose: str
    basis: str
    thing: str
    """`event:<event_key>`, `alert:<alert_id>`, `person:<number>`, `route:<path>`, `directory:<load>` ..."""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it stands in the chain."""

    position: int
    """From 1, without gaps: the only cursor anybody may page by."""
    written_at: datetime
    """Real time of the transaction."""
    at: datetime
    """Domain time."""
    actor: str
    action: str
    purpose: str
    basis: str
    thing: str
    details: str | None
    """JSON text; None once erased."""
    salt: bytes | None
    commitment: bytes
    hash: bytes


def details_text(details: Mapping[str, Any]) -> str:
    """Return details as the text that is stored and hashed."""
    return orjson.dumps(details, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str).decode()


def commit(salt: bytes, details: str) -> bytes:
    """Return a commitment to the details: without the salt it tells nothing, so that erasing both leaves the chain valid."""
    return hashlib.sha256(salt + details.encode()).digest()


def link(previous: bytes, row: Row) -> bytes:
    """Return the hash of a row after the row before it. `row.hash` is not read."""
    open_part = (
        row.position,
        _instant(row.written_at),
        _instant(row.at),
        row.actor,
        row.action,
        row.purpose,
        row.basis,
        row.thing,
    )
    return hashlib.sha256(previous + row.commitment + orjson.dumps(open_part)).digest()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
