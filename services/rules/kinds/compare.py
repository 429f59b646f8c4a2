"""`contradiction`: a later record says otherwise than the latest one that stands."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from services.chronology.facts import Fact
from services.rules.kinds.shape import Candidates, Shape, need, source
from services.rules.registry import Found, Raw
from services.rules.situation import once
from services.rules.view import View

Contradicts = Callable[[Fact, Fact], bool]

HOWS: Final = ("differs", "lower", "omits")


def contradiction(shape: Shape) -> Candidates:
    """An event of the second kind (`with`) contradicts the latest of the first (`of`) known before it."""
    leg = shape.leg
    need(leg.of, leg, "of")
    assert leg.of is not None  # noqa: S101 - `need` has seen to it
    if leg.with_ is None and leg.of.predicate is not None:
        return source(leg.of, shape)  # which record contradicts which is what the predicate says
    need(leg.with_, leg, "with")
    need(leg.compare, leg, "compare")
    assert leg.with_ is not None  # noqa: S101 - `need` has seen to it, too
    first, second = source(leg.of, shape), source(leg.with_, shape)
    contradicts = _comparison(leg.compare or {})

    def found(view: View) -> Iterable[Found]:
        standing = [(each.situation, raw) for each in first(view) for raw in each.raws]
        for each in second(view):
            for later in each.raws:
                before = [
                    raw
                    for situation, raw in standing
                    if situation.other == each.situation.other
                    and raw.facts[0] is not later.facts[0]
                    and raw.start <= later.start
                ]
                latest = max(before, key=lambda raw: (raw.start, raw.facts[0].ref), default=None)
                if latest is not None and contradicts(latest.facts[0], later.facts[0]):
                    yield Found(each.situation, (_both(latest, later),))

    return found


def _both(latest: Raw, later: Raw) -> Raw:
    facts = once((*later.facts, *latest.facts))
    return Raw(later.start, max(latest.received, later.received), facts, latest.possible or later.possible)


def _comparison(compare: Mapping[str, Any]) -> Contradicts:
    how, left = compare.get("how"), str(compare.get("field"))
    right = str(compare.get("with_field", left))
    if how not in HOWS:
        raise LookupError(f"unknown comparison {how!r}; known are: {', '.join(HOWS)}")
    if how == "lower":
        return _lower(left, right, compare.get("order") or ())
    if how == "omits":
        return lambda one, other: _omits(_value(one, left), _value(other, right))
    return lambda one, other: _differs(_value(one, left), _value(other, right))


def _differs(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _omits(one: object, other: object) -> bool:
    wanted = set(one) if isinstance(one, list | tuple) else {one}
    return one is not None and isinstance(other, list | tuple) and not wanted <= set(other)


def _lower(left: str, right: str, order: Sequence[object]) -> Contradicts:
    rank = {value: n for n, value in enumerate(order)}

    def lower(one: Fact, other: Fact) -> bool:
        ranks = rank.get(_value(one, left)), rank.get(_value(other, right))
        return ranks[0] is not None and ranks[1] is not None and ranks[1] < ranks[0]

    return lower


def _value(fact: Fact, path: str) -> object:
    value: object = fact.fields
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
