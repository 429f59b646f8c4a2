"""How the identifiers of two records agree. Symmetric.

A valid number may still be borrowed or copied to the wrong file, so it is strong but never all. Two different valid ones of
a kind of which a person has one forbid an automatic link, whatever else agrees.
"""

from collections.abc import Iterable
from typing import Final

from rapidfuzz.distance import OSA

from services.identity.scoring.model import Seen
from services.identity.standardise import Identifier, Standard

ONE_EACH: Final = frozenset({"nhs", "cro", "nino", "upn"})
"""Kinds of which a person has one."""
SOMETIMES_TWO: Final = frozenset({"pnc", "prison", "crn"})
"""Kinds of which one person may come to have two: opened anew under another name, and merged later if at all."""


def identifiers(a: Standard, b: Standard) -> Seen | None:
    """How the identifiers agree; None where no kind can be compared."""
    if not (a.identifiers or a.misread) or not (b.identifiers or b.misread):
        return None
    apart = differing(a, b)
    shared = set(a.identifiers) & set(b.identifiers)
    official = sum(not _is_own(identifier) for identifier in shared)
    if official + len(apart) > 1:
        return Seen("numbers", ("mixed" if apart else "two") if official else "differ")
    if official:
        return Seen("number", "equal")
    if shared:
        return Seen("own_number", "equal")
    if apart:
        return Seen("number", "differ" if ONE_EACH.intersection(apart) else "another")
    return Seen("number", "misread") if _is_misread(a, b) else None


def differing(a: Standard, b: Standard) -> list[str]:
    """Kinds of official number of which both have a valid one, and none the same."""
    if not a.identifiers or not b.identifiers:
        return []
    both = _lasting(a) & _lasting(b)
    return sorted(both - {i.system for i in set(a.identifiers) & set(b.identifiers)})


def _lasting(standard: Standard) -> set[str]:
    """Kinds of official number of which a record has one that lasts: a temporary pupil number makes way for another."""
    return {
        identifier.system
        for identifier in standard.identifiers
        if identifier.system in ONE_EACH | SOMETIMES_TWO
        and not (identifier.system == "upn" and identifier.value[-1].isalpha())
    }


def must_differ(a: Standard, b: Standard) -> list[str]:
    """Kinds whose numbers forbid an automatic link: one each, or sometimes two with no other number to vouch for it."""
    apart = differing(a, b)
    if not apart:
        return []
    vouched = any(not _is_own(identifier) for identifier in set(a.identifiers) & set(b.identifiers))
    return [kind for kind in apart if kind in ONE_EACH or not vouched]


def _is_own(identifier: Identifier) -> bool:
    return "@" in identifier.system


def _is_misread(a: Standard, b: Standard) -> bool:
    """Whether a number that fails its check is the other's, or one slip away from it."""
    return _one_slip(a.misread, (*b.identifiers, *b.misread)) or _one_slip(b.misread, a.identifiers)


def _one_slip(wrong: Iterable[Identifier], right: Iterable[Identifier]) -> bool:
    right = tuple(right)
    return any(
        w.system == r.system and OSA.distance(_unmarked(w.value), _unmarked(r.value), score_cutoff=1) <= 1
        for w in wrong
        for r in right
    )


def _unmarked(value: str) -> str:
    """A number without the stroke of its one writing, as those that fail their check are kept."""
    return value.replace("/", "")
