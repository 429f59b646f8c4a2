"""What is known of somebody's children: known, stated, unknown or none (domain A3a, "Child")."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.chronology.facts import Fact, Mention
from services.rules.situation import Holding
from services.rules.view import Types, View
from services.rules.words import ages


class Knowledge(StrEnum):
    """What anybody has said of an adult's children."""

    KNOWN = "known"
    STATED = "stated"
    UNKNOWN = "unknown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Saying:
    """One record that says something of an adult's children."""

    fact: Fact
    child: int | None
    """The child it names (a placeholder counts: then the child is stated)."""
    named: bool
    none: bool = False


_HERS: Final = frozenset({"parent", "carer"})
"""Claims that run from the adult to the child."""
_WITH: Final = "lives-with"
_HOUSEHOLD: Final = Types.of(["*.household.recorded"])
_MAY_SAY_NONE: Final = frozenset({"childrens-social-care", "health"})
_NOT_CLAIMED: Final = frozenset({"denied", "ended"})


def knowledge(view: View, adult: int, known_by: datetime, at: datetime | None = None) -> Knowledge:
    """Return what was known by a moment of an adult's children: those under 18 at the anchor, which is `at`."""
    found = [saying for saying in sayings(view, adult) if saying.fact.known_at <= known_by]
    return _judge(found, view, at or known_by)


def children(view: View, adult: int, at: datetime) -> list[int]:
    """Return the children known by a moment to be an adult's, placeholders excepted."""
    found = [
        saying.child
        for saying in sayings(view, adult)
        if saying.named and saying.child is not None and saying.fact.known_at <= at and _is_child(saying, view, at)
    ]
    return list(dict.fromkeys(found))


def known_or_stated(view: View, adult: int, at: datetime) -> Holding | None:
    """Return since when a child was known or stated: at the moment itself, or later if nobody had said so yet."""
    relevant = [saying for saying in sayings(view, adult) if not saying.none and _is_child(saying, view, at)]
    before = [saying for saying in relevant if saying.fact.known_at <= at]
    if before and knowledge(view, adult, at) is not Knowledge.NONE:
        first = min(before, key=lambda saying: (saying.fact.received_at, saying.fact.ref))
        return Holding(at, first.fact.received_at, (first.fact,))
    later = [saying for saying in relevant if saying.fact.known_at > at]
    if not later:
        return None
    first = min(later, key=lambda saying: (max(saying.fact.known_at, saying.fact.received_at), saying.fact.ref))
    return Holding(first.fact.known_at, first.fact.received_at, (first.fact,))


def ruled_out(view: View, adult: int) -> list[Fact]:
    """Return each record by social care or health, later than any that names a child, that there is no child."""
    found = sayings(view, adult)
    return [
        saying.fact
        for saying in found
        if saying.none and not any(other.named and not other.none and _order(other) > _order(saying) for other in found)
    ]


def sayings(view: View, adult: int) -> list[Saying]:
    """Return everything said of an adult's children, earliest known first."""
    return view.memo(("children", adult), lambda: sorted(_sayings(view, adult), key=_order))


def _order(saying: Saying) -> tuple[object, ...]:
    return saying.fact.order


def _judge(found: list[Saying], view: View, at: datetime) -> Knowledge:
    named = [saying for saying in found if saying.named and _is_child(saying, view, at)]
    none = [saying for saying in found if saying.none]
    if none and (not named or _order(none[-1]) > _order(named[-1])):
        return Knowledge.NONE
    if named:
        return Knowledge.KNOWN
    stated = any(not saying.none and _is_child(saying, view, at) for saying in found)
    return Knowledge.STATED if stated else Knowledge.UNKNOWN


def _is_child(saying: Saying, view: View, at: datetime) -> bool:
    return saying.child is None or not saying.named or ages.maybe_child(view, saying.child, at)


def _sayings(view: View, adult: int) -> Iterator[Saying]:
    for claim in view.claims(adult):
        hers = claim.outgoing and claim.relation.kind in _HERS
        lives_with = claim.relation.kind == _WITH and ages.child(view, claim.other, claim.fact.known_at)
        if (hers or lives_with) and claim.relation.status not in _NOT_CLAIMED:
            yield Saying(claim.fact, claim.other, named=claim.theirs.slot is None)
    for fact, mention in view.mentions(adult):
        yield from _said_in(view, fact, mention)


def _said_in(view: View, fact: Fact, mention: Mention) -> Iterator[Saying]:
    stated = mention.body.get("children")
    known = stated.get("known") if isinstance(stated, dict) else None
    if known == "stated":
        yield Saying(fact, None, named=False)
    for other in fact.mentions:
        if other.slot is not None and other.slot.relation == "child" and other.slot.subject_ref == mention.ref:
            person = view.person(other.record)
            yield Saying(fact, person, named=view.people.joined(other.record) is not None)
        elif mention.role == "parent" and other.role == "child" and other.slot is None:
            yield Saying(fact, view.person(other.record), named=True)
    if fact.type.split(".", 1)[0] in _MAY_SAY_NONE and "none" in (known, _household(fact, mention)):
        yield Saying(fact, None, named=False, none=True)


def _household(fact: Fact, mention: Mention) -> object:
    """`childrens-social-care.household.recorded` says it of its subject."""
    return fact.fields.get("children") if mention.role == "subject" and fact.type in _HOUSEHOLD else None
