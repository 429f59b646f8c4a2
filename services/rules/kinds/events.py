"""`event`: it happened. `absence`: it happened, and no answer came within the window."""

from collections.abc import Iterable

from services.rules.kinds.shape import Candidates, Shape, by_situation, need, source
from services.rules.registry import Found
from services.rules.view import View


def event(shape: Shape) -> Candidates:
    """Every matching event is evidence and rings at once."""
    need(shape.leg.of, shape.leg, "of")
    assert shape.leg.of is not None  # noqa: S101 - `need` has seen to it
    return _latest(source(shape.leg.of, shape), shape)


def absence(shape: Shape) -> Candidates:
    """As `event`, but the answers in `unless` have until the end of the window (or the first of `steps`)."""
    need(shape.leg.within or shape.leg.steps, shape.leg, "within")
    need(shape.leg.unless, shape.leg, "unless")
    return event(shape)


def _latest(found: Candidates, shape: Shape) -> Candidates:
    if not shape.leg.latest:
        return found
    return lambda view: _newest(view, found)


def _newest(view: View, candidates: Candidates) -> Iterable[Found]:
    for situation, raws in by_situation(candidates(view)).values():
        newest = max(raws, key=lambda raw: (raw.start, raw.facts[0].ref))
        yield Found(situation, (newest,))
