"""Who is who within one case: membership, slots that joined, and slots that are one slot.

A record stands for its present person; a joined slot for the person it joined; slots of one subject and relation whose
periods overlap and whose stated attributes do not contradict for one unnamed person, whoever states them (domain A3a).
Alerts must be matched through the same eyes, or a joined slot rings twice: `People.of(case).person`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.chronology.facts import Case, EventRef, Fact, Interval, Join, Mention, Slot


@dataclass(frozen=True, slots=True)
class SlotMention:
    """One event's statement of an unnamed person."""

    fact: Fact
    mention: Mention
    slot: Slot


@dataclass(frozen=True, slots=True)
class SlotGroup:
    """One unnamed person: all statements that may be of the same."""

    subject: int
    relation: str
    members: tuple[SlotMention, ...]
    joined: int | None
    """The person it was found to be."""
    joins: tuple[Join, ...]

    @property
    def events(self) -> frozenset[EventRef]:
        """Return the events that state it."""
        return frozenset(member.fact.ref for member in self.members)


class _Stands(dict[int, int]):
    """Record to person; a record not held stands for itself. A dictionary, because it is asked for millions of times."""

    def __missing__(self, record: int) -> int:
        return record


class People:
    """Answers which person a record stands for. Build with `People.of`."""

    __slots__ = ("_found", "groups", "person")

    def __init__(
        self,
        base: Mapping[int, int],
        stands: Mapping[int, int],
        found: Mapping[int, int],
        groups: tuple[SlotGroup, ...],
    ) -> None:
        self.person: Callable[[int], int] = _Stands({**base, **stands}).__getitem__
        """Return the person a record stands for; a record this case does not know stands for itself."""
        self._found = found
        self.groups = groups

    @classmethod
    def of(cls, case: Case) -> "People":
        """Work out who is who; without slots this is membership alone and costs nothing."""
        slots = [
            SlotMention(fact, mention, mention.slot)
            for fact in case.facts
            for mention in fact.mentions
            if mention.slot is not None
        ]
        if not slots and not case.joins:
            return cls(case.person_of, {}, {}, ())
        return _with_slots(case, slots)

    def joined(self, slot_record: int) -> int | None:
        """Return the person this slot is known to be, None if nobody knows."""
        return self._found.get(slot_record)


def _with_slots(case: Case, slots: list[SlotMention]) -> People:
    base = case.person_of
    # The case may not hold the record it joined, but membership has the slot's own record with that person too.
    found: dict[int, int] = {
        join.slot_record: base.get(join.person_record, base.get(join.slot_record, join.person_record))
        for join in case.joins
    }
    stands = dict(found)
    groups: list[SlotGroup] = []
    # A slot may hang on another ("a child of his partner"), so those nearer to a named person come first.
    waiting = sorted(slots, key=_content_order)
    while waiting:
        slot_refs = {(slot.fact.key, slot.mention.ref) for slot in waiting}
        ready = [slot for slot in waiting if (slot.fact.key, slot.slot.subject_ref) not in slot_refs]
        ready = ready or waiting  # slots that hang on each other in a ring are taken as they come
        made = _grouped(ready, People(base, stands, found, ()), case.joins)
        groups += made
        for group in made:
            records = [member.mention.record for member in group.members if member.mention.record not in found]
            if group.joined is not None:
                found.update(dict.fromkeys(records, group.joined))
            stands.update(dict.fromkeys(records, _stands_for(group, base)))
        done = {id(slot) for slot in ready}
        waiting = [slot for slot in waiting if id(slot) not in done]
    return People(base, stands, found, tuple(groups))


def _content_order(slot: SlotMention) -> tuple[object, ...]:
    return (slot.fact.received_at, slot.fact.ref, slot.mention.ref)


def _subject_of(slot: SlotMention, people: People) -> int:
    for mention in slot.fact.mentions:
        if mention.ref == slot.slot.subject_ref:
            return people.person(mention.record)
    return -slot.mention.record  # its subject is not in the event: nobody's slot but its own


def _grouped(slots: list[SlotMention], people: People, joins: Iterable[Join]) -> list[SlotGroup]:
    by_slot: dict[tuple[int, str], list[list[SlotMention]]] = {}
    for slot in slots:
        groups = by_slot.setdefault((_subject_of(slot, people), slot.slot.relation), [])
        fitting = next((group for group in groups if all(_compatible(slot, member, people) for member in group)), None)
        if fitting is None:
            groups.append([slot])
        else:
            fitting.append(slot)
    all_joins = tuple(joins)
    return [
        _group(subject, relation, group, people, all_joins)
        for (subject, relation), groups in by_slot.items()
        for group in groups
    ]


def _group(
    subject: int, relation: str, members: list[SlotMention], people: People, joins: tuple[Join, ...]
) -> SlotGroup:
    records = {member.mention.record for member in members}
    own = tuple(join for join in joins if join.slot_record in records)
    persons = {people.person(join.slot_record) for join in own}
    return SlotGroup(subject, relation, tuple(members), min(persons) if persons else None, own)


def _stands_for(group: SlotGroup, base: Mapping[int, int]) -> int:
    if group.joined is not None:
        return group.joined
    return min(base.get(member.mention.record, member.mention.record) for member in group.members)


def _compatible(one: SlotMention, other: SlotMention, people: People) -> bool:
    if one.fact is other.fact or not _overlap(one.slot.period, other.slot.period):
        return False  # one event that speaks of two unnamed people means two
    found = {people.joined(slot.mention.record) for slot in (one, other)} - {None}
    if len(found) > 1:
        return False
    return all(other.slot.stated.get(name, value) == value for name, value in one.slot.stated.items())


def _overlap(one: Interval, other: Interval) -> bool:
    return not (
        (one.latest is not None and other.earliest is not None and one.latest <= other.earliest)
        or (other.latest is not None and one.earliest is not None and other.latest <= one.earliest)
    )
