"""Words for `while`: a state at the anchor. "then or later" words also hold from the moment the state begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.rules import registry
from services.rules.situation import Holding, Situation
from services.rules.view import Types, View
from services.rules.words import ages, areas, children, custody, flags, licences, roles, times
from services.rules.words.children import Knowledge

_EPISODE_OPENED: Final = Types.of(["childrens-social-care.episode.opened"])
_EPISODE_CLOSED: Final = Types.of(["childrens-social-care.episode.closed"])


@registry.states("subject is flagged", needs=flags.FLAGGING)
def subject_is_flagged(view: View, situation: Situation, at: datetime, value: Sequence[str] | None) -> Holding | None:
    """The subject holds one of these flags (any, if none are named) at the anchor."""
    return flags.held(view, situation.subject, at, tuple(value or flags.ANY))


@registry.states("subject is flagged then or later", needs=flags.FLAGGING)
def subject_is_flagged_then_or_later(
    view: View, situation: Situation, at: datetime, value: Sequence[str] | None
) -> Holding | None:
    """The subject holds one of these flags at the anchor, or later: a flag reaches back through a relation that has not ended."""
    return flags.held(view, situation.subject, at, tuple(value or flags.ANY), reach=True)


@registry.states("other is flagged then or later", needs=flags.FLAGGING)
def other_is_flagged_then_or_later(
    view: View, situation: Situation, at: datetime, value: Sequence[str] | None
) -> Holding | None:
    """The other holds one of these flags at the anchor, or later: a flag reaches back through a relation that has not ended."""
    if situation.other is None:
        return None
    return flags.held(view, situation.other, at, tuple(value or flags.ANY), reach=True)


@registry.states("subject is flagged or managed then or later", needs=flags.FLAGGING | roles.STARTED)
def subject_is_flagged_or_managed(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject holds a flag, or somebody leads on them, at the anchor or later."""
    subject = situation.subject
    held = flags.held(view, subject, at, reach=True)
    if roles.managed(view, subject, at):
        return held if held is not None and held.start <= at else Holding(at, times.LONG_AGO)
    starts = [role.start for role in roles.holdings(view, subject) if role.role in roles.MANAGING and role.start > at]
    managed = Holding(min(starts), times.LONG_AGO) if starts else None
    return min((each for each in (held, managed) if each is not None), key=lambda each: each.start, default=None)


@registry.states("subject is in custody")
def subject_is_in_custody(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is in custody at the anchor."""
    return flags.holding(custody.spans(view, situation.subject), at)


@registry.states("subject is at large then or later")
def subject_is_at_large(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is not in custody, at the anchor or from the next release."""
    for span in custody.spans(view, situation.subject):
        if span.holds(at):
            return Holding(span.end, span.ended_received or span.received, span.ended_by) if span.end else None
    return Holding(at, times.LONG_AGO)


@registry.states("subject is a child", possible=ages.ever_child)
def subject_is_a_child(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is under 18 at the anchor."""
    return _holds(at, truth=ages.child(view, situation.subject, at))


@registry.states("a child of the other is not ruled out")
def a_child_is_not_ruled_out(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """A child of the other is known, stated or unknown at the anchor; where one was ruled out, from when one is named."""
    if situation.other is None or children.knowledge(view, situation.other, at) is not Knowledge.NONE:
        return _holds(at, truth=True)
    later = [
        saying.fact
        for saying in children.sayings(view, situation.other)
        if not saying.none and saying.fact.known_at > at
    ]
    return Holding(later[0].known_at, later[0].received_at, (later[0],)) if later else None


@registry.states("a child of the other is known or stated")
def a_child_is_known_or_stated(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """A child of the other is known or stated, at the anchor or later."""
    return children.known_or_stated(view, situation.other, at) if situation.other is not None else None


@registry.states("a licence condition is live")
def a_licence_condition_is_live(view: View, situation: Situation, at: datetime, value: Sequence[str]) -> Holding | None:
    """A condition of one of these codes is live, at the anchor or from a later start."""
    return flags.holding(licences.conditions(view, situation.subject, frozenset(value)), at, reach=True)


@registry.states("subject is on licence")
def subject_is_on_licence(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """A licence of the subject runs at the anchor."""
    return flags.holding(licences.running(view, situation.subject), at)


@registry.states("subject is managed", needs=roles.STARTED)
def subject_is_managed(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Probation, police or MAPPA lead on the subject at the anchor."""
    return _holds(at, truth=roles.managed(view, situation.subject, at))


@registry.states("social care works with the other's children on this risk")
def social_care_works_on_this_risk(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Social care of the other's area has an open episode on a child of the other that names the subject."""
    other, opened = situation.other, view.facts(_EPISODE_OPENED)
    if other is None or not opened:
        return None
    own = set(children.children(view, other, at))
    agencies = view.covering("csc-for-area", areas.area_of(view, other), at)
    closed = [fact for fact in view.facts(_EPISODE_CLOSED) if fact.known_at <= at]
    for fact in opened:
        named = own & set(view.people_in(fact))
        if fact.known_at <= at and fact.agency in agencies and named and view.names(fact, situation.subject):
            later = [end for end in closed if end.agency == fact.agency and end.known_at >= fact.known_at]
            if not any(named & set(view.people_in(end)) for end in later):
                return Holding(at, fact.received_at, (fact,))
    return None


def _holds(at: datetime, *, truth: bool) -> Holding | None:
    return Holding(at, times.LONG_AGO) if truth else None
