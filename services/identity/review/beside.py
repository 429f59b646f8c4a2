"""Two people side by side: field by field, what agrees, what differs and what only one side says. Pure, and without values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Final, Literal

from services.identity.compare import Line, explain, observe
from services.identity.scoring.model import Model, Seen
from services.identity.standardise import Standard

Outcome = Literal["same", "near", "different", "not-comparable", "one-sided", "missing"]

PAIRS_MAX: Final = 100
"""Pairs of records looked at for one item: some 10 ms. Ten records a side is a well-known person."""
EXPLAINED_MAX: Final = 5
"""Pairs explained line by line, those that come nearest first: more than anybody reads."""

_SAYS: Final[Mapping[str, Callable[[Standard], bool]]] = {
    "given-name": lambda one: any(name.given for name in one.names),
    "middle-name": lambda one: any(name.middle for name in one.names),
    "family-name": lambda one: any(name.family for name in one.names),
    "date-of-birth": lambda one: bool(one.born),
    "sex": lambda one: one.sex is not None,
    "identifier": lambda one: bool(one.identifiers or one.misread),
    "address": lambda one: bool(one.homes),
    "telephone": lambda one: bool(one.phones),
    "workplace": lambda one: bool(one.workplaces),
}
"""Field -> whether a record says anything of it."""

_FIELD_OF: Final = {
    "given": "given-name",
    "given_initial": "given-name",
    "middle": "middle-name",
    "middle_initial": "middle-name",
    "family": "family-name",
    "family_initial": "family-name",
    "born": "date-of-birth",
    "born_month": "date-of-birth",
    "born_year": "date-of-birth",
    "sex": "sex",
    "sex_named": "sex",
    "home": "address",
    "phone": "telephone",
    "number": "identifier",
}
"""Comparison of the model -> field. "via" says how a name was found, and is of none."""

_SAME: Final = frozenset({"exact", "equal", "two", "own", "dwelling", "many", "mobile", "fixed", "women"})
_DIFFERENT: Final = frozenset({"other", "other_woman", "differ", "another", "close", "generation"})
_RANK: Final[Mapping[Outcome, int]] = {
    "same": 0,
    "near": 1,
    "different": 2,
    "not-comparable": 3,
    "one-sided": 4,
    "missing": 5,
}


@dataclass(frozen=True, slots=True)
class Field:
    """How a field of two people agrees at its best."""

    field: str
    outcome: Outcome
    said_by: Literal["record", "candidate"] | None = None
    """One-sided: whose records say anything of it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why two records may be one person or not, in lines that add up to the weight."""

    record: int
    candidate: int
    lines: tuple[Line, ...]

    @property
    def weight(self) -> int:
        """log2 odds of "same", in thousandths of a bit."""
        return sum(line.weight for line in self.lines)


def fields(ones: Sequence[Standard], others: Sequence[Standard]) -> tuple[Field, ...]:
    """Compare all records of one person with all of another, and keep for each field how it agrees at its best."""
    found: dict[str, Outcome] = {}
    for a, b in islice(product(ones, others), PAIRS_MAX):
        for field, outcome in _outcomes(a, b):
            if field not in found or _RANK[outcome] < _RANK[found[field]]:
                found[field] = outcome
    return tuple(Field(field, found[field]) if field in found else _unmatched(field, ones, others) for field in _SAYS)


def _outcomes(a: Standard, b: Standard) -> Iterable[tuple[str, Outcome]]:
    for seen in observe(a, b):
        if seen.comparison in _FIELD_OF:
            yield _FIELD_OF[seen.comparison], _outcome(seen)
    if a.workplaces and b.workplaces:
        yield "workplace", "different" if set(a.workplaces).isdisjoint(b.workplaces) else "same"


def _outcome(seen: Seen) -> Outcome:
    if seen.level in _DIFFERENT:
        return "different"
    if seen.level in _SAME or (seen.level == "same" and seen.comparison in {"sex", "sex_named"}):
        return "same"
    return "near"


def _unmatched(field: str, ones: Sequence[Standard], others: Sequence[Standard]) -> Field:
    ours, theirs = (any(map(_SAYS[field], side)) for side in (ones, others))
    if ours and theirs:
        return Field(field, "not-comparable")
    if ours or theirs:
        return Field(field, "one-sided", "record" if ours else "candidate")
    return Field(field, "missing")


def explained(ones: Mapping[int, Standard], others: Mapping[int, Standard], by: Model) -> tuple[Explained, ...]:
    """Explain by this model the pairs of records that come nearest, the nearest first. Placeholders have nothing to compare."""
    found = [
        Explained(one, other, explain(ones[one], others[other], by))
        for one, other in islice(product(sorted(ones), sorted(others)), PAIRS_MAX)
        if not (_is_unnamed(ones[one]) or _is_unnamed(others[other]))
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, each.record, each.candidate))[:EXPLAINED_MAX])


def _is_unnamed(standard: Standard) -> bool:
    return standard.slot or standard.sender
