"""Findings and anchors as JSON, as they lie in the database: written by the evaluator, read back unchanged."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from services.chronology.facts import EventRef
from services.rules.findings import (
    Anchor,
    Disclosure,
    EventPart,
    Finding,
    Recipient,
    RecordPart,
    Spans,
    State,
    TermPart,
    Urgency,
)

Json = Mapping[str, Any]


def anchor_parts(anchor: Anchor) -> list[list[Any]]:
    """Return the anchor as lists: ["record", 7], ["event", source, id], ["term", "LIC-2"]."""
    parts: list[list[Any]] = []
    for part in anchor.parts:
        match part:
            case RecordPart(record):
                parts.append(["record", record])
            case EventPart(event):
                parts.append(["event", event.source, event.id])
            case TermPart(term):
                parts.append(["term", term])
    return parts


def anchor_of(parts: Sequence[Sequence[Any]]) -> Anchor:
    """Read what `anchor_parts` wrote."""
    return Anchor(tuple(_part(part) for part in parts))


def _part(part: Sequence[Any]) -> RecordPart | EventPart | TermPart:
    kind, *rest = part
    if kind == "record":
        return RecordPart(rest[0])
    return EventPart(EventRef(*rest)) if kind == "event" else TermPart(rest[0])


def anchor_records(anchor: Anchor) -> list[int]:
    """Return the records an anchor hangs on."""
    return [part.record for part in anchor.parts if isinstance(part, RecordPart)]


def finding_json(finding: Finding) -> str:
    """Return a finding as JSON text."""
    return orjson.dumps(
        {
            "rule": finding.rule,
            "major": finding.major,
            "anchor": anchor_parts(finding.anchor),
            "state": finding.state,
            "urgency": finding.urgency,
            "since": finding.since,
            "episode_since": finding.episode_since,
            "until": finding.until,
            "ended_silently": finding.ended_silently,
            "steps": finding.steps,
            "recipients": [[r.agency, r.role, r.ladder, r.shown] for r in finding.recipients],
            "not_reached": finding.not_reached,
            "evidence": [list(ref) for ref in finding.evidence],
            "history_only": finding.history_only,
            "corroborated": finding.corroborated,
            "possible": finding.possible,
            "why": finding.why,
            "unknown": finding.unknown,
            "would_stop": finding.would_stop,
            "never": finding.never,
            "details": dict(finding.details),
            "spans": finding.spans,
        }
    ).decode()


def finding_of(said: Json) -> Finding:
    """Read what `finding_json` wrote, already parsed."""
    return Finding(
        rule=said["rule"],
        major=said["major"],
        anchor=anchor_of(said["anchor"]),
        state=State(said["state"]),
        urgency=Urgency(said["urgency"]),
        since=datetime.fromisoformat(said["since"]),
        episode_since=datetime.fromisoformat(said["episode_since"]),
        until=moment(said["until"]),
        ended_silently=said["ended_silently"],
        steps=tuple(datetime.fromisoformat(step) for step in said["steps"]),
        recipients=tuple(
            Recipient(a, role, ladder, Disclosure(shown)) for a, role, ladder, shown in said["recipients"]
        ),
        not_reached=tuple(said["not_reached"]),
        evidence=tuple(EventRef(*ref) for ref in said["evidence"]),
        history_only=said["history_only"],
        corroborated=said["corroborated"],
        possible=said["possible"],
        why=said["why"],
        unknown=tuple(said["unknown"]),
        would_stop=tuple(said["would_stop"]),
        never=tuple(said["never"]),
        details={name: tuple(values) for name, values in said["details"].items()},
        spans=_spans(said),
    )


def _spans(said: Json) -> Spans:
    """When it stood; of what was written before this was kept, its last time."""
    last = [] if said["history_only"] else [(said["episode_since"], said["until"])]
    return tuple((datetime.fromisoformat(start), moment(end)) for start, end in said.get("spans", last))


def moment(written: str | None) -> datetime | None:
    """Read an optional instant."""
    return None if written is None else datetime.fromisoformat(written)


def text(value: object) -> str:
    """Return any of these as JSON text."""
    return orjson.dumps(value).decode()
