"""The outcome as JSON, for machines. `deploy/cases/outcome.schema.json` is made from these models.

Stable: fields are added and never change their meaning. Times are local minutes, as in the case file.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from deploy.cases.load import FOLDER, Case, CaseRefused
from deploy.cases.words import Part
from deploy.replay import outcome as observed
from deploy.replay.compare import expected_in, matched, minute
from deploy.replay.outcome import Observed, Outcome

FILE: Final = FOLDER / "outcome.schema.json"

Minute = Annotated[str, BeforeValidator(minute)]
"""`2013-04-02 10:40`, local."""

AlertId = Annotated[str, BeforeValidator(str)]


class _Seen(Part):
    """Taken field by field from what `deploy.replay.outcome` calls by the same names."""

    model_config = ConfigDict(from_attributes=True)


class Moment(_Seen):
    """An alert as it stood at the end of a minute in which something happened to it."""

    at: Minute
    kinds: Annotated[list[str], BeforeValidator(sorted)]
    """raised, reopened, risen, stepped, answered, lapsed, withdrawn, superseded, joined, resumed, recipients, updated."""
    condition: str
    """standing, answered, lapsed, withdrawn or superseded."""
    urgency: str
    to: dict[str, str]
    """Agency by its short name -> class, D1 to D3."""
    would_tell: dict[str, str] = Field(default_factory=dict)
    """Of a rule on trial, which tells nobody: whom it would tell if it were adopted, and how much."""
    until: Minute | None
    """When it ended, by the clock of what ended it."""
    joined_to: AlertId | None
    """The alert it has become part of."""
    quiet: bool
    """Nobody is told."""


class Alert(Part):
    """One alert and its whole story."""

    alert: AlertId
    expected: str | None
    """The `ref` of the expectation it was taken for."""
    rule: str
    shadow: bool
    """Of a rule on trial: it told nobody, and is compared only with expectations that name its rule."""
    anchor: list[list[str]]
    """For each part: a person by every ref of the cast their record goes by, a row, or a term."""
    rang: Minute | None
    """When somebody was first told. None: nobody was."""
    would_have_rung: Minute | None = None
    """Of a rule on trial: when somebody would have been."""
    ended: Minute | None
    """When it was told that the first ringing had ended."""
    never: list[str]
    why: str
    moments: list[Moment]


class Ring(_Seen):
    """One rung of one agency's ladder."""

    alert: AlertId
    agency: str
    rung: int
    desks: list[str]
    urgency: str
    at: Minute
    closed_at: Minute | None
    closed_why: str | None


class Acknowledgement(_Seen):
    """Who took an alert on."""

    alert: AlertId
    agency: str
    desk: str
    actor: str
    version: int
    action: str | None
    at: Minute


class Replayed(Part):
    """What `tocsin replay --json` prints when a case was played. Exit status 0: no differences; 1: some."""

    format: Literal[1] = 1
    case: str
    variant: str
    seconds: float
    differences: list[str]
    """Everything that was otherwise than the case expects, and every leak, in words. Empty: as expected."""
    missing: list[str]
    """Expectations (`ref`) for which nothing rang."""
    alerts: list[Alert]
    rings: list[Ring]
    acknowledgements: list[Acknowledgement]
    final: list[list[str]]
    """Rule, anchor and condition of all that stands or was answered at the end, whatever the order of arrival."""


class Fault(Part):
    """One thing wrong with a case file."""

    line: int
    reason: str


class NotPlayed(Part):
    """What it prints when a case was not played. Exit status 2: the file or a choice is wrong; 3: it could not be finished;
    130: it was stopped by Ctrl-C; 0: it was only to be checked, and nothing is wrong.

    `refused`: what is wrong in the file. `failed`: any other reason.
    """

    format: Literal[1] = 1
    case: str
    refused: list[Fault] = Field(default_factory=list)
    failed: str | None = None


def document(case: Case, outcome: Outcome, differences: Sequence[str], *, seconds: float) -> dict[str, Any]:
    """Return the whole outcome."""
    expected = expected_in(case, outcome.label)
    found = matched(expected, outcome.alerts)
    refs = {alert.alert: ref for ref, alert in found.items()}
    replayed = Replayed(
        case=case.case,
        variant=outcome.label,
        seconds=round(seconds, 1),
        differences=list(differences),
        missing=[wanted.ref for wanted in expected if wanted.ref not in found],
        alerts=[_alert(alert, refs.get(alert.alert)) for alert in outcome.alerts],
        rings=outcome.rings,
        acknowledgements=outcome.acknowledgements,
        final=final(outcome),
    )
    return replayed.model_dump(mode="json")


def refusal(case: str, refused: CaseRefused) -> str:
    """Return why a case file was refused, as JSON."""
    faults = [Fault(line=line, reason=reason) for line, reason in refused.problems]
    return NotPlayed(case=case, refused=faults).model_dump_json(indent=2)


def right(case: str) -> str:
    """Return that a case file has nothing wrong and was not to be played, as JSON."""
    return NotPlayed(case=case).model_dump_json(indent=2)


def failure(case: str, reason: str) -> str:
    """Return why a replay could not be brought to its end, as JSON."""
    return NotPlayed(case=case, failed=reason).model_dump_json(indent=2)


def final(outcome: Outcome) -> list[list[str]]:
    """Return the set of findings that stand or were answered at the end, in an order that does not depend on theirs.

    People are named by all refs of all their records, because which record an anchor hangs on depends on what came first.
    """
    found = [
        [
            alert.rule,
            " + ".join(sorted("/".join(sorted(part.person_names or part.names)) for part in alert.anchor)),
            alert.moments[-1].condition,
        ]
        for alert in outcome.alerts
        if not alert.shadow
        and alert.moments[-1].joined_to is None
        and alert.moments[-1].condition in {"standing", "answered"}
    ]
    return sorted(found)


def _alert(alert: Observed, ref: str | None) -> Alert:
    raised, ended = alert.raised, alert.ended
    return Alert(
        alert=alert.alert,
        expected=ref,
        rule=alert.rule,
        shadow=alert.shadow,
        anchor=[sorted(part.names) for part in alert.anchor],
        rang=raised.at if raised and not alert.shadow else None,
        would_have_rung=raised.at if raised and alert.shadow else None,
        ended=ended.at if ended else None,
        never=list(alert.never),
        why=alert.why,
        moments=[_untold(moment) for moment in alert.moments] if alert.shadow else alert.moments,
    )


def _untold(moment: observed.Moment) -> Moment:
    """Of a rule on trial: whom it would tell, and that it tells nobody."""
    seen = Moment.model_validate(moment)
    return seen.model_copy(update={"to": {}, "would_tell": seen.to})


def schema_text() -> str:
    """Return the JSON Schema of what is printed, as it is committed."""
    played, not_played = Replayed.model_json_schema(), NotPlayed.model_json_schema()
    definitions = {**played.pop("$defs"), **not_played.pop("$defs"), "Replayed": played, "NotPlayed": not_played}
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tocsin replay outcome",
        "oneOf": [{"$ref": "#/$defs/Replayed"}, {"$ref": "#/$defs/NotPlayed"}],
        "$defs": definitions,
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def publish() -> Path:
    """Write the schema to its place and return that."""
    FILE.write_text(schema_text(), encoding="utf-8")
    return FILE
