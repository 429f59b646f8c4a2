"""A message of the bus read into what is stored of it. Everything that can be wrong with it is found here, before any
transaction begins. No I/O.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas import registry
from schemas.clocks import Span, TimeRefused, instant
from schemas.envelope import EventData
from schemas.problems import Refused
from schemas.sealing import Sealed, seal
from services.access import agency_of
from services.bus.message import Headers
from services.bus.sealed import open_event
from services.chronology.build import NOT_FIELDS
from services.errors import Poison
from services.identity.keys import keys
from services.identity.standardise import Standard, content_hash, standardise, token_of
from services.identity.statements import DECLARES_NUMBER
from services.tokens import Tokens

RETRACTION: Final = "event.retracted"
"""`<sector>.event.retracted` takes another event of the same agency back."""


WHO: Final = frozenset({"ref", "role", "own_id", "names", "born", "sex", "identifiers"})
"""Parts of a mention that a record already held says as well: they tell nobody anything new."""
BESIDES: Final = NOT_FIELDS | {"text"}
"""Parts of an event that no rule reads, or that have a place of their own."""

NOT_OF_THE_PERSON: Final = frozenset({"ref", "role", "area", "children"})
"""Parts of a mention that belong to the fact, not to the person: two that differ in these alone are one record."""


class Arrived(NamedTuple):
    """A message as the bus delivered it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class Named:
    """One mention, and the record it makes or is."""

    ref: str
    role: str
    standard: Standard
    stored: bytes
    """The standard as JSON."""
    content_hash: bytes
    """Of a record that may be used again, its content alone; of others the event and ref too, so that each is its own."""


class Claimed(NamedTuple):
    """One relationship claim, by refs."""

    from_ref: str
    to_ref: str
    kind: str
    status: str
    cites: bool


class Placed(NamedTuple):
    """One placeholder: its ref, whose it is, and as what."""

    ref: str
    subject_ref: str
    relation: str


class Target(NamedTuple):
    """The event a retraction takes back."""

    source: str
    id: str
    replaced_by: str | None = None
    """Id of the event of the same source that stands in its place, about the same people."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event ready to be stored."""

    arrived: Arrived
    source: str
    id: str
    type: str
    version: int
    agency: str
    history: bool
    occurred: Span
    known_at: datetime
    recorded_at: datetime
    received_at: datetime
    content_hash: bytes
    body: bytes
    report: bool
    purpose: str
    basis: str
    sealed: Sealed
    named: tuple[Named, ...]
    claims: tuple[Claimed, ...]
    slots: tuple[Placed, ...]
    numbers: tuple[str, ...]
    """Tokens of numbers its subject declares."""
    retracts: Target | None
    plain: bool
    """It says of its one person that something of its type happened, and nothing else that could lead anywhere."""
    told: bool
    """It says who told it."""

    @property
    def name(self) -> tuple[str, str]:
        """What names it for ever."""
        return self.source, self.id

    @property
    def together(self) -> bool:
        """It names two people or more."""
        return len(self.named) > 1


def read(arrived: Arrived, day_keys: Mapping[str, AESGCM], tokens: Tokens, *, history: bool) -> Event:
    """Read a message.

    Raises:
        Poison: with a code (header-missing, no-content, key-unknown, seal-broken, not-json, header-mismatch,
            received-at, source-unknown, or schema and where) that repeats nothing of what was sent.
    """
    event = open_event(arrived.value, arrived.headers, day_keys)
    _check_envelope(event, arrived.headers)
    agency = agency_of(event["source"])
    if agency is None:
        raise Poison("source-unknown")
    try:
        data = registry.parse(event["type"], event["data"], history=history)
        model = registry.model_of(event["type"])
    except Refused as refused:
        first = refused.problems[0]
        raise Poison(f"schema: {first.code} at {first.path}") from None
    return accepted(arrived, event, data, model, agency, tokens, history=history)


def _check_envelope(event: Mapping[str, Any], headers: Headers) -> None:
    """The headers are bound into the seal; the content must say the same, or the one or the other is a forgery."""
    named = dict(headers)
    for attribute in ("source", "id", "type"):
        if event.get(attribute) != named[f"ce_{attribute}"].decode():
            raise Poison("header-mismatch")
    if not isinstance(event.get("data"), dict):
        raise Poison("no-content")


