"""`together`: two things meet, in one event or in two. `path`: from the subject along relation evidence to another."""

from collections.abc import Iterable

from services.rules.kinds.shape import Candidates, Shape, need, source
from services.rules.registry import Found, Raw
from services.rules.situation import Situation, once
from services.rules.view import Claim, View
from services.rules.words import relations
from services.rules.words.times import Length, starts

EVIDENCE = {"partner": relations.partner_evidence, "contact": relations.contact_evidence, "tie": relations.ties}


def together(shape: Shape) -> Candidates:
    """One event that names both (`of.other`), or one of each kind (`of`, `with`) in either order within the window."""
    leg = shape.leg
    need(leg.of, leg, "of")
    assert leg.of is not None  # noqa: S101 - `need` has seen to it
    first = source(leg.of, shape)
    if leg.with_ is None:
        need(leg.of.other or leg.of.word or leg.of.predicate, leg, "with` or `of.other")
        return first
    second = source(leg.with_, shape)

    def found(view: View) -> Iterable[Found]:
        others = [(each.situation, raw) for each in second(view) for raw in each.raws]
        for each in first(view):
            pairs = [
                pair
                for raw in each.raws
                for situation, other in others
                if _same(each.situation, situation)
                for pair in _pair(raw, other, leg.within)
            ]
            if pairs:
                yield Found(each.situation, tuple(pairs), each.tag, each.steps, each.closers)

    return found


def _same(one: Situation, other: Situation) -> bool:
    return other.other in (None, one.other) and other.term in (None, one.term)


def _pair(one: Raw, other: Raw, within: Length | None) -> Iterable[Raw]:
    first, last = sorted((one, other), key=lambda raw: raw.start)
    if one.facts[0].ref == other.facts[0].ref or (within is not None and within.after(first.start) < last.start):
        return
    facts = once((*one.facts, *other.facts))
    yield Raw(last.start, max(one.received, other.received), facts, one.possible or other.possible)


def path(shape: Shape) -> Candidates:
    """Each person tied to the subject by evidence of the kinds asked for, one strand for each kind."""
    leg = shape.leg
    need(leg.evidence, leg, "evidence")

    def found(view: View) -> Iterable[Found]:
        for kind in leg.evidence:
            by_other: dict[int, list[Claim]] = {}
            for claim in EVIDENCE[kind](view, view.subject):
                by_other.setdefault(claim.other, []).append(claim)
            for other, claims in by_other.items():
                raws = tuple(
                    Raw(starts(claim.fact, shape.clock), claim.fact.received_at, (claim.fact,)) for claim in claims
                )
                yield Found(Situation(view.subject, other=other), raws, tag=kind)

    return found
