"""What would ring if two people were one: the rules over cases that do not exist. Pure.

Both are put together in every case that holds either of them: their own, and those of everybody around them, whose case a
rule about a couple may be. What stands then and does not stand now is the risk of leaving the item undecided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.chronology.facts import Case, Fact, Join
from services.directory.model import Directory
from services.rules.evaluate import evaluate
from services.rules.findings import Finding, Judging, State, Urgency
from services.rules.load import Rules
from services.rules.people import People

AHEAD: Final = timedelta(days=1)
"""A rule whose time runs out within a day of the decision counts as one that rings with it: R09 rings after an hour."""

FACTS_WEIGHED_MAX: Final = 20_000
"""Facts over all the cases together; a thousand cost some 10 ms. Beyond it the risk is not known."""

_LEAST: Final = 5
"""Less urgent than any urgency."""

Key = tuple[str, int, tuple[str, ...]]
"""Rule, subject and anchor, as they would be."""


@dataclass(frozen=True, slots=True)
class Two:
    """A record and the person it may be."""

    record: int
    candidate: int
    one: int
    """Present person of the record."""
    other: int
    unnamed: bool
    """The record is a placeholder or an unnamed sender, which a decision joins."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What accepting would ring."""

    urgency: Urgency | None = None
    rules: tuple[str, ...] = ()
    known: bool = True
    """It could be worked out."""


UNKNOWN: Final = Risk(known=False)


def would_ring(two: Two, cases: Mapping[int, Case], rules: Rules, directory: Directory, clock: datetime) -> Risk:
    """Say what would ring now or within a day if the two were one; `cases` are theirs and those of all around them."""
    joined = {person: as_one(case, two, cases, clock) for person, case in cases.items() if person != two.one}
    if sum(len(case.facts) for case in joined.values()) > FACTS_WEIGHED_MAX:
        return UNKNOWN
    worst: dict[str, Urgency] = {}
    for moment in (clock, clock + AHEAD):
        then = _standing(joined.values(), joined, two, rules, directory, moment)
        if then is None:
            return UNKNOWN
        if not then:
            continue
        now = _standing(cases.values(), joined, two, rules, directory, moment)
        if now is None:
            return UNKNOWN
        for key, urgency in then.items():
            if urgency < now.get(key, _LEAST):
                worst[key[0]] = min(urgency, worst.get(key[0], urgency))
    return Risk(min(worst.values(), default=None), tuple(sorted(worst)))


def as_one(case: Case, two: Two, cases: Mapping[int, Case], at: datetime) -> Case:
    """A case as it would be if the two were one person. Theirs is that of both; others gain what is known of either."""
    subject = _now(case.subject, two)
    parts = [cases[two.one], cases[two.other]] if subject == two.other else [case]
    facts = {fact.key: fact for part in parts for fact in part.facts}
    for each in (two.one, two.other):
        facts |= {fact.key: fact for fact in cases[each].facts if _names(fact, each, cases[each].person_of)}
    before = {record: person for each in cases.values() for record, person in each.person_of.items()}
    records = {mention.record for fact in facts.values() for mention in fact.mentions}
    joins = {join.slot_record: join for each in cases.values() for join in each.joins if join.slot_record in records}
    if two.unnamed:
        own = [record for record in records if before.get(record, record) == two.one]
        joins |= {record: Join(record, two.candidate, at, "decided by a person", ()) for record in own}
    return Case(
        subject=subject,
        facts=tuple(facts[key] for key in sorted(facts)),
        person_of={record: _now(before.get(record, record), two) for record in records},
        joins=tuple(joins.values()),
    )


def _now(person: int, two: Two) -> int:
    return two.other if person == two.one else person


def _names(fact: Fact, person: int, person_of: Mapping[int, int]) -> bool:
    return any(person_of.get(mention.record) == person for mention in fact.mentions)


def _standing(
    cases: Iterable[Case], joined: Mapping[int, Case], two: Two, rules: Rules, directory: Directory, moment: datetime
) -> dict[Key, Urgency] | None:
    """Urgency of every finding that stands, by what it would be if the two were one. None: a case cannot be judged."""
    found: dict[Key, Urgency] = {}
    for case in cases:
        judged = evaluate(case, rules, directory, Judging.at(moment))
        subject = _now(case.subject, two)
        if judged.incomplete and (subject == two.other or any(one.rule for one in judged.incomplete)):
            return None
        eyes = People.of(joined[subject])
        for finding in judged.findings:
            if _rings(finding) and finding.rule not in rules.shadow:
                key = _key(finding, subject, eyes, two)
                found[key] = min(finding.urgency, found.get(key, finding.urgency))
    return found


def _key(finding: Finding, subject: int, eyes: People, two: Two) -> Key:
    return finding.rule, subject, finding.anchor.key(lambda record: _now(eyes.person(record), two))


def _rings(finding: Finding) -> bool:
    return finding.state is State.STANDING and not finding.history_only
