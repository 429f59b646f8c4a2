"""`evaluate`: a case, the rules, a directory and the time give findings, and when to look again.

Pure and stateless: no I/O, no memory, no order. The same facts and clocks give the same findings, whatever the order in
which they came; live, replay, back-test, shadow and tests all call this.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.chronology import around
from services.chronology.facts import Case, EventRef, Fact
from services.directory.model import Directory
from services.rules import lifts, recipients, text
from services.rules.compile import CompiledRule
from services.rules.episodes import Episode, Stretch, episodes, present, stretches
from services.rules.findings import (
    Anchor,
    Evaluation,
    EventPart,
    Finding,
    Incomplete,
    Judging,
    RecordPart,
    State,
    TermPart,
    Urgency,
)
from services.rules.load import SHADOW, Rules
from services.rules.situation import Judged, Part
from services.rules.standing import Standing, first_record
from services.rules.view import View
from services.rules.words import areas
from services.rules.words.times import INSTANT

WOULD_TELL: Final = "would tell"
"""Detail of a shadow rule's finding, which has no recipients: whom it would have been for, each as agency, role, ladder and
class in one line. A report of the load it would have put on desks reads it."""

Windows = Sequence[lifts.Window]
AnchorParts = tuple[RecordPart | EventPart | TermPart, ...]


def evaluate(case: Case, rules: Rules, directory: Directory, now: Judging, named: Sequence[Judged] = ()) -> Evaluation:
    """Judge one subject's case; `named` is what was found of others, in their own cases, that names the subject.

    A rule that fails is reported as incomplete and the others go on; a case too large for an honest judgement is
    incomplete as a whole. `wake_at` may lie at or before the clock while the bus is behind: it is due by `now.other`.
    """
    view = View(case, directory, now)
    view.named = [each for each in named if rules.tells_others(each.finding)]
    too_large = _too_large(view)
    if too_large is not None:
        return Evaluation((), None, (too_large,))
    findings: list[Finding] = []
    wakes: list[datetime] = []
    incomplete: list[Incomplete] = []
    watching = rules.touched.by(view.types())
    if touched := rules.settings.rules():
        watching = tuple(_as_set(rules, rule, view) if rule.id in touched else rule for rule in watching)
    windows: list[lifts.Window] = []
    for rule in (rule for rule in watching if rule.file.lifts is not None):
        try:
            opened, again = lifts.windows([rule], view, now.u1)
        except Exception as error:  # noqa: BLE001 - one rule's fault must not silence the others; it pages an operator
            incomplete.append(Incomplete(rule.id, fault_of(error)))
        else:
            windows += opened
            wakes += again
    for rule in watching:
        try:
            _judge(rule, view, windows, findings, wakes)
        except Exception as error:  # noqa: BLE001 - one rule's fault must not silence the others; it pages an operator
            incomplete.append(Incomplete(rule.id, fault_of(error)))
    soonest = min((wake for wake in wakes if wake > now.u1), default=None)
    return Evaluation(findings, min(wakes, default=None), tuple(incomplete), soonest)


def _as_set(rules: Rules, rule: CompiledRule, view: View) -> CompiledRule:
    """The rule with the values set, at this moment, for the area where its subject lives."""
    area = areas.home_area(view, view.subject)
    return rules.as_set(rule, area, view.directory.contains, view.now.clock)


def _too_large(view: View) -> Incomplete | None:
    facts = len(view.case.facts)
    if facts > around.FACTS_MAX:
        return Incomplete(None, f"the case has {facts} facts, more than {around.FACTS_MAX}")
    records = view.case.person_of
    people = len({view.person(record) for record in records}) if len(records) > around.PEOPLE_MAX else 0
    if people > around.PEOPLE_MAX:
        return Incomplete(None, f"the case has {people} people, more than {around.PEOPLE_MAX}")
    return None


def fault_of(error: BaseException) -> str:
    """The kind of an error and the place it was raised at: of the code, never of the data."""
    traceback, line = error.__traceback__, ""
    while traceback is not None:
        line = f"{traceback.tb_frame.f_code.co_qualname}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return f"{type(error).__name__}: {line}"


def _judge(rule: CompiledRule, view: View, windows: Windows, findings: list[Finding], wakes: list[datetime]) -> None:
    found = [part for leg in rule.legs for part in leg.parts(view)]
    if not found:  # as nearly always
        return
    groups: dict[object, list[Part]] = {}
    for part in found:
        groups.setdefault(part.situation.key, []).append(part)
    for parts in groups.values():
        finding = _finding(rule, view, windows, parts, wakes)
        situation = parts[0].situation
        if finding is not None and rule.file.lifts is not None:
            finding = lifts.own(finding, situation.other, rule.file.lifts, view.judged)
        if finding is not None:
            findings.append(finding)
            if rule.file.stratum == 1 and rule.file.status != SHADOW:
                view.judged.append(Judged(situation, finding))


def _finding(
    rule: CompiledRule, view: View, windows: Windows, parts: Sequence[Part], wakes: list[datetime]
) -> Finding | None:
    """Judge at the time of a U1 rule first; what turns out less urgent waits for a lagging bus as long as others do."""
    now = view.now
    made, again = _at(rule, view, windows, parts, now.u1)
    if now.other < now.u1 and (made is None or made.urgency is not Urgency.U1):
        made, again = _at(rule, view, windows, parts, now.other)
    wakes += again
    return made


def _at(
    rule: CompiledRule, view: View, windows: Windows, parts: Sequence[Part], judged: datetime
) -> tuple[Finding | None, list[datetime]]:
    """Judge with deadlines as of a time; return the finding and when time alone may change it."""
    found, wakes = _episodes(parts, judged, view.now.clock)
    if not found:
        return None, wakes
    all_stretches = stretches(found)
    standing = _standing(view, present(all_stretches), judged)
    made = _make(rule, standing, all_stretches, (windows, parts[0].situation.other))
    if made.state is State.STANDING:
        wakes += recipients.looks_again(rule.file, standing)
        wakes += [moment for _, moment in standing.steps if moment > judged]
        wakes += [moment for moment in standing.again if moment > view.now.clock]
    return made, wakes


def _episodes(parts: Sequence[Part], judged: datetime, clock: datetime) -> tuple[list[Episode], list[datetime]]:
    found: list[Episode] = []
    wakes: list[datetime] = []
    for part in parts:
        ringing, again = episodes(part, judged.__ge__, clock.__ge__)
        found += ringing
        wakes += again
    return found, wakes


def _standing(view: View, stretch: Stretch, judged: datetime) -> Standing:
    """Look at a finding now; at one that has ended as it was when that became known, for nothing later may change it."""
    closer = stretch.closer
    situation = (stretch.standing or stretch.episodes)[0].part.situation
    if closer is None:
        return Standing(view, situation, stretch, view.now.clock, judged)
    known_by = max(closer.at, closer.received, stretch.rings_at)
    standing = Standing(view, situation, stretch, min(known_by - INSTANT, view.now.clock), judged, known_by)
    then = view.as_of(known_by)
    if then is view:
        return standing
    if situation.other is not None:
        other = then.person(situation.other_record or _record(standing, situation.other))
        standing = replace(standing, situation=replace(situation, other=other))
    return replace(standing, view=then)


def _make(
    rule: CompiledRule, standing: Standing, all_stretches: Sequence[Stretch], lifting: tuple[Windows, int | None]
) -> Finding:
    stretch = standing.stretch
    closer = stretch.closer
    urgency = rule.urgency_of(standing)
    owner_alone = rule.file.uncorroborated == recipients.OWNER_ALONE and not standing.corroborated
    if owner_alone:
        urgency = max(urgency, Urgency.U2)
    urgency = lifts.lifted(lifting[0], rule, standing, lifting[1], urgency)
    standing.urgency = urgency
    told, not_reached = rule.resolve(standing)
    details = {name: tuple(detail(standing)) for name, detail in rule.details}
    if rule.file.status == SHADOW:
        details[WOULD_TELL] = tuple(f"{one.agency} {one.role} {one.ladder} {one.shown.name}" for one in told)
        told, not_reached = (), ()
    possible = any(item.possible for item in standing.items)
    live = [each for each in all_stretches if each.live]
    return Finding(
        rule=rule.id,
        major=rule.file.major,
        anchor=_anchor(rule, standing),
        state=closer.state if closer else State.STANDING,
        urgency=urgency,
        since=(live or all_stretches)[0].rings_at,
        episode_since=stretch.rings_at,
        until=closer.at if closer else None,
        ended_silently=stretch.silent,
        steps=_passed(standing, closer.at if closer else standing.judged),
        recipients=told,
        not_reached=not_reached,
        evidence=_evidence(standing),
        history_only=not stretch.live,
        corroborated=standing.corroborated,
        possible=possible,
        why=text.why(rule.file, standing, rule.values, unconfirmed=owner_alone, possible=possible) + rule.note,
        unknown=tuple(text.fill(line, standing, rule.values) for line in rule.file.text.unknown),
        would_stop=tuple(text.fill(line, standing, rule.values) for line in rule.file.text.would_stop),
        never=tuple(rule.file.never),
        details=details,
        spans=tuple((one.rings_at, one.closer.at if one.closer else None) for one in live),
    )


def _passed(standing: Standing, limit: datetime) -> tuple[datetime, ...]:
    return tuple(sorted({moment for _, moment in standing.steps if moment <= limit}))


def _evidence(standing: Standing) -> tuple[EventRef, ...]:
    """What it rests on and what ended it, in an order that says nothing of arrival."""
    closers = [episode.closer for episode in standing.stretch.episodes if episode.closer is not None]
    facts: dict[EventRef, Fact] = {}
    for item in standing.items:
        facts.update({fact.ref: fact for fact in (*item.facts, *item.grounds)})
    for closer in closers:
        facts.update({fact.ref: fact for fact in closer.facts})
    ordered = sorted(facts.values(), key=lambda fact: fact.order)
    return tuple(fact.ref for fact in ordered)


def _anchor(rule: CompiledRule, standing: Standing) -> Anchor:
    situation = standing.situation
    made: dict[str, Callable[[], AnchorParts]] = {
        "event": lambda: (EventPart(situation.event.ref),) if situation.event else (),
        "subject": lambda: (RecordPart(_record(standing, situation.subject)),),
        "other": lambda: _other(standing),
        "term": lambda: (TermPart(situation.term),) if situation.term is not None else (),
    }
    return Anchor(tuple(part for name in rule.file.anchor for part in made[name]()))


def _other(standing: Standing) -> AnchorParts:
    situation = standing.situation
    if situation.other is None:
        return ()
    pinned = situation.other_record
    return (RecordPart(pinned if pinned is not None else _record(standing, situation.other)),)


def _record(standing: Standing, person: int) -> int:
    """The record of the person's earliest-received mention in the evidence: chosen by content, whatever came first."""
    event = standing.situation.event
    reported = [fact for item in standing.items for fact in item.facts] if event is None else [event]
    grounds = [fact for item in standing.items for fact in item.grounds]
    return first_record(standing.view, reported, person) or first_record(standing.view, grounds, person) or person
