"""The tests that stand in rule files: events in short form, and what the rule must do about them, to the minute.

    given:
      - {at: 2024-03-01T10:00, id: e1, from: police-north, type: police.message.reported,
         people: [S subject, A at-risk, {ref: U, role: partner, slot: {of: S, relation: partner}}],
         relationships: [{from: S, to: A, kind: partner, status: reported}], data: {channel: "07700 900300"}}
    until: 2024-04-01T00:00
    expect:
      - {at: 2024-03-01T10:00, what: raised, anchor: [S, A], urgency: U2, to: {police-north: D2}}

What a person decides about who is who is `{at: ..., decide: same, one: [e1, S], other: [e2, P]}`: an event and a ref each.

`at` is London time and stands for received, recorded, known and occurred unless those are given. People are of
cast.yaml by their letter. `role S: police-lead police-north` events need no type: `{at, lead: police-lead, of: S, held_by:
police-north}`. What is expected are *all* changes of the rule that anybody is told of as raised, reopened, risen, answered,
lapsed or withdrawn; steps, changed recipients and updates are compared only if the test lists one of that word.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from schemas import registry
from schemas.problems import Refused
from services.alerts.state import AlertState, Change, Kind
from services.chronology.facts import EventRef
from services.directory.model import Directory, from_mapping
from services.rules.findings import Anchor, EventPart, RecordPart, TermPart
from services.rules.load import load_catalogue, release
from services.rules.model import RuleFile
from services.rules.model import Test as RuleTest
from services.tokens import Tokens
from services.trial.run import Said, Trial, run, run_unordered
from services.trial.world import TRIAL_KEY, Arrival

HERE: Final = Path(__file__).parent
LONDON: Final = ZoneInfo("Europe/London")
ALWAYS: Final = frozenset({"raised", "reopened", "risen", "answered", "lapsed", "withdrawn"})
"""Changes a test must list if they happen."""
ORDERS: Final = 24
"""Orders of arrival an any-order test tries when it says `all` and there are more: enough for every pair to swap often."""
QUIET_YEAR: Final = timedelta(days=366)
"""A test without `until` runs this long after its last event: longer than any window of the catalogue."""


def check(rule: RuleFile, test: RuleTest) -> list[str]:
    """Run one test; return what differs, in words. Empty: it passes."""
    # A shadow rule is tested as what it would say if it were live.
    judged = rule.model_copy(update={"status": "live"})
    rules = release([judged, *(load_catalogue().rule(other).file for other in test.beside)])
    directory = _directory(test)
    arrivals = [arrival_of(given, n) for n, given in enumerate(test.given, 1) if "decide" not in given]
    said = [_said(given, arrivals) for given in test.given if "decide" in given]
    refused = [fault for arrival in arrivals for fault in _refused(arrival)]
    if refused:
        return refused
    until = _time(test.until) if test.until else max(a.received_at for a in arrivals) + QUIET_YEAR
    trial = run(sorted(arrivals, key=lambda a: a.received_at), rules, directory, until=until, said=said)
    faults = [f"incomplete: {one.rule}: {one.reason}" for _, one in trial.incomplete]
    faults += _differences(trial, rule, test)
    if test.permute is not None:
        faults += _orders(trial, arrivals, until, test.permute, said)
    return faults


def _directory(test: RuleTest) -> Directory:
    if isinstance(test.directory, Mapping):
        return _read_directory(test.directory)
    return default_directory()


@cache
def default_directory() -> Directory:
    """Return the directory of the tests that name none."""
    return _read_directory(yaml.safe_load((HERE / "directory.yaml").read_text("utf-8")))


def _read_directory(mapping: Mapping[str, Any]) -> Directory:
    tokens = Tokens(TRIAL_KEY)
    return from_mapping(mapping, phone_token=tokens.phone)


@cache
def _cast() -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "cast.yaml").read_text("utf-8"))
    return found


def arrival_of(given: Mapping[str, Any], n: int) -> Arrival:
    """Return the nth event of a test as it would be posted."""
    at = _time(given["at"])
    agency = given.get("from") or given["held_by"]
    kind, people, fields = _what(given, agency)
    written = at.isoformat()
    data = {
        "occurred": given.get("occurred", given.get("known", written)),
        "known_at": given.get("known", written),
        "recorded_at": given.get("recorded", written),
        "people": [_person(person) for person in people],
        "handling": {"code": "P", "purpose": "safeguarding", "legal_basis": "CA2004-s10", "regime": "uk-gdpr"},
        **{
            name: given[name]
            for name in ("relationships", "grade", "informant", "recorded_by", "cites")
            if name in given
        },
        **fields,
    }
    for clock in ("occurred", "known_at", "recorded_at"):
        data[clock] = _written(data[clock])
    source = f"urn:tocsin:agency:{agency}"
    event = {"specversion": "1.0", "source": source, "id": given.get("id", f"e{n}"), "type": f"{kind}.v1", "data": data}
    return Arrival(event, at, history=bool(given.get("history")))


def _said(given: Mapping[str, Any], arrivals: Sequence[Arrival]) -> Said:
    """What a person decides, the two named by the id of an event and a ref in it."""
    source = {arrival.event["id"]: arrival.event["source"] for arrival in arrivals}
    one, other = ((EventRef(source[event], event), ref) for event, ref in (given["one"], given["other"]))
    return Said(_time(given["at"]), given["decide"], one, other)


def _what(given: Mapping[str, Any], agency: str) -> tuple[str, Sequence[Any], Mapping[str, Any]]:
    """Type, people and fields; a lead role in short is spelt out."""
    if "lead" not in given:
        return given["type"], given.get("people", ()), given.get("data", {})
    sector = default_directory().sector(agency)
    happened, clock = ("ended", "ends") if given.get("ended") else ("started", "starts")
    fields = {"role": given["lead"], clock: _time(given["at"]).isoformat()}
    return f"{sector}.lead-role.{happened}", [f"{given['of']} subject"], fields


def _written(when: object) -> object:
    """A clock in short form: London time without a zone gets one; intervals and partial dates stay as they are."""
    if isinstance(when, Mapping):
        return {name: _written(value) for name, value in when.items()}
    if isinstance(when, str) and "T" in when and "+" not in when and not when.endswith("Z"):
        return _time(when).isoformat()
    return when


def _person(person: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if isinstance(person, str):
        ref, role = person.split()
        return {"ref": ref, "role": role, **_cast()[ref]}
    known = _cast().get(person["ref"], {}) if person.get("as_cast") else {}
    return {**known, **{name: value for name, value in person.items() if name != "as_cast"}}


def _time(written: object) -> datetime:
    at = written if isinstance(written, datetime) else datetime.fromisoformat(str(written))
    return at if at.tzinfo else at.replace(tzinfo=LONDON)


def _refused(arrival: Arrival) -> Iterator[str]:
    try:
        registry.parse(arrival.event["type"], arrival.event["data"], history=arrival.history)
    except Refused as refused:
        for problem in refused.problems:
            yield f"{arrival.event['id']}: {problem.path}: {problem.fix}"


# What happened, against what was expected


def _differences(trial: Trial, rule: RuleFile, test: RuleTest) -> list[str]:
    listed = ALWAYS | {str(expected["what"]) for expected in test.expect}
    happened = [
        _happened(trial, change, kind)
        for change in trial.log
        if change.after.rule == rule.id
        for kind in change.kinds
        if kind in listed and not (change.silent and kind is not Kind.RECIPIENTS)
    ]
    wanted = [_wanted(expected) for expected in test.expect if not expected.get("silent")]
    faults = []
    for want in wanted:
        match = next((one for one in happened if all(one.get(name) == value for name, value in want.items())), None)
        if match is None:
            near = [one for one in happened if one["what"] == want["what"]]
            faults.append(f"expected {want}, but there was {near or 'nothing of that kind'}")
        else:
            happened.remove(match)
    return faults + [f"not expected: {one}" for one in happened]


def _happened(trial: Trial, change: Change, kind: Kind) -> dict[str, object]:
    present = {agency: state for agency, state in change.after.recipients.items() if state.present}
    return {
        "at": change.at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M"),
        "what": str(kind),
        "anchor": _anchor(trial, change.after.finding.anchor),
        "urgency": change.after.urgency.name,
        "to": {agency: state.recipient.shown.name for agency, state in present.items()},
    }


def _wanted(expected: Mapping[str, Any]) -> dict[str, object]:
    want = {name: expected[name] for name in ("what", "urgency", "to") if name in expected}
    want["at"] = _time(expected["at"]).strftime("%Y-%m-%dT%H:%M")
    if "anchor" in expected:
        want["anchor"] = tuple(expected["anchor"])
    return want


def _anchor(trial: Trial, anchor: Anchor) -> tuple[str, ...]:
    """An anchor in the words of a test: refs of the cast, ids of events, terms."""
    persons = trial.world.settled().person_of
    words = []
    for part in anchor.parts:
        match part:
            case RecordPart(record):
                words.append(_ref(trial, persons.get(record, record)))
            case EventPart(event):
                words.append(event.id)
            case TermPart(term):
                words.append(term)
    return tuple(words)


def _ref(trial: Trial, person: int) -> str:
    persons = trial.world.settled().person_of
    refs = {
        mention.ref
        for fact in trial.world.facts.values()
        for mention in fact.mentions
        if persons.get(mention.record, mention.record) == person
    }
    return min(refs, key=lambda ref: (ref not in _cast(), ref))


# Whatever the order


def _orders(
    trial: Trial, arrivals: Sequence[Arrival], until: datetime, permute: int | str, said: Sequence[Said]
) -> list[str]:
    """The same facts in other orders, each sent twice, must leave the same findings."""
    rules, directory = trial.rules, trial.directory
    first = outcome(run_unordered(arrivals, rules, directory, until=until, said=said))
    faults = []
    for n, order in enumerate(_permutations(arrivals, permute)):
        other = outcome(run_unordered([*order, *reversed(order)], rules, directory, until=until, said=said))
        if other != first:
            faults.append(f"order {n} of arrival ends in {sorted(other ^ first)}")
    return faults


def _permutations(arrivals: Sequence[Arrival], permute: int | str) -> Iterator[Sequence[Arrival]]:
    few = 4  # 4! = 24 orders are all of them
    if permute == "all" and len(arrivals) <= few:
        yield from itertools.permutations(arrivals)
        return
    shuffler = random.Random(len(arrivals))
    for _ in range(ORDERS if permute == "all" else int(permute)):
        yield shuffler.sample(list(arrivals), len(arrivals))


def outcome(trial: Trial) -> set[tuple[object, ...]]:
    """Every finding that stands or was answered, in words that do not depend on the order of arrival."""
    return {_told(trial, alert) for alert in trial.alerts.values() if alert.joined_to is None}


def _told(trial: Trial, alert: AlertState) -> tuple[object, ...]:
    finding = alert.finding
    return (
        finding.rule,
        _anchor(trial, finding.anchor),
        finding.state.value,
        finding.urgency.name,
        finding.since.isoformat(),
        finding.episode_since.isoformat(),
        finding.until.isoformat() if finding.until else "",
        tuple(sorted((r.agency, r.shown.name) for r in finding.recipients)),
        tuple(step.isoformat() for step in finding.steps),
    )
