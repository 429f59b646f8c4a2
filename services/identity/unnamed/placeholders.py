"""Placeholders: somebody whom a source knows of and cannot name ("partner, two children, works at a care home"). Pure.

Those of one subject and relation whose periods overlap and whose stated attributes do not contradict are one, whoever states
them. One joins a person (a) when a source names the person as that relation and cites it, or (b) when exactly one person with
a claimed relation of that kind also agrees on a strong attribute. All else is for review (domain A3a).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import EventRef, Join, Review
from services.identity.alike import BirthFit, births, given_names_agree
from services.identity.cluster import Held
from services.identity.unnamed.facts import PARTNER_KINDS, Claim, Facts, Found, Joined, SlotStated, decided

IMPLIED_SEX: Final = {"father": "m", "mother": "f"}


def join_slots(slots: Sequence[SlotStated], facts: Facts, joined: Joined) -> None:
    """Find out who these placeholders are, and note it in `joined`; their subjects are known or known to be unknown."""
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
    said = decided(facts, joined, {slot.record for slot in group})
    claimed = dict(_candidates(subject, relation, group, facts, joined))
    candidates = {person: claims for person, claims in claimed.items() if person not in said.different}
    found = said.same or _earliest(group, candidates, relation, facts, joined)
    if found is not None and found.person in joined.protected and not said.same:
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
) -> Found | None:
    """Who it is by either ground. Where both say the same, since the first of them: a later name moves no deadline."""
    named = _named(group, candidates)
    fitting = _only_fitting(relation, group, candidates, facts, joined)
    if named is None or fitting is None or named.person != fitting.person:
        return named or fitting
    return min(named, fitting, key=lambda found: (found.at, found.by))


def _named(group: Sequence[SlotStated], candidates: Mapping[int, Sequence[Claim]]) -> Found | None:
    """The one person a source names as that relation, citing a placeholder of the group."""
    received = {slot.event: slot.received_at for slot in group}
    found: dict[int, Found] = {}
    for person, claims in candidates.items():
        for claim in claims:
            for cited in received.keys() & set(claim.cites):
                at = max(claim.received_at, received[cited])
                named = Found(person, at, "a source names the person and cites the placeholder", (cited, claim.event))
                found[person] = min(named, found.get(person, named), key=lambda f: (f.at, f.by))
    return next(iter(found.values())) if len(found) == 1 else None


def _only_fitting(
    relation: str,
    group: Sequence[SlotStated],
    candidates: Mapping[int, Sequence[Claim]],
    facts: Facts,
    joined: Joined,
) -> Found | None:
    """The only candidate who agrees on a strong attribute, and contradicts none."""
    found: list[Found] = []
    for person, claims in candidates.items():
        known = [held for held in facts.records.values() if joined.person_of.get(held.record) == person]
        known = [held for held in known if not (held.standard.slot or held.standard.sender)]
        if _cannot_be(relation, group, known, facts.records):
            continue
        if agreed := min(_agreements(group, known, facts.records), default=None):
            at, attribute, event = agreed
            reason = f"the only one claimed as {relation} who agrees on {attribute}"
            found.append(Found(person, max(at, claims[0].received_at), reason, (event, claims[0].event)))
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
