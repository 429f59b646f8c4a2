"""Open questions about somebody, and what on the bus may answer them (R10)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.people import SlotGroup
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Claim, Types, View
from services.rules.vocabulary.closings import answer
from services.rules.vocabulary.details import records_of
from services.rules.words import areas, informants, relations, times
from services.rules.words.times import Clock

SLOT: Final = "slot"
ACTION: Final = "action"
QUESTION: Final = "question"
GROUP: Final = "slot"
PARTNER: Final = "partner"

_ACTIONS: Final = Types.of(["*.action.set"])
_DONE: Final = Types.of(["*.action.done"])
_CANCELLED: Final = Types.of(["*.action.cancelled"])
_HOMES: Final = Types.of(["*.residence.started", "*.address.changed", "probation.licence-address.declared"])
_MOVED: Final = Types.of(["*.address.changed", "probation.licence-address.declared"])
_LEFT: Final = Types.of(["*.residence.ended"])
_RESTRICTIONS: Final = Types.of(["*.contact-restriction.set"])
_TOGETHER: Final = frozenset({"cohabitant", "lives-with"})
_KINDS: Final = {
    "child": frozenset({"parent", "carer"}),
    "parent": frozenset({"parent"}),
    "contact": relations.CONTACT_KINDS | {"contact"},
}
"""Claims in reply to a question who: partner has its own evidence."""


@registry.sources("open_question_answered@1")
def open_question_answered(view: View, _clock: Clock, _: object) -> Iterable[Found]:
    """An action that asks who or where, or a partner nobody has named; with each claim in reply, by receipt."""
    for group in view.people.groups:
        if group.subject == view.subject and group.relation == PARTNER:
            yield from _slot(view, group)
    for fact in view.facts(_ACTIONS):
        yield from _action(view, fact)


def _slot(view: View, group: SlotGroup) -> Iterator[Found]:
    first = min(group.members, key=lambda member: (member.fact.received_at, member.fact.ref, member.mention.ref))
    other = view.person(first.mention.record)
    situation = Situation(view.subject, other=other, other_record=first.mention.record, note={GROUP: group})
    raws = tuple(_replied(first.fact, claim.fact) for claim in _partners(view))
    if raws:
        yield Found(situation, raws, tag=SLOT)


def _action(view: View, fact: Fact) -> Iterator[Found]:
    question = fact.fields.get("question")
    if not isinstance(question, dict) or _asked_of(view, fact, question) != view.subject:
        return
    situation = Situation(view.subject, term=str(fact.fields.get("action")), note={QUESTION: fact})
    raws = tuple(_replied(fact, reply) for reply in _replies(view, question))
    if raws:
        yield Found(situation, raws, tag=ACTION)


def _asked_of(view: View, fact: Fact, question: dict[str, Any]) -> int | None:
    return next((view.person(mention.record) for mention in fact.mentions if mention.ref == question.get("of")), None)


def _replied(question: Fact, reply: Fact) -> Raw:
    """In either order: what matters is when the bus held both."""
    both = max(question.received_at, reply.received_at)
    return Raw(both, both, (reply,), grounds=(question,))


def _replies(view: View, question: dict[str, Any]) -> Iterator[Fact]:
    if question.get("kind") == "where":
        if not any(view.names(fact, view.subject, "protected") for fact in view.facts(_RESTRICTIONS)):
            yield from _homes(view, areas.dwelling(question.get("not_at")))
            yield from (claim.fact for claim in _partners(view) if claim.relation.kind in _TOGETHER)
        return
    relation = question.get("relation")
    if relation in (None, PARTNER):
        yield from (claim.fact for claim in _partners(view))
    kinds = _KINDS.get(str(relation), frozenset())
    for claim in view.claims(view.subject):
        if claim.relation.kind in kinds and claim.theirs.slot is None and claim.relation.status in relations.CLAIMING:
            yield claim.fact


def _partners(view: View) -> Sequence[Claim]:
    """Claims that name somebody as the subject's partner, not since ended by an agency."""
    return view.memo(("named partners", view.subject), lambda: list(_named_partners(view)))


def _named_partners(view: View) -> Iterator[Claim]:
    for claim in relations.partner_evidence(view, view.subject):
        if claim.theirs.slot is None and not _ended_since(view, claim):
            yield claim
    for claim in view.claims(view.subject):
        lives_with = claim.relation.kind == "lives-with" and claim.relation.status in relations.CLAIMING
        if lives_with and claim.theirs.slot is None and not informants.suspected_false(informants.grade_of(claim)):
            yield claim


def _ended_since(view: View, claim: Claim) -> bool:
    ends = relations.agency_ends(view, view.subject, claim.other)
    return any(end.known_at >= claim.fact.known_at for end in ends)


def _homes(view: View, known: str | None) -> Iterator[Fact]:
    """Residences that have not ended and are not the one the question names."""
    for fact in view.facts(_HOMES):
        if not view.names(fact, view.subject, "subject"):
            continue
        dwelling = areas.dwelling(fact.fields.get("address"))
        if dwelling is not None and dwelling == known:
            continue
        if not any(_ends_home(view, fact, later) for later in view.facts(_LEFT | _MOVED)):
            yield fact


def _ends_home(view: View, home: Fact, later: Fact) -> bool:
    if later is home or not view.names(later, view.subject, "subject"):
        return False
    if times.starts(later, "occurred") < times.starts(home, "occurred"):
        return False
    if later.type in _LEFT:
        return later.agency == home.agency
    return later.agency == home.agency and later.type in _MOVED


@registry.closings("question_settled@1")
def question_settled(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """An action is done or called off; a placeholder is named by a record that cites it. Neither opens again."""
    question, group = situation.note.get(QUESTION), situation.note.get(GROUP)
    if isinstance(question, Fact):
        yield from _settled_action(view, question, clock)
    elif isinstance(group, SlotGroup):
        for claim in _partners(view):
            if group.events & claim.fact.cites:
                yield answer(claim.fact, clock, final=True)


def _settled_action(view: View, question: Fact, clock: Clock) -> Iterator[Closer]:
    for fact in view.facts(_DONE | _CANCELLED):
        set_by = fact.fields.get("set_by") or fact.agency
        if fact.fields.get("action") == question.fields.get("action") and set_by == question.agency:
            state = State.ANSWERED if fact.type in _DONE else State.LAPSED
            yield Closer(times.ends(fact, clock), fact.received_at, state, (fact,), final=True)


@registry.agencies("owners of the action")
def owners_of_the_action(standing: Standing, _: object) -> Sequence[str]:
    """Those who are to do the action that asks."""
    question = standing.situation.note.get(QUESTION)
    return list(question.fields.get("owners") or ()) if isinstance(question, Fact) else []


@registry.details("candidates")
def candidates(standing: Standing) -> Sequence[str]:
    """Records of the people that claims in reply name; nothing for a question where, whose answer is sealed."""
    refs = {fact.ref for fact in standing.facts}
    claims = [claim for claim in _partners(standing.view) if claim.fact.ref in refs]
    people = dict.fromkeys(claim.other for claim in claims)
    return records_of(standing, list(people))
