"""Words for `unless` and `lapses`: answers and endings that more than one rule knows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.kinds.dates import DATE
from services.rules.situation import Closer, Situation, Span
from services.rules.view import View
from services.rules.words import children, custody, decisions, flags, licences, relations, releases, times
from services.rules.words.times import Clock


def answer(fact: Fact, clock: Clock, *, points: bool = False, final: bool = False) -> Closer:
    """Return a fact as an answer by its own clock: the latest it can have been, for possibly in time is late."""
    return Closer(times.ends(fact, clock), fact.received_at, State.ANSWERED, (fact,), points, final)


def lapse(fact: Fact, at: datetime, *, final: bool = False) -> Closer:
    """Return a fact as a lapse at a moment of its own."""
    return Closer(at, fact.received_at, State.LAPSED, (fact,), final=final)


@registry.closings("flags are cleared")
def flags_are_cleared(
    view: View, situation: Situation, _each: object, _clock: Clock, value: Sequence[str] | None
) -> Iterable[Closer]:
    """The subject's last flag of these is cleared, and none is set again (which would reach back)."""
    spans = flags.spans(view, situation.subject, tuple(value or flags.ANY))
    for at, received, facts in flags.gaps(spans):
        if not any(span.start > at for span in spans):
            yield Closer(at, received, State.LAPSED, facts)


@registry.closings("either has died")
def either_has_died(view: View, situation: Situation, _each: object, _clock: Clock, _value: object) -> Iterable[Closer]:
    """The subject or the other of the pair has died: it ends when that is known, and for good."""
    for person in (situation.subject, situation.other):
        if person is not None:
            for fact in custody.deaths(view, person):
                yield lapse(fact, fact.known_at, final=True)


@registry.closings("the subject is taken into custody")
def taken_into_custody(
    view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """Arrest, remand, sentence or recall; not a custody that was over before the window began.

    Probation leads from the sentence on: without this nobody would ever be missed after a release.
    """
    for span in custody.spans(view, situation.subject):
        yield Closer(span.start, span.received, State.LAPSED, span.facts, over_at=span.end)


@registry.closings("the subject is released")
def the_subject_is_released(
    view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """The subject has left prison."""
    for fact in releases.releases(view, situation.subject):
        yield lapse(fact, times.starts(fact, "occurred"))


@registry.closings("the date passes")
def the_date_passes(
    _view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """The day to which the deadline ran is over."""
    date = situation.note.get(DATE)
    if isinstance(date, datetime):
        yield Closer(date, times.LONG_AGO, State.LAPSED, final=True, dated=True)


@registry.closings("no licence is live")
def no_licence_is_live(
    view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """The licence ends, or the last of several: by its date, by recall, or because it was stated to have expired."""
    spans = licences.running(view, situation.subject, situation.term)
    for span in spans:
        if span.end is not None and not any(other.holds(span.end) for other in spans):
            yield _ending(span, span.end)


@registry.closings("an agency records that the relation has ended")
def relation_has_ended(
    view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """Recorded by an agency with its grounds; the word of either of the two ends nothing."""
    if situation.other is not None:
        for fact in relations.agency_ends(view, situation.subject, situation.other):
            yield lapse(fact, fact.known_at)


@registry.closings("the licence condition ends")
def licence_condition_ends(
    view: View, situation: Situation, _each: object, _clock: Clock, value: Sequence[str]
) -> Iterable[Closer]:
    """The last condition of these codes that was live ends: with the licence, by recall, or removed."""
    yield from condition_endings(view, situation.subject, frozenset(value))


def condition_endings(view: View, person: int, codes: frozenset[str]) -> Iterable[Closer]:
    """Return the moments at which no condition of these codes is live any more."""
    spans = licences.conditions(view, person, codes)
    for span in spans:
        if span.end is not None and not any(other.holds(span.end) for other in spans):
            yield _ending(span, span.end)


def _ending(span: Span, end: datetime) -> Closer:
    known = max((fact.known_at for fact in span.ended_by), default=end)
    return Closer(end, span.ended_received or span.received, State.LAPSED, span.ended_by, dated=known < end)


@registry.closings("no child is with the other")
def no_child_is_with_the_other(
    view: View, situation: Situation, _each: object, _clock: Clock, _value: object
) -> Iterable[Closer]:
    """Social care or health records, later than any record that names one, that no child is with the other."""
    if situation.other is not None:
        for fact in children.ruled_out(view, situation.other):
            yield lapse(fact, fact.known_at)


@registry.closings("children's social care decides on the other's children")
def csc_decides(view: View, situation: Situation, _each: object, clock: Clock, _value: object) -> Iterable[Closer]:
    """A decision with reasons that names the subject and a child of the other (or, if none is known, the other)."""
    other = situation.other
    if other is None:
        return
    for fact in decisions.csc_decisions(view):
        own = {other, *children.children(view, other, times.ends(fact, clock))}
        if view.names(fact, situation.subject) and own & set(view.people_in(fact)):
            yield answer(fact, clock)


@registry.closings("children's social care decides on both")
def csc_decides_on_both(
    view: View, situation: Situation, _each: object, clock: Clock, _value: object
) -> Iterable[Closer]:
    """A decision with reasons that names the subject, a child, and the other."""
    for fact in decisions.csc_decisions(view):
        if situation.other is not None and decisions.names_all(view, fact, (situation.subject, situation.other)):
            yield answer(fact, clock)


@registry.closings("a meeting considered the other")
def a_meeting_considered_the_other(
    view: View, situation: Situation, _each: object, clock: Clock, _value: object
) -> Iterable[Closer]:
    """A meeting about the subject, or a review of visitors, went through the other person."""
    for fact in view.facts(decisions.MEETINGS | decisions.VISITOR_REVIEWS):
        if situation.other in decisions.considered(view, fact) and view.names(fact, situation.subject):
            yield answer(fact, clock)


@registry.closings("the subject names the other to a lead")
def names_the_other_to_a_lead(
    view: View, situation: Situation, _each: object, clock: Clock, _value: object
) -> Iterable[Closer]:
    """The subject himself names the other; a denial, or an admission without the name, answers nothing."""
    if situation.other is not None:
        for fact in relations.named_to_a_lead(view, situation.subject, situation.other):
            yield answer(fact, clock)
