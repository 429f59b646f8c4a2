"""Somebody near to the danger asks where a protected person is, or comes to live near (R49)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.words import areas, relations, times
from services.rules.words.times import Clock

NEAR_TO: Final = relations.PARTNER_KINDS | relations.KIN_KINDS | {"ex-partner", "carer", "lives-with"}
CLAIMS_TO_BE_NEAR: Final = frozenset({"partner", "ex-partner", "husband", "wife", "father", "mother", "family"})
"""What an asker nobody identified says to be: it may be whoever is kept away, or come from there."""

_PROTECTED: Final = Types.of(["*.protection.address-flagged", "*.protection.safe-contact-plan-set"])
_REFUGE: Final = Types.of(["housing.refuge.placement-started"])
_REFUGE_LEFT: Final = Types.of(["housing.refuge.placement-ended"])
_FLAGGED: Final = Types.of(["*.protection.address-flagged"])
_SOUGHT: Final = Types.of(["*.whereabouts.sought"])
_LOOKED_UP: Final = Types.of(["*.records.looked-up"])
_CONFLICTS: Final = Types.of(["*.staff.conflict-declared"])
_MOVED: Final = Types.of(["*.residence.changed", "*.address.changed", "*.residence.started"])


@registry.sources("whereabouts_sought@1", needs=_PROTECTED | _REFUGE)
def whereabouts_sought(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Somebody linked to the danger, or whoever declared a conflict, asks where the protected subject is.

    Staff who declared one and then look the record up ask nobody, and learn it all the same.
    """
    for fact in view.facts(_SOUGHT | _LOOKED_UP):
        if fact.history or not view.names(fact, view.subject, "subject"):
            continue
        shields, why = _protection(view, fact.known_at), _linked(view, fact)
        if shields and why is not None:
            yield _found(view, fact, clock, (*shields, *why))


@registry.sources("comes_near@1", needs=_FLAGGED)
def comes_near(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Whoever is to be kept from the subject comes to live in the area where the subject lives."""
    home = areas.home_area(view, view.subject)
    if home is None:
        return
    for fact in view.facts(_MOVED):
        shields = _protection(view, fact.known_at) if not fact.history else []
        kept_away = {person for shield in shields for person in view.people_in(shield, "restricted")}
        moved = [person for person in view.people_in(fact, "subject") if person in kept_away]
        there = (fact.fields.get("address") or {}).get("area")
        if moved and there is not None and not view.directory.outside(home, there):
            yield _found(view, fact, clock, tuple(shields))


def _found(view: View, fact: Fact, clock: Clock, grounds: Sequence[Fact]) -> Found:
    received = max(fact.received_at, *(one.received_at for one in grounds))
    return Found(
        Situation(view.subject, fact), (Raw(times.starts(fact, clock), received, (fact,), grounds=tuple(grounds)),)
    )


def _protection(view: View, at: datetime) -> list[Fact]:
    """What protects the subject at a moment."""
    left = [
        fact.known_at for fact in view.facts(_REFUGE_LEFT) if view.names(fact, view.subject) and fact.known_at <= at
    ]
    found = []
    for fact in view.facts(_PROTECTED | _REFUGE):
        until = times.stated(fact.fields.get("until"))
        over = until is not None and until.latest is not None and until.latest <= at
        over = over or (fact.type in _REFUGE and any(moment >= fact.known_at for moment in left))
        if fact.known_at <= at and not over and view.names(fact, view.subject, "subject"):
            found.append(fact)
    return found


def _linked(view: View, fact: Fact) -> tuple[Fact, ...] | None:
    """The facts that link the asker to the danger; none are needed where the asker says so. None: nothing links them."""
    if fact.type in _LOOKED_UP:
        # Others named in a look-up are who else was looked up, not who looked.
        return _conflict(view, fact)
    restricted = {person for each in view.facts(_FLAGGED) for person in view.people_in(each, "restricted")}
    askers = set(view.people_in(fact)) - {view.subject}
    if askers & restricted or fact.fields.get("relation_claimed") in CLAIMS_TO_BE_NEAR:
        return ()
    for person in sorted(restricted):
        for claim in view.claims(person):
            if claim.other in askers and claim.relation.kind in NEAR_TO:
                return (claim.fact,)
    return _conflict(view, fact)


def _conflict(view: View, fact: Fact) -> tuple[Fact, ...] | None:
    """The conflict declared about the subject by the agency that asks, or by the very member of staff who looks up."""
    for declared in view.facts(_CONFLICTS):
        until = times.stated(declared.fields.get("until"))
        over = until is not None and until.latest is not None and until.latest <= fact.known_at
        if fact.type in _LOOKED_UP:
            same = (declared.agency, declared.fields["staff"]) == (fact.agency, fact.fields.get("by"))
        else:
            same = declared.agency == fact.fields.get("by_agency")
        if same and not over and declared.known_at <= fact.known_at and view.names(declared, view.subject, "subject"):
            return (declared,)
    return None


@registry.agencies("agencies that protect the subject")
def agencies_that_protect_the_subject(standing: Standing, _: object) -> Sequence[str]:
    """Those that flagged the address, agreed how to reach the subject, or house the subject in a refuge."""
    grounds = [fact for item in standing.items for fact in item.grounds]
    return sorted({fact.agency for fact in grounds if fact.type in _PROTECTED | _REFUGE})
