"""A partner nobody had named is found to be somebody (R09)."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.chronology.facts import Fact, Join
from services.rules import registry
from services.rules.people import SlotGroup
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import View
from services.rules.vocabulary.closings import answer
from services.rules.words import children, decisions, times
from services.rules.words.times import Clock, Length

PARTNERS: Final = frozenset({"partner"})
STILL_COUNTS: Final = Length(12, "month")
"""An answer given no longer than this before the identity was known need not be given again."""


@registry.sources("partner_slot_joined@1")
def partner_slot_joined(view: View, _clock: Clock, _: object) -> Iterable[Found]:
    """His unnamed partner is found to be somebody, or somebody's unnamed partner is found to be him."""
    first: dict[int, tuple[Join, SlotGroup]] = {}
    for other, join, group in _joined(view):
        held = first.get(other)
        if held is None or (join.joined_at, join.by) < (held[0].joined_at, held[0].by):
            first[other] = (join, group)
    for other, (join, group) in first.items():
        facts = _facts(view, join, group)
        if facts:
            yield Found(Situation(view.subject, other=other), (Raw(join.joined_at, join.joined_at, facts),))


def _joined(view: View) -> Iterator[tuple[int, Join, SlotGroup]]:
    for group in view.people.groups:
        if group.relation not in PARTNERS or group.joined is None:
            continue
        other = {group.subject: group.joined, group.joined: group.subject}.get(view.subject)
        for join in group.joins:
            if other is not None and view.person(join.person_record) == group.joined:
                yield other, join, group


def _facts(view: View, join: Join, group: SlotGroup) -> tuple[Fact, ...]:
    """The facts that join it, as far as the case holds them, and those that state the slot."""
    stated = group.events
    found = [fact for fact in view.case.facts if fact.ref in join.by or (fact.ref in stated and _in_time(fact, join))]
    return tuple(sorted(found, key=lambda fact: fact.order))


def _in_time(fact: Fact, join: Join) -> bool:
    return fact.received_at <= join.joined_at


@registry.closings("social_care_told_of_both@1")
def social_care_told_of_both(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """A referral or a strategy discussion names the subject and a child of the other."""
    if situation.other is None:
        return
    for fact in view.facts(decisions.REFERRALS | decisions.STRATEGY):
        own = children.children(view, situation.other, times.ends(fact, clock))
        if view.names(fact, situation.subject) and any(view.names(fact, child) for child in own):
            yield from _if_recent(view, situation, answer(fact, clock, points=True))


@registry.closings("disclosure_decided@1")
def disclosure_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """It was decided, with reasons, whether to tell the other about the subject."""
    if situation.other is None:
        return
    for fact in decisions.disclosures_to(view, situation.subject, situation.other):
        yield from _if_recent(view, situation, answer(fact, clock, points=True))


def _if_recent(view: View, situation: Situation, closer: Closer) -> Iterator[Closer]:
    joined = min((join.joined_at for other, join, _ in _joined(view) if other == situation.other), default=None)
    if joined is not None and closer.at >= STILL_COUNTS.before(joined):
        yield closer
