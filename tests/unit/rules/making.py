"""Facts, cases and small rules in short form, for tests of words and kinds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from services.calendar import LONDON
from services.chronology.facts import Case, EventRef, Fact, Interval, Join, Mention, Relation, Slot
from services.directory.model import Directory, from_mapping
from services.rules.evaluate import evaluate
from services.rules.findings import Evaluation, Judging
from services.rules.load import Rules, release
from services.rules.model import RuleFile
from services.rules.view import View

DIRECTORY: Directory = from_mapping(
    yaml.safe_load((Path(__file__).parents[3] / "services" / "trial" / "directory.yaml").read_text("utf-8")),
    phone_token=lambda number: number,
)
UNKNOWN = Interval(None, None)
RECORDS: dict[str, int] = {}
"""Ref -> record; every ref is one person with one record, whose person has the same number."""


def record(ref: str) -> int:
    return RECORDS.setdefault(ref, 101 + len(RECORDS))


def at(text: str) -> datetime:
    """London time, `03-04T10:00` being of 2024."""
    return datetime.fromisoformat(text if len(text) > 11 else f"2024-{text}").replace(tzinfo=LONDON).astimezone(UTC)


def person(text: str | tuple[str, Mapping[str, Any]], slot: Slot | None = None) -> Mention:
    said, body = text if isinstance(text, tuple) else (text, {})
    ref, role = said.split()
    return Mention(ref, role, record(ref), {"names": [{"family": ref}], **body}, slot)


def unnamed(ref: str, of: str, relation: str = "partner", event: str = "", **stated: Any) -> Mention:
    """A placeholder: its record is its own in each event."""
    period = Interval(stated.pop("since", None), stated.pop("until", None))
    return Mention(ref, relation, record(f"{ref}@{event}"), {}, Slot(of, relation, period, stated))


def claim(text: str, status: str = "reported", grade: str | None = None, **body: Any) -> Relation:
    """`S-A partner`: a claim from S to A."""
    pair, kind = text.split()
    one, other = pair.split("-")
    return Relation(one, other, kind, status, UNKNOWN, UNKNOWN, grade, body)


def fact(
    name: str,
    kind: str,
    when: str,
    people: Sequence[Any] = ("S subject",),
    claims: Iterable[Relation] = (),
    *,
    by: str = "police-north",
    occurred: Interval | None = None,
    recorded: str | None = None,
    received: str | None = None,
    history: bool = False,
    grade: str | None = None,
    informant: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Fact:
    known = at(when)
    recorded_at = at(recorded) if recorded else known
    received_at = at(received) if received else recorded_at
    return Fact(
        key=record(f"event {name}"),
        ref=EventRef(f"urn:tocsin:agency:{by}", name),
        agency=by,
        type=kind,
        version=1,
        occurred=occurred or Interval(known, known),
        known_at=known,
        recorded_at=recorded_at,
        received_at=received_at,
        taken_at=received_at,
        history=history,
        grade=grade,
        informant=informant,
        fields=fields,
        mentions=tuple(each if isinstance(each, Mention) else person(each) for each in people),
        relations=tuple(claims),
    )


def case(*facts: Fact, subject: str = "S", joins: Sequence[Join] = (), same: Mapping[str, str] | None = None) -> Case:
    """A case of these facts; `same` makes one ref the person of another."""
    merged = {record(one): record(other) for one, other in (same or {}).items()}
    records = {mention.record for each in facts for mention in each.mentions}
    records |= {join.person_record for join in joins}
    return Case(record(subject), facts, {each: merged.get(each, each) for each in records}, joins)


def view(*facts: Fact, now: str = "12-31T00:00", **options: Any) -> View:
    return View(case(*facts, **options), DIRECTORY, Judging.at(at(now)))


def rule(**said: Any) -> RuleFile:
    """A small rule, all the rest filled in."""
    filled: dict[str, Any] = {
        "id": "R99",
        "name": "trial",
        "version": "1.0.0",
        "status": "live",
        "owner": "tests",
        "why": "A rule of the tests, which answers no review but ours.",
        "purpose": "safeguarding",
        "legal_basis": ["CA2004-s10"],
        "subject": "somebody",
        "watches": ["*"],
        "hops": 1,
        "clock": "known",
        "anchor": ["subject"],
        "urgency": [{"level": "U2"}],
        "uncorroborated": "rings at its own urgency",
        "to": [{"role": "police-lead", "shown": "D1"}],
        "text": {"why": "it happened"},
    }
    return RuleFile.model_validate(filled | said)


def judged(
    file: RuleFile, *facts: Fact, now: str = "12-31T00:00", judging: Judging | None = None, **options: Any
) -> Evaluation:
    rules: Rules = release([file])
    found = evaluate(case(*facts, **options), rules, DIRECTORY, judging or Judging.at(at(now)))
    assert not found.incomplete, found.incomplete
    return found