def accepted(
    arrived: Arrived,
    event: Mapping[str, Any],
    data: EventData,
    model: type[EventData],
    agency: str,
    tokens: Tokens,
    *,
    history: bool,
) -> Event:
    """What is stored of an event whose data `model` has accepted as `data`, for `agency`."""
    body, sealed = seal(model, event["data"], tokens.tokenise)
    name, version = registry.split_type(event["type"])
    known_at, recorded_at = data.known_at.latest, data.recorded_at.latest
    if known_at is None or recorded_at is None:
        raise Poison("schema: time-open at /data/known_at")
    received_at = _received_at(event["receivedat"])
    return Event(
        arrived=arrived,
        source=event["source"],
        id=event["id"],
        type=name,
        version=version,
        agency=agency,
        history=history,
        occurred=data.occurred,
        known_at=min(known_at, received_at),  # as in services.chronology.build.clocks
        recorded_at=min(recorded_at, received_at),
        received_at=received_at,
        content_hash=_content_hash(event),
        body=orjson.dumps(body),
        report=model.is_report,
        purpose=data.handling.purpose,
        basis=data.handling.legal_basis,
        sealed=sealed,
        named=tuple(_named(person, agency, event) for person in body.get("people", ())),
        claims=tuple(_claims(body)),
        slots=tuple(_slots(body)),
        numbers=(token_of(body["number"]),) if name == DECLARES_NUMBER and "number" in body else (),
        retracts=_target(body, event["source"]) if name.partition(".")[2] == RETRACTION else None,
        plain=is_plain(body),
        told=bool(body.get("informant")),
    )


def is_plain(body: Mapping[str, Any]) -> bool:
    """Say whether an event says of its one person that something of its type happened, and nothing else.

    `body` is its data with tokens for what is sealed. Of a person already held, nothing in it is new but the type.
    """
    people = body.get("people", ())
    return (
        len(people) == 1
        and people[0]["role"] == "subject"
        and people[0].keys() <= WHO
        and not body.get("relationships")
        and all(_is_flat(value) for name, value in body.items() if name not in BESIDES)
    )


def _is_flat(value: object) -> bool:
    """Say whether a value is words or numbers: whatever points at an event, a person or a place is more than that."""
    if isinstance(value, list | tuple):
        return all(_is_flat(one) and not isinstance(one, list | tuple) for one in value)
    return value is None or isinstance(value, str | int | float)


def _received_at(written: str) -> datetime:
    try:
        return instant(written)
    except TimeRefused:
        raise Poison("received-at") from None


def _content_hash(event: Mapping[str, Any]) -> bytes:
    """Of canonical type, subject, time and data: two ways to write one content are one content."""
    time = event.get("time")
    try:
        written = instant(time) if time is not None else None
    except TimeRefused:
        raise Poison("schema: time-form at /time") from None
    content = (event["type"], event.get("subject"), written, event["data"])
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def _named(person: Mapping[str, Any], agency: str, event: Mapping[str, Any]) -> Named:
    # The same form of somebody comes again with every event about them.
    said = orjson.dumps({name: value for name, value in person.items() if name not in NOT_OF_THE_PERSON})
    standard, stored, digest = _standardised(agency, said)
    if not standard.reusable:
        own = (event["source"], event["id"], person["ref"])
        digest = content_hash(b"|".join((stored, *(part.encode() for part in own))))
    return Named(person["ref"], person["role"], standard, stored, digest)


@lru_cache(maxsize=50_000)
def _standardised(agency: str, said: bytes) -> tuple[Standard, bytes, bytes]:
    standard = standardise(orjson.loads(said), agency)
    stored = standard.to_json()
    return standard, stored, content_hash(stored)


def _claims(body: Mapping[str, Any]) -> Iterator[Claimed]:
    for claim in body.get("relationships", ()):
        cites = bool(claim.get("cites") or body.get("cites"))
        yield Claimed(claim["from"], claim["to"], claim["kind"], claim["status"], cites)


def _slots(body: Mapping[str, Any]) -> Iterator[Placed]:
    for person in body.get("people", ()):
        if slot := person.get("slot"):
            yield Placed(person["ref"], slot["of"], slot["relation"])


def _target(body: Mapping[str, Any], own_source: str) -> Target | None:
    """The event taken back; None where it is another agency's, which nobody else can take back."""
    retracts = body["retracts"]
    source = retracts.get("source") or own_source
    if agency_of(source) != agency_of(own_source):
        return None
    replacing = body.get("replaced_by")
    if not replacing or body["reason"] == "wrong-person" or (replacing.get("source") or own_source) != source:
        return Target(source, retracts["id"])
    return Target(source, retracts["id"], replacing["id"])


def blocking_keys(standard: Standard, tokens: Tokens) -> list[int]:
    """The stored keys of a new record, as they stand in the table."""
    return sorted({tokens.key(key) for key in keys(standard).stored})
