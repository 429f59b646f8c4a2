"""A stored event as a fact: the one place where a body becomes what rules see.

Used by the case load, by the trial in memory and by tests, so that all three show rules the same thing. Bodies were
accepted by their model before they were stored; nothing is validated here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from schemas.clocks import UNKNOWN, Span, span
from services.chronology.facts import EventRef, Fact, Interval, Mention, Relation, Slot

NOT_FIELDS: Final = frozenset(
    {"occurred", "known_at", "recorded_at", "people", "relationships", "grade", "informant", "handling"}
)
"""Parts of the data that have a place of their own in a fact, or that bind views and not rules."""

_NO_INTERVAL: Final = Interval(None, None)


class Stored(NamedTuple):
    """The columns of an event beside its body."""

    key: int
    source: str
    id: str
    type: str
    version: int
    agency: str
    history: bool
    occurred: Interval
    known_at: datetime
    recorded_at: datetime
    received_at: datetime
    taken_at: datetime


def stored_of(row: Any) -> Stored:  # noqa: ANN401 - a database record, or its like
    """The columns, off a row that has them by name."""
    return Stored(
        key=row["event_key"],
        source=row["source"],
        id=row["id"],
        type=row["type"],
        version=row["version"],
        agency=row["agency"],
        history=row["history"],
        occurred=Interval(row["occurred_earliest"], row["occurred_latest"]),
        known_at=row["known_at"],
        recorded_at=row["recorded_at"],
        received_at=row["received_at"],
        taken_at=row["taken_at"],
    )


def fact(stored: Stored, body: Mapping[str, Any], record_of: Mapping[str, int]) -> Fact:
    """Make the fact of an event; `record_of` gives the record of each ref in its `people`."""
    return Fact(
        key=stored.key,
        ref=EventRef(stored.source, stored.id),
        agency=stored.agency,
        type=stored.type,
        version=stored.version,
        occurred=stored.occurred,
        known_at=stored.known_at,
        recorded_at=stored.recorded_at,
        received_at=stored.received_at,
        taken_at=stored.taken_at,
        history=stored.history,
        grade=body.get("grade"),
        informant=body.get("informant"),
        fields={name: value for name, value in body.items() if name not in NOT_FIELDS},
        mentions=tuple(_mention(person, record_of[person["ref"]]) for person in body.get("people", ())),
        relations=tuple(_relation(claim) for claim in body.get("relationships", ())),
        held=(body.get("handling") or {}).get("code") == "C",
    )


def clocks(body: Mapping[str, Any], received_at: datetime) -> tuple[Interval, datetime, datetime]:
    """Return occurred, known_at and recorded_at of event data; of an interval known or recorded the latest end counts.

    Nobody passes on what they do not know yet: a sender's clock that is ahead, or a wrong year, must not put an alert off until
    then. So neither counts as later than the event was received.
    """
    known, recorded = span(body["known_at"]).latest, span(body["recorded_at"]).latest
    if known is None or recorded is None:
        raise ValueError("known_at and recorded_at have a latest end")
    return _interval(body.get("occurred")), min(known, received_at), min(recorded, received_at)


def _mention(person: Mapping[str, Any], record: int) -> Mention:
    slot = person.get("slot")
    return Mention(
        ref=person["ref"],
        role=person["role"],
        record=record,
        body=person,
        slot=_slot(person, slot) if slot is not None else None,
    )


def _slot(person: Mapping[str, Any], slot: Mapping[str, Any]) -> Slot:
    since, until = _interval(slot.get("since")), _interval(slot.get("until"))
    return Slot(
        subject_ref=slot["of"],
        relation=slot["relation"],
        period=Interval(since.earliest, until.latest),
        stated=_stated(person),
    )


def _stated(person: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of somebody nobody named. Tokens stand for what is sealed."""
    workplace = person.get("workplace") or {}
    stated: dict[str, Any] = {
        "workplace": _token(workplace.get("name") or workplace.get("dwelling")),
        "dwelling": next((_token(a.get("dwelling")) for a in person.get("addresses", ()) if a.get("dwelling")), None),
        "phone": next((_token(phone) for phone in person.get("phones", ())), None),
        "given": next((name["given"] for name in person.get("names", ()) if name.get("given")), None),
        "born": person.get("born"),
        "sex": person.get("sex"),
        "children": (person.get("children") or {}).get("count"),
    }
    return {name: value for name, value in stated.items() if value is not None}


def _token(sealed: Mapping[str, str] | str | None) -> str | None:
    return sealed["token"] if isinstance(sealed, Mapping) else sealed


def _relation(claim: Mapping[str, Any]) -> Relation:
    return Relation(
        from_ref=claim["from"],
        to_ref=claim["to"],
        kind=claim["kind"],
        status=claim["status"],
        since=_interval(claim.get("since")),
        until=_interval(claim.get("until")),
        grade=claim.get("grade"),
        body=claim,
    )


def _interval(written: object) -> Interval:
    if written is None:
        return _NO_INTERVAL
    read: Span = span(written)
    return _NO_INTERVAL if read == UNKNOWN else Interval(read.earliest, read.latest)
