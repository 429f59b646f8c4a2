"""Unnamed senders: a number joins the one person who declared it under a licence, or who holds it in two agencies' records (domain
A3a). Who else holds it is for review. Pure.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Join, Review
from services.identity.cluster import Held
from services.identity.unnamed.facts import Facts, Found, Joined, SenderStated, decided

TWO_AGENCIES: Final = 2
"""Holding a number in one agency's records is a claim; in two it is theirs."""


def join_senders(facts: Facts, joined: Joined) -> None:
    """Find out who the unnamed senders are, and note it in `joined`."""
    for sender in facts.senders:
        joined.person_of.setdefault(sender.record, sender.record)
        said = decided(facts, joined, {sender.record})
        found = said.same or _by_number(sender, facts, joined, said.different)
        if found is not None:
            at = max(found.at, sender.received_at)
            joined.joins.append(Join(sender.record, found.person, at, found.reason, (*found.by, sender.event)))
        else:
            _review_holders(sender, facts, joined, said.different)
    for join in joined.joins:
        joined.person_of[join.slot_record] = joined.person_of[join.person_record]


def _by_number(sender: SenderStated, facts: Facts, joined: Joined, barred: set[int]) -> Found | None:
    numbers = facts.records[sender.record].standard.numbers
    entitled: dict[int, Found] = {}
    for declared in facts.declarations:
        if declared.number in numbers and declared.record in joined.person_of:
            person = joined.person_of[declared.record]
            found = Found(person, declared.received_at, "declared this number", (declared.event,))
            entitled[person] = min(found, entitled.get(person, found), key=lambda f: f.at)
    for person, held in _holders(numbers, facts, joined).items():
        first = _first_by_agency(held)
        if len(first) >= TWO_AGENCIES:
            found = Found(person, sorted(first)[TWO_AGENCIES - 1], "two agencies hold this number for them", ())
            entitled[person] = min(found, entitled.get(person, found), key=lambda f: f.at)
    left = [found for person, found in entitled.items() if person not in barred]
    return left[0] if len(left) == 1 and left[0].person not in joined.protected else None


def _holders(numbers: Sequence[str], facts: Facts, joined: Joined) -> dict[int, list[Held]]:
    """Person -> the named records that hold one of the numbers."""
    found: dict[int, list[Held]] = {}
    for held in facts.records.values():
        if not (held.standard.sender or held.standard.slot) and not set(numbers).isdisjoint(held.standard.numbers):
            found.setdefault(joined.person_of[held.record], []).append(held)
    return found


def _first_by_agency(held: Iterable[Held]) -> list[datetime]:
    first: dict[str, datetime] = {}
    for one in held:
        agency = one.standard.agency
        first[agency] = min(one.received_at, first.get(agency, one.received_at))
    return list(first.values())


def _review_holders(sender: SenderStated, facts: Facts, joined: Joined, barred: set[int]) -> None:
    for person, held in _holders(facts.records[sender.record].standard.numbers, facts, joined).items():
        if person not in barred and person not in joined.protected:
            at = max(sender.received_at, min(one.received_at for one in held))
            joined.reviews.append(Review(sender.record, person, at, "may be the sender: holds the number"))
