"""What placeholders and unnamed senders are joined by: statements, claims, declared numbers, and what people decided. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from services.chronology.facts import EventRef, Join, Review
from services.identity.cluster import Decision, Held

PARTNER_KINDS: Final = frozenset({"partner", "cohabitant", "romantic-correspondent"})
SLOT_KINDS: Final = PARTNER_KINDS | {"ex-partner", "parent", "carer", "sibling"}
"""Claims of these kinds can say who a placeholder is."""


@dataclass(frozen=True, slots=True)
class SlotStated:
    """A placeholder as one event states it. Its attributes are those of its record."""

    record: int
    event: EventRef
    ref: str
    received_at: datetime
    stated_at: datetime
    """The day on which it was current."""
    subject_record: int
    relation: str
    since: datetime | None = None
    until: datetime | None = None
    children: tuple[str | None, int | None] = (None, None)
    """(known, count): weak, but two that are counted differently are not one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A relation between two records as one event claims it."""

    event: EventRef
    received_at: datetime
    known_at: datetime
    from_record: int
    to_record: int
    kind: str
    status: str
    ends_it: bool = False
    """An end recorded by an agency with its grounds. One claimed by either party ends nothing."""
    ended_at: datetime | None = None
    cites: tuple[EventRef, ...] = ()


class Declaration(NamedTuple):
    """A number a person declared under a licence."""

    event: EventRef
    received_at: datetime
    record: int
    number: str


class SenderStated(NamedTuple):
    """An unnamed sender as one event names them."""

    record: int
    event: EventRef
    received_at: datetime


class Found(NamedTuple):
    """A person a group of placeholders is, from when, why, and by which facts."""

    person: int
    at: datetime
    reason: str
    by: tuple[EventRef, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that placeholders and senders are joined by. Nothing of it may be retracted or unresolved."""

    records: Mapping[int, Held]
    slots: Sequence[SlotStated] = ()
    claims: Sequence[Claim] = ()
    senders: Sequence[SenderStated] = ()
    declarations: Sequence[Declaration] = ()
    decisions: Sequence[Decision] = ()


@dataclass(slots=True)
class Joined:
    """Who everybody is, placeholders and senders included."""

    person_of: dict[int, int]
    joins: list[Join] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    protected: frozenset[int] = frozenset()
    """People of sealed identity: nothing of the machine's joins anybody to them."""


class Decided(NamedTuple):
    """What people said of somebody nobody has named."""

    same: Found | None
    different: set[int]
    """People it is not."""


def decided(facts: Facts, joined: Joined, unnamed: set[int]) -> Decided:
    """What people decided about placeholders or a sender: who they are, and who they are not."""
    same: list[tuple[datetime, int]] = []
    different: set[int] = set()
    for decision in facts.decisions:
        pair = {decision.a, decision.b}
        other = next(iter(pair - unnamed), None)
        if len(pair & unnamed) != 1 or other not in joined.person_of:
            continue
        if decision.verdict == "different":
            different.add(joined.person_of[other])
        else:
            same.append((decision.decided_at, joined.person_of[other]))
    same = [(at, person) for at, person in same if person not in different]
    found = Found(min(same)[1], min(same)[0], "decided by a person", ()) if same else None
    return Decided(found, different)
