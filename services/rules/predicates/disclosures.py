"""What somebody on licence was to disclose and did not (R02)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact, Mention
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation, Span
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer, condition_endings
from services.rules.words import areas, flags, licences, relations, roles, times
from services.rules.words.times import Clock

CONDITIONS: Final[Mapping[str, frozenset[str]]] = {
    "device": frozenset({"one-device-declared", "disclose-devices"}),
    "job": frozenset({"disclose-employment"}),
    "address": frozenset({"disclose-address"}),
}
"""Kind of change -> codes of the conditions to declare it. A rule that he lives somewhere is no rule to declare."""
RELATIONSHIPS: Final = frozenset({"disclose-relationships"})

_DECLARED: Final[Mapping[str, Types]] = {
    "device": Types.of(["probation.licence-device.declared"]),
    "job": Types.of(["probation.licence-employment.declared"]),
    "address": Types.of(["probation.licence-address.declared", "probation.address.changed"]),
}


@registry.states("not_held_when_condition_began@1")
def not_held_when_condition_began(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The probation lead did not already hold the relation when the condition began: it asks for what is new."""
    live = flags.holding(licences.conditions(view, situation.subject, RELATIONSHIPS), at)
    began = min(
        (span.start for span in licences.conditions(view, situation.subject, RELATIONSHIPS) if span.holds(at)),
        default=None,
    )
    if live is None or began is None:
        return None
    ended = {fact.known_at for fact in relations.agency_ends(view, situation.subject, situation.other or 0)}
    for claim in relations.partner_evidence(view, situation.subject):
        known = claim.fact.known_at
        if claim.other != situation.other or known > began or any(known <= end <= began for end in ended):
            continue
        if claim.fact.agency in _supervisors(view, situation.subject, known, began):
            return None
    return Holding(at, times.LONG_AGO)


def _supervisors(view: View, subject: int, *moments: datetime) -> set[str]:
    return {agency for moment in moments for agency in roles.holders(view, subject, roles.PROBATION, moment)}


@registry.sources("undeclared_change@1")
def undeclared_change(view: View, _clock: Clock, _: object) -> Iterable[Found]:
    """Evidence from others of a telephone, a job or an address that is none of those declared."""
    for change, codes in CONDITIONS.items():
        spans = licences.conditions(view, view.subject, codes)
        if not spans:
            continue
        declared = {token for fact in _declarations(view, change) for token in _tokens_declared(view, fact, change)}
        raws = tuple(
            raw
            for fact, mention in view.mentions(view.subject)
            if any(token not in declared for token in _tokens_seen(fact, mention, change))
            for raw in _during(view, fact, spans)
        )
        if raws:
            yield Found(Situation(view.subject, term=change), raws)


@registry.closings("change_declared@1")
def change_declared(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """He declares a device, a job or an address."""
    for fact in _declarations(view, situation.term or ""):
        yield answer(fact, clock)


@registry.closings("change_condition_ends@1")
def change_condition_ends(
    view: View, situation: Situation, _each: object, _clock: Clock, _: object
) -> Iterable[Closer]:
    """The condition to declare this kind of change ends."""
    yield from condition_endings(view, situation.subject, CONDITIONS.get(situation.term or "", frozenset()))


def _declarations(view: View, change: str) -> list[Fact]:
    return [fact for fact in view.facts(_DECLARED[change]) if view.names(fact, view.subject, "subject")]


def _during(view: View, fact: Fact, spans: Iterable[Span]) -> Iterator[Raw]:
    """What somebody other than the supervisor learns while the condition is live, or learnt before and still says."""
    if fact.agency in _supervisors(view, view.subject, fact.known_at):
        return
    held = flags.holding(spans, fact.known_at)
    if held is not None:
        yield Raw(fact.known_at, max(fact.received_at, held.received), (fact,), grounds=held.facts)


def _tokens_declared(view: View, fact: Fact, change: str) -> Iterator[str]:
    if change == "device":
        yield from _token(fact.fields.get("number"))
    for mention in fact.mentions:
        if view.person(mention.record) == view.subject:
            yield from _tokens_seen(fact, mention, change)


def _tokens_seen(fact: Fact, mention: Mention, change: str) -> Iterator[str]:
    """The tokens an event gives for somebody's telephone, job or address."""
    match change:
        case "device":
            for phone in mention.body.get("phones") or ():
                yield from _token(phone)
        case "job":
            workplace = mention.body.get("workplace") or {}
            yield from _token(workplace.get("name") or workplace.get("dwelling"))
        case _:
            places = [*(mention.body.get("addresses") or ()), fact.fields.get("address")]
            yield from (token for token in map(areas.dwelling, places) if token is not None)


def _token(value: object) -> Iterator[str]:
    token = value.get("token") if isinstance(value, Mapping) else value
    if isinstance(token, str):
        yield token
