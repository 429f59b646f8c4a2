"""Placeholders and unnamed senders: which known person they are, if any, and since when that could be known (domain A3a). Pure.

Everything is worked out from all the facts each time, so a join that no longer holds simply does not come out again.
"""

from collections.abc import Mapping

from services.identity.cluster import Held
from services.identity.unnamed.facts import Facts, Joined
from services.identity.unnamed.placeholders import join_slots
from services.identity.unnamed.senders import join_senders


def _protected(records: Mapping[int, Held], person_of: Mapping[int, int]) -> frozenset[int]:
    return frozenset(person_of[r] for r, held in records.items() if held.standard.protected and r in person_of)


def slot_joins(facts: Facts, person_of: Mapping[int, int]) -> Joined:
    """Find out who the placeholders and unnamed senders are. `person_of` holds the named records."""
    joined = Joined(dict(person_of), protected=_protected(facts.records, person_of))
    join_senders(facts, joined)
    # "Her children" may belong to a placeholder: that one first, so that they belong to whom it joins.
    waiting = {slot.record: slot for slot in facts.slots}
    while waiting:
        ready = [slot for slot in waiting.values() if slot.subject_record not in waiting]
        ready = ready or list(waiting.values())  # two that belong to each other: neither comes first
        for slot in ready:
            del waiting[slot.record]
        join_slots(ready, facts, joined)
    return joined
