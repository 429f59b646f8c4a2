"""`count`: so many events, and `distinct`: so many different agencies, informants or people, near to each other.

Windows slide over the chronology: each event asks what lies in the window that ends with it. What answers do to what was
known before them is said in `services.rules.answered`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final

from services.rules.kinds.shape import Candidates, Shape, by_situation, need, source
from services.rules.registry import Found, Raw
from services.rules.situation import once
from services.rules.view import View
from services.rules.words import informants
from services.rules.words.times import Length

HARMED: Final = ("harmed", "at-risk", "victim")
"""Roles of those an event says were harmed, or might be."""

Enough = Callable[[View, Sequence[Raw]], bool]

ONE_EACH: Final = frozenset({"sign", "agency", "informant"})
"""What one piece of evidence has one of, at most; people it may name many."""


def count(shape: Shape) -> Candidates:
    """At least so many matching events within the window."""
    need(shape.leg.at_least, shape.leg, "at_least")
    need(shape.leg.within, shape.leg, "within")
    least = shape.leg.at_least or 0
    return _sliding(shape, lambda _, raws: len({raw.facts[0].ref for raw in raws}) >= least, least)


def distinct(shape: Shape) -> Candidates:
    """Matching events come from so many agencies, informants, people or are so many signs, within any window given.

    With `at_least` there must be so many events as well.
    """
    need(shape.leg.distinct, shape.leg, "distinct")
    wanted = tuple(shape.leg.distinct)

    def enough(view: View, raws: Sequence[Raw]) -> bool:
        many = len({raw.facts[0].ref for raw in raws}) >= (shape.leg.at_least or 0)
        return many and all(_different(view, raws, each.of) >= each.at_least for each in wanted)

    one_each = [each.at_least for each in wanted if each.of in ONE_EACH]
    return _sliding(shape, enough, max(shape.leg.at_least or 0, *one_each, 1))


def _different(view: View, raws: Sequence[Raw], of: str) -> int:
    facts = [raw.facts[0] for raw in raws]
    match of:
        case "sign":
            return len({raw.sign for raw in raws})
        case "agency":
            return len({fact.agency for fact in facts})
        case "informant":
            return informants.independent(view, facts)
        case "harmed":
            return len({person for fact in facts for person in view.people_in(fact, *HARMED)} - {view.subject})
        case _:
            return len({person for fact in facts for person in view.people_in(fact)} - {view.subject})


def _sliding(shape: Shape, enough: Enough, least: int) -> Candidates:
    """`least` is how many pieces of evidence there are at least where there is enough: with fewer nobody need look."""
    leg = shape.leg
    need(leg.of, leg, "of")
    assert leg.of is not None  # noqa: S101 - `need` has seen to it
    candidates, within = source(leg.of, shape), leg.within

    def found(view: View) -> Iterable[Found]:
        for situation, raws in by_situation(candidates(view)).values():
            if len(raws) < least:
                continue
            together = complete(view, raws)
            if together:
                yield Found(situation, together, pieces=tuple(raws), complete=partial(complete, view))

    def complete(view: View, raws: Sequence[Raw]) -> tuple[Raw, ...]:
        ordered = sorted(raws, key=lambda raw: (raw.start, raw.facts[0].ref))
        return tuple(each for window in _windows(ordered, within) for each in _complete(view, window, enough))

    return found


def _windows(ordered: list[Raw], within: Length | None) -> Iterator[list[Raw]]:
    """For each, what lies in the window that ends with it."""
    ends = [within.after(raw.start) for raw in ordered] if within is not None else []
    first = 0
    for n, last in enumerate(ordered):
        while ends and ends[first] < last.start:
            first += 1
        yield ordered[first : n + 1]


def _complete(view: View, window: list[Raw], enough: Enough) -> Iterable[Raw]:
    """The evidence that is complete with the last of these, if it is."""
    last = window[-1]
    if not enough(view, window):
        return
    received = _first_enough(view, window, last, enough)
    facts = once(fact for raw in window for fact in raw.facts)
    yield Raw(last.start, received.received, facts, any(raw.possible for raw in window))


def _first_enough(view: View, window: list[Raw], last: Raw, enough: Enough) -> Raw:
    """The one whose arrival made it enough: of many that arrived, not all were needed."""
    arrived: list[Raw] = []
    with_last = False
    for raw in sorted(window, key=lambda raw: (raw.received, raw.facts[0].ref)):
        arrived.append(raw)
        with_last = with_last or raw is last
        if with_last and enough(view, arrived):
            return raw
    return max(window, key=lambda raw: raw.received)
