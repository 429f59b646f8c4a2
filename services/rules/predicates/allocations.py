"""Cases of high risk given to officers who are new to the work, or who were frightened (R21)."""

from collections.abc import Iterable
from typing import Final

from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import flags, times
from services.rules.words.times import Clock

_ALLOCATED: Final = Types.of(["probation.case.allocated"])
_INTIMIDATED: Final = Types.of(["probation.staff.intimidation-reported"])


@registry.sources("officer_alone_with_high_risk@1")
def officer_alone_with_high_risk(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A case of high risk is allocated to a newly qualified officer with no supervisor named, or its officer was frightened."""
    by_officer: dict[str, list[Raw]] = {}
    for fact in view.facts(_ALLOCATED | _INTIMIDATED):
        alone = fact.type in _INTIMIDATED or (
            fact.fields.get("newly_qualified") is True and not fact.fields.get("supervisor")
        )
        at = times.starts(fact, clock)
        held = flags.held(view, view.subject, at, (flags.ROSH_HIGH,)) if alone else None
        if held is not None and view.names(fact, view.subject, "subject"):
            raw = Raw(at, max(fact.received_at, held.received), (fact,), grounds=held.facts)
            officer = fact.fields.get("officer") or fact.fields.get("staff")
            by_officer.setdefault(f"{fact.agency}:{officer}", []).append(raw)
    for officer, raws in by_officer.items():
        yield Found(Situation(view.subject, term=officer), tuple(raws))


@registry.closings("supervisor_named_or_case_moved@1")
def supervisor_named_or_case_moved(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """The case is allocated anew: to the same officer with a supervisor, or to another."""
    for fact in view.facts(_ALLOCATED):
        moved = f"{fact.agency}:{fact.fields.get('officer')}" != situation.term
        if (moved or fact.fields.get("supervisor")) and view.names(fact, situation.subject, "subject"):
            yield answer(fact, clock)
