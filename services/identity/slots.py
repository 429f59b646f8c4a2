"""Placeholders and unnamed senders: which known person they are, if any, and since when that could be known.

Domain A3a. Placeholders of one subject and relation whose periods overlap and whose stated attributes do not contradict
are one, whoever states them. One joins a person (a) when a source names the person as that relation and cites it, or (b)
when exactly one person with a claimed relation of that kind also agrees on a strong attribute. An unnamed sender's number
joins the one person who declared it under a licence or who holds it in two agencies' records. All else is for review.

Everything is worked out from all the facts each time, so a join that no longer holds simply does not come out again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from services.chronology.facts import EventRef, Join, Review
from services.identity.alike import BirthFit, births, given_names_agree
from services.identity.cluster import Decision, Held

PARTNER_KINDS: Final = frozenset({"partner", "cohabitant", "romantic-correspondent"})
SLOT_KINDS: Final = PARTNER_KINDS | {"ex-partner", "parent", "carer", "sibling"}
"""Claims of these kinds can say who a placeholder is."""

IMPLIED_SEX: Final = {"father": "m", "mother": "f"}
TWO_AGENCIES: Final = 2
"""Holding a number in one agency's records is a claim; in two it is theirs."""


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


class _Found(NamedTuple):
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


def _protected(records: Mapping[int, Held], person_of: Mapping[int, int]) -> frozenset[int]:
    return frozenset(person_of[r] for r, held in records.items() if held.standard.protected and r in person_of)


def slot_joins(facts: Facts, person_of: Mapping[int, int]) -> Joined:
    """Find out who the placeholders and unnamed senders are. `person_of` holds the named records."""
    joined = Joined(dict(person_of), protected=_protected(facts.records, person_of))
    _join_senders(facts, joined)
    # "Her children" may belong to a placeholder: that one first, so that they belong to whom it joins.
    waiting = {slot.record: slot for slot in facts.slots}
    while waiting:
        ready = [slot for slot in waiting.values() if slot.subject_record not in waiting]
        ready = ready or list(waiting.values())  # two that belong to each other: neither comes first
        for slot in ready:
            del waiting[slot.record]
        _join_slots(ready, facts, joined)
    return joined


# Unnamed senders


def _join_senders(facts: Facts, joined: Joined) -> None:
    for sender in facts.senders:
        joined.person_of.setdefault(sender.record, sender.record)
        decided = _decided(facts, joined, {sender.record})
        found = decided.same or _by_number(sender, facts, joined, decided.different)
        if found is not None:
            at = max(found.at, sender.received_at)
            joined.joins.append(Join(sender.record, found.person, at, found.reason, (*found.by, sender.event)))
        else:
            _review_holders(sender, facts, joined, decided.different)
    for join in joined.joins:
        joined.person_of[join.slot_record] = joined.person_of[join.person_record]


def _by_number(sender: SenderStated, facts: Facts, joined: Joined, barred: set[int]) -> _Found | None:
    numbers = facts.records[sender.record].standard.numbers
    entitled: dict[int, _Found] = {}
    for declared in facts.declarations:
        if declared.number in numbers and declared.record in joined.person_of:
            person = joined.person_of[declared.record]
            found = _Found(person, declared.received_at, "declared this number", (declared.event,))
            entitled[person] = min(found, entitled.get(person, found), key=lambda f: f.at)
    for person, held in _holders(numbers, facts, joined).items():
        first = _first_by_agency(held)
        if len(first) >= TWO_AGENCIES:
            found = _Found(person, sorted(first)[TWO_AGENCIES - 1], "two agencies hold this number for them", ())
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


# Placeholders


def _join_slots(slots: Sequence[SlotStated], facts: Facts, joined: Joined) -> None:
    by_subject: dict[tuple[int, str], list[SlotStated]] = {}
    for slot in slots:
        subject = joined.person_of.get(slot.subject_record, slot.subject_record)
        by_subject.setdefault((subject, slot.relation), []).append(slot)
    for (subject, relation), stated in by_subject.items():
        for group in _groups(stated, facts.records):
            _join_group(subject, relation, group, facts, joined)


def _groups(slots: Sequence[SlotStated], records: Mapping[int, Held]) -> list[list[SlotStated]]:
    """Split the placeholders of one subject and relation into people: each joins the first it does not contradict."""
    groups: list[list[SlotStated]] = []
    for slot in sorted(slots, key=lambda s: (s.received_at, s.event, s.ref)):
        fitting = (group for group in groups if not any(_contradict(slot, other, records) for other in group))
        group = next(fitting, None)
        if group is None:
            groups.append([slot])
        else:
            group.append(slot)
    return groups


