"""Sealed identities: an adoption, a new name, witness protection. No machine joins them to anybody. Pure.

An agency says so of a person of its own, under its own number for them, in any mention (`protected`). From then on every
record of that agency under that number is protected, earlier and later ones too: a system that does not know of it yet
must not undo it. The machine neither links a protected record nor suggests that somebody look at it: a suggestion alone
would say who it is. What joins it is the decision of a named role (the scope `identity:protected`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.identity.cluster import Decision, Held
from services.identity.compare import Verdict
from services.identity.standardise import Identifier, Standard


def own_number(standard: Standard) -> Identifier | None:
    """The agency's own number for the person, by which its records of one person are protected together."""
    own = f"own@{standard.agency}"
    return next((identifier for identifier in standard.identifiers if identifier.system == own), None)


def protected(records: Mapping[int, Held]) -> frozenset[int]:
    """The records that are protected, of records of which all are given: those that say so, and their like."""
    numbers = {own_number(held.standard) for held in records.values() if held.standard.protected}
    return frozenset(
        record
        for record, held in records.items()
        if held.standard.protected or (own_number(held.standard) or 0) in numbers
    )


def shielded(records: Mapping[int, Held]) -> dict[int, Held]:
    """The records, those that are protected marked as such, whatever their own mentions say."""
    found = protected(records)
    return {
        record: replace(held, standard=replace(held.standard, protected=True)) if record in found else held
        for record, held in records.items()
    }


def open_verdicts(
    verdicts: Mapping[tuple[int, int], Verdict], records: Mapping[int, Held]
) -> dict[tuple[int, int], Verdict]:
    """The verdicts that touch nobody protected: all that the machine goes by."""
    closed = {record for record, held in records.items() if held.standard.protected}
    return {pair: verdict for pair, verdict in verdicts.items() if closed.isdisjoint(pair)}


def standing_decisions(decisions: Iterable[Decision], records: Mapping[int, Held]) -> list[Decision]:
    """The decisions that hold: "same" about somebody protected only if it was made by the role that may."""
    closed = {record for record, held in records.items() if held.standard.protected}
    return [
        decision
        for decision in decisions
        if decision.verdict == "different" or decision.privileged or closed.isdisjoint((decision.a, decision.b))
    ]
