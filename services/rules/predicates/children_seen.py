"""Work on a child that ends without anybody having seen it (R40); a child in danger whom nobody sees (R41)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services.chronology.facts import EventRef, Fact
from services.rules import registry
from services.rules.findings import State, Urgency
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Judged, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import plans, references, reports, seeing, times
from services.rules.words.times import Clock, Length

ON_A_PLAN: Final = "plan"
SINCE_U1: Final = Length(3, "day")
SINCE_OTHERS: Final = Length(10, "working day")
"""How long a child on a plan, or about whom an alert stands, may be seen by nobody (proposals of the domain, R41)."""

_CLOSING: Final = Types.of(
    [
        "childrens-social-care.contact.closed",
        "childrens-social-care.referral.decided",
        "childrens-social-care.assessment.closed",
    ]
)
_OPENING: Final = Types.of(
    [
        "childrens-social-care.contact.recorded",
        "childrens-social-care.referral.opened",
        "childrens-social-care.assessment.opened",
    ]
)
_ASSESSMENTS: Final = Types.of(["childrens-social-care.assessment.opened"])
_ASSESSED: Final = Types.of(["childrens-social-care.assessment.closed"])
_FRONT_DOOR: Final = Types.of(["childrens-social-care.contact.closed", "childrens-social-care.referral.decided"])
A_YEAR: Final = Length(12, "month")
"""How long another report keeps a contact from being a first one."""
_NO_MORE: Final = frozenset({"no-further-action", "information-and-advice", "early-help", "closed"})
"""Outcomes after which no social worker will see the child."""


@registry.sources("work_closed@1")
def work_closed(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Social care ends an assessment about the subject, a child; or a contact or referral after another report of that year.

    It rings at the closing. What is decided at the front door of a first report nobody expects a visit for.
    """
    for fact in view.facts(_CLOSING):
        if fact.history or fact.fields.get("outcome") not in _NO_MORE or not view.names(fact, view.subject, "child"):
            continue
        opened = _opened(view, fact)
        if fact.type in _FRONT_DOOR and not _reported_before(view, fact, opened):
            continue
        closed = times.ends(fact, clock)
        start = min((times.starts(each, clock) for each in opened), default=closed)
        raw = Raw(start, fact.received_at, (fact,), wake=closed, grounds=tuple(opened))
        yield Found(Situation(view.subject, fact), (raw,))


def _reported_before(view: View, closing: Fact, opened: list[Fact]) -> bool:
    """Whether there was a report in the year before that is not one of those this work came from."""
    came_from, more = set[EventRef](), [closing, *opened]
    by_ref = references.by_ref(view)
    while more:
        fact = more.pop()
        if fact.ref not in came_from:
            came_from.add(fact.ref)
            more += [by_ref[ref] for ref in fact.points_at if ref in by_ref]
    return any(
        fact.ref not in came_from
        and fact.known_at <= closing.known_at < A_YEAR.after(fact.known_at)
        and view.names(fact, view.subject, "child", "subject")
        for fact in view.facts(reports.REPORTS)
    )


def _opened(view: View, closing: Fact) -> list[Fact]:
    """What it closes: what it points at, else the newest opening by the same agency that names the child.

    An assessment closes an assessment, where one was opened: a referral that came while it ran is another's beginning.
    """
    pointed = closing.points_at
    before = [
        fact
        for fact in view.facts(_OPENING)
        if fact.agency == closing.agency and fact.known_at <= closing.known_at and view.names(fact, view.subject)
    ]
    alike = [fact for fact in before if closing.type in _ASSESSED and fact.type in _ASSESSMENTS]
    return [fact for fact in before if fact.ref in pointed] or alike[-1:] or before[-1:]


@registry.closings("child_seen_as_it_should_be@1")
def child_seen_as_it_should_be(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """A social worker saw the child, and alone if it is old enough."""
    for fact in seeing.seen(view, situation.subject, seeing.SOCIAL_WORK):
        if seeing.alone_where_old_enough(view, fact, situation.subject, fact.known_at):
            yield answer(fact, clock)


@registry.closings("child_seen@1")
def child_seen(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """Any professional saw the child."""
    for fact in seeing.seen(view, situation.subject, seeing.VISITS | seeing.ATTENDED):
        yield answer(fact, clock)


registry.over_findings.add("child_in_danger_unseen@1")


@registry.sources("child_on_a_plan@1")
def child_on_a_plan(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The subject, a child, is on a plan: since it began, and since each time a professional saw the child."""
    for span in plans.on_plan(view, view.subject):
        raws = [Raw(span.start, span.received, span.facts), *_since_seen(view, clock, span.start, span.end)]
        ends = Closer(span.end, span.ended_received or span.received, State.LAPSED) if span.end else None
        yield Found(Situation(view.subject, term=ON_A_PLAN), tuple(raws), closers=(ends,) if ends else ())


@registry.sources("child_in_danger_unseen@1")
def child_in_danger_unseen(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A U1 or U2 alert about the subject, a child, stands: since it rang, and since each time the child was seen.

    Also one that is somebody else's and names the child. It is judged in the child's case, for only that holds every
    sighting: in another's "nobody has seen the child" would be a guess.
    """
    for each in view.about():
        if each.finding.urgency <= Urgency.U2:
            length = SINCE_U1 if each.finding.urgency is Urgency.U1 else SINCE_OTHERS
            for start, end in each.spans:
                yield _unseen(view, clock, each, (start, end), length)


def _unseen(view: View, clock: Clock, each: Judged, span: tuple[datetime, datetime | None], length: Length) -> Found:
    start, end = span
    evidence = [fact for fact in view.case.facts if fact.ref in each.finding.evidence]
    first = Raw(start, start, tuple(evidence), wake=length.after(start))
    later = [
        Raw(raw.start, raw.received, raw.facts, wake=length.after(raw.start), anew=True)
        for raw in _since_seen(view, clock, start, end)
    ]
    closers = (Closer(end, end, State.LAPSED),) if end is not None else ()
    return Found(Situation(view.subject, term=each.rule), (first, *later), closers=closers)


def _since_seen(view: View, clock: Clock, start: datetime, end: datetime | None) -> Iterator[Raw]:
    for fact in seeing.seen(view, view.subject, seeing.VISITS | seeing.ATTENDED):
        at = times.ends(fact, clock)
        if start <= at and (end is None or at < end):
            yield Raw(at, fact.received_at, (fact,), anew=True)