def _contradict(one: SlotStated, other: SlotStated, records: Mapping[int, Held]) -> bool:
    if one.event == other.event:
        return True  # a source that lists two means two
    if _is_over(one, other) or _is_over(other, one):
        return True
    a, b = records[one.record].standard, records[other.record].standard
    return (
        _differ(a.workplaces, b.workplaces)
        or _differ(a.dwellings, b.dwellings)
        or not given_names_agree(a, b)
        or births(a, b) in {BirthFit.CONFLICT, BirthFit.NEAR}
        or (a.sex is not None and b.sex is not None and a.sex != b.sex)
        or _counted_apart(one.children, other.children)
    )


def _is_over(one: SlotStated, other: SlotStated) -> bool:
    return one.until is not None and other.since is not None and one.until <= other.since


def _differ(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return bool(ours and theirs) and set(ours).isdisjoint(theirs)


def _counted_apart(one: tuple[str | None, int | None], other: tuple[str | None, int | None]) -> bool:
    if {one[0], other[0]} == {"none", "stated"}:
        return True
    return one[1] is not None and other[1] is not None and one[1] != other[1]


def _join_group(subject: int, relation: str, group: list[SlotStated], facts: Facts, joined: Joined) -> None:
    own = min(group, key=lambda slot: facts.records[slot.record].age).record
    joined.person_of |= {slot.record: own for slot in group}
    decided = _decided(facts, joined, {slot.record for slot in group})
    claimed = dict(_candidates(subject, relation, group, facts, joined))
    candidates = {person: claims for person, claims in claimed.items() if person not in decided.different}
    found = decided.same or _earliest(group, candidates, relation, facts, joined)
    if found is not None and found.person in joined.protected and not decided.same:
        found = None  # counted, so that nobody else passes for the only one; but the machine does not say it
    if found is None:
        _review_candidates(own, relation, group, candidates, facts, joined)
        return
    for slot in group:
        by = (*found.by, slot.event) if slot.event not in found.by else found.by
        joined.joins.append(Join(slot.record, found.person, max(found.at, slot.received_at), found.reason, by))
        joined.person_of[slot.record] = found.person


def _candidates(
    subject: int, relation: str, group: Sequence[SlotStated], facts: Facts, joined: Joined
) -> Iterator[tuple[int, list[Claim]]]:
    """Named people with a claimed relation of the kind to the subject, and the claims that count, oldest first."""
    claimed: dict[int, list[Claim]] = {}
    for claim in facts.claims:
        other = _other_party(claim, subject, relation, joined.person_of)
        if other is not None and other != subject and not _is_unnamed(other, facts.records):
            claimed.setdefault(other, []).append(claim)
    for person, claims in claimed.items():
        if standing := _standing(claims, group):
            yield person, sorted(standing, key=lambda claim: (claim.received_at, claim.event))


def _is_unnamed(person: int, records: Mapping[int, Held]) -> bool:
    held = records.get(person)
    return held is None or held.standard.slot or held.standard.sender


def _other_party(claim: Claim, subject: int, relation: str, person_of: Mapping[int, int]) -> int | None:
    """Who the claim says is that relation of the subject, if it says so of anybody."""
    one, other = person_of.get(claim.from_record), person_of.get(claim.to_record)
    match relation:
        case "partner":
            fits = claim.kind in PARTNER_KINDS
        case "child":
            return other if claim.kind == "parent" and one == subject else None
        case "parent" | "father" | "mother":
            return one if claim.kind == "parent" and other == subject else None
        case "carer":
            return one if claim.kind == "carer" and other == subject else None
        case _:
            fits = claim.kind == relation
    if not fits or subject not in {one, other}:
        return None
    return other if one == subject else one


def _standing(claims: Sequence[Claim], group: Sequence[SlotStated]) -> list[Claim]:
    """The claims that hold when the placeholder was current: not those an agency has since recorded as ended."""
    said = [claim for claim in claims if claim.status in {"reported", "disclosed", "confirmed"}]
    current = max(slot.stated_at for slot in group)
    ends = [claim for claim in claims if claim.ends_it and (claim.ended_at or claim.known_at) <= current]
    if not ends:
        return said
    last = max(claim.known_at for claim in ends)
    return [claim for claim in said if claim.known_at > last]


def _earliest(
    group: Sequence[SlotStated],
    candidates: Mapping[int, Sequence[Claim]],
    relation: str,
    facts: Facts,
    joined: Joined,
) -> _Found | None:
    """Who it is by either ground. Where both say the same, since the first of them: a later name moves no deadline."""
    named = _named(group, candidates)
    fitting = _only_fitting(relation, group, candidates, facts, joined)
    if named is None or fitting is None or named.person != fitting.person:
        return named or fitting
    return min(named, fitting, key=lambda found: (found.at, found.by))


def _named(group: Sequence[SlotStated], candidates: Mapping[int, Sequence[Claim]]) -> _Found | None:
    """The one person a source names as that relation, citing a placeholder of the group."""
    received = {slot.event: slot.received_at for slot in group}
    found: dict[int, _Found] = {}
    for person, claims in candidates.items():
        for claim in claims:
            for cited in received.keys() & set(claim.cites):
                at = max(claim.received_at, received[cited])
                named = _Found(person, at, "a source names the person and cites the placeholder", (cited, claim.event))
                found[person] = min(named, found.get(person, named), key=lambda f: (f.at, f.by))
    return next(iter(found.values())) if len(found) == 1 else None


def _only_fitting(
    relation: str,
    group: Sequence[SlotStated],
    candidates: Mapping[int, Sequence[Claim]],
    facts: Facts,
    joined: Joined,
) -> _Found | None:
    """The only candidate who agrees on a strong attribute, and contradicts none."""
    found: list[_Found] = []
    for person, claims in candidates.items():
        known = [held for held in facts.records.values() if joined.person_of.get(held.record) == person]
        known = [held for held in known if not (held.standard.slot or held.standard.sender)]
        if _cannot_be(relation, group, known, facts.records):
            continue
        if agreed := min(_agreements(group, known, facts.records), default=None):
            at, attribute, event = agreed
            reason = f"the only one claimed as {relation} who agrees on {attribute}"
            found.append(_Found(person, max(at, claims[0].received_at), reason, (event, claims[0].event)))
    return found[0] if len(found) == 1 else None


def _agreements(
    group: Sequence[SlotStated], known: Sequence[Held], records: Mapping[int, Held]
) -> Iterator[tuple[datetime, str, EventRef]]:
    """When, on what and by which event of the placeholder a strong attribute agrees."""
    for slot in group:
        stated = records[slot.record].standard
        for held in known:
            theirs = held.standard
            at = max(slot.received_at, held.received_at)
            same = {
                "workplace": set(stated.workplaces) & set(theirs.workplaces),
                "address": set(stated.dwellings) & set(theirs.dwellings),
                "telephone": set(stated.numbers) & set(theirs.numbers),
                "given name": {n.given for n in stated.names if n.given} & {n.given for n in theirs.names},
                "date of birth": births(stated, theirs) >= BirthFit.PARTIAL,
            }
            yield from ((at, attribute, slot.event) for attribute, agrees in same.items() if agrees)


def _cannot_be(relation: str, group: Sequence[SlotStated], known: Sequence[Held], records: Mapping[int, Held]) -> bool:
    """Whether the person contradicts what was stated. A second workplace or address does not."""
    sexes = {held.standard.sex for held in known} - {None}
    for slot in group:
        stated = records[slot.record].standard
        sex = stated.sex or IMPLIED_SEX.get(relation)
        if sex is not None and sexes and sex not in sexes:
            return True
        if any(not given_names_agree(stated, held.standard) for held in known):
            return True
        if any(births(stated, held.standard) in {BirthFit.CONFLICT, BirthFit.NEAR} for held in known):
            return True
    return False


def _review_candidates(
    own: int,
    relation: str,
    group: Sequence[SlotStated],
    candidates: Mapping[int, Sequence[Claim]],
    facts: Facts,
    joined: Joined,
) -> None:
    for person, claims in candidates.items():
        known = [held for held in facts.records.values() if joined.person_of.get(held.record) == person]
        if person not in joined.protected and not _cannot_be(relation, group, known, facts.records):
            at = max(min(slot.received_at for slot in group), claims[0].received_at)
            joined.reviews.append(Review(own, person, at, f"may be the {relation}: claimed as such"))


# Decisions of people


class _Decided(NamedTuple):
    same: _Found | None
    different: set[int]


def _decided(facts: Facts, joined: Joined, unnamed: set[int]) -> _Decided:
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
    found = _Found(min(same)[1], min(same)[0], "decided by a person", ()) if same else None
    return _Decided(found, different)
