"""Two agencies and two independent voices on the same two people, or the same place (R08)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation
from services.rules.standing import Standing
from services.rules.view import View
from services.rules.vocabulary.closings import answer
from services.rules.words import ages, areas, children, decisions, flags, informants, relations, reports, times
from services.rules.words.children import Knowledge
from services.rules.words.times import Clock

CLAIMED: Final = frozenset({"partner", "cohabitant"})
"""Claims that make somebody his partner. Cards and visits are evidence of contact, and R01's alone."""
TOKEN_TAIL: Final = 8
"""Characters of a place's token that tell it from others in an anchor; the whole is shown to nobody."""

Node = int | str
"""A person, or the name of a place."""


@registry.sources("told_of_the_same@1")
def told_of_the_same(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Concern-class events about the subject and one node: a person claimed as partner, or named as a child.

    Without any person: a workplace or an address. A family two services merely know rings for nobody, since that
    two agencies record somebody is no concern.
    """
    by_node: dict[Node, list[Raw]] = {}
    for fact, node, received in _told(view):
        by_node.setdefault(node, []).append(Raw(times.starts(fact, clock), received, (fact,)))
    for node, raws in by_node.items():
        if isinstance(node, str):
            yield Found(Situation(view.subject, term=node), tuple(raws))
        else:
            yield Found(Situation(view.subject, other=node), tuple(raws))


def _told(view: View) -> Iterator[tuple[Fact, Node, datetime]]:
    seen = set()
    for claim in relations.partner_evidence(view, view.subject):
        if claim.relation.kind in CLAIMED and (claim.fact.ref, claim.other) not in seen:
            seen.add((claim.fact.ref, claim.other))
            joined = [join.joined_at for join in view.case.joins if join.slot_record == claim.theirs.record]
            yield claim.fact, claim.other, max([claim.fact.received_at, *joined])
    for fact in view.facts(reports.REPORTS):
        # A school writes of the child, and names the adult as the one it is alleged of.
        own = view.names(fact, view.subject, "subject", "alleged") and reports.is_report(view, fact)
        if not own or informants.suspected_false(fact.grade):
            continue
        named = [person for person, mention in reports.children(view, fact, fact.known_at) if mention.slot is None]
        for child in named:
            if child != view.subject:
                yield fact, child, fact.received_at
        if not named and not any(ref == fact.ref for ref, _ in seen):
            for place in _places(view, fact):
                yield fact, place, fact.received_at


def _places(view: View, fact: Fact) -> list[str]:
    """Workplaces and addresses of others that an event speaks of, where it names no partner and no child."""
    found: dict[str, None] = {}
    for mention in fact.mentions:
        if view.person(mention.record) == view.subject or mention.role in {"reporter", "professional"}:
            continue
        bodies = [mention.body.get("workplace"), *(mention.body.get("addresses") or ())]
        for token in map(areas.dwelling, bodies):
            if token is not None:
                found[f"place-{token[-TOKEN_TAIL:]}"] = None
    return list(found)


@registry.states("flagged_or_about_a_child@1")
def flagged_or_about_a_child(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is flagged, then or later; or the other is a child, whoever the subject is."""
    if situation.other is not None and ages.child(view, situation.other, at):
        return Holding(at, times.LONG_AGO)
    return flags.held(view, situation.subject, at, reach=True)


@registry.tests("a_child_is_known@1")
def a_child_is_known(standing: Standing, _: object) -> bool:
    """The other is a child, or a child of the other has been named."""
    view, other = standing.view, standing.situation.other
    if other is None:
        return False
    named = children.knowledge(view, other, standing.at, standing.anchor_at) is Knowledge.KNOWN
    return named or ages.child(view, other, standing.anchor_at)


@registry.closings("taken_up_for_both@1")
def taken_up_for_both(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A decision of social care or a strategy discussion names the subject and the other, or a child of the other."""
    other = situation.other
    if other is None:
        return
    for fact in (*decisions.csc_decisions(view), *view.facts(decisions.STRATEGY)):
        own = {other, *children.children(view, other, times.ends(fact, clock))}
        if view.names(fact, situation.subject) and own & set(view.people_in(fact)):
            yield answer(fact, clock)
