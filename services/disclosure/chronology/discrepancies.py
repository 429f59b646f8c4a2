"""Where sources contradict each other about one person. Listed side by side, never decided: each claim keeps its source.

Only what the viewer may see is compared, so that a discrepancy tells of nothing hidden. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.chronology.facts import EventRef, Fact, Interval
from services.disclosure.content import coded, interval, moment
from services.disclosure.masks import Mask
from services.disclosure.material import Material

Json = dict[str, Any]
Masked = Mapping[EventRef, Mask]

THINGS: Final = ("licence", "release", "placement", "transfer", "review", "programme", "order", "flag", "tool")
"""Fields that name one thing, so that two events about it can contradict each other."""

OPPOSED: Final = (
    frozenset({"completed", "dropped"}),
    frozenset({"completed", "withdrawn"}),
    frozenset({"accepted", "refused"}),
    frozenset({"agreed", "refused"}),
    frozenset({"made", "refused"}),
    frozenset({"reported", "denied"}),
    frozenset({"disclosed", "denied"}),
    frozenset({"confirmed", "denied"}),
)
"""Ends of one matter that cannot both be so."""


def discrepancies(person: int, masked: Masked, material: Material) -> list[Json]:
    """Return what two or more sources say differently: what it is about, and each claim with source and time."""
    found = [
        *_born(person, masked, material),
        *_relations(person, masked, material),
        *_beginnings(person, masked, material),
    ]
    found += _things(masked, material)
    return sorted(found, key=lambda one: (one["about"], str(one["claims"][0]["known_at"])))


def _born(person: int, masked: Masked, material: Material) -> Iterator[Json]:
    """Dates of birth that do not fit each other; "1981" and "1981-06-14" do."""
    claims: dict[str, Json] = {}
    for fact in _facts(masked, material, "people.born"):
        for mention in fact.mentions:
            born = mention.body.get("born")
            if born and material.person_of(mention.record) == person:
                claims.setdefault(f"{fact.agency} {born}", _claim(fact, born))
    said = {claim["said"] for claim in claims.values()}
    if any(not (one.startswith(other) or other.startswith(one)) for one in said for other in said):
        yield {"about": "born", "claims": list(claims.values())}


def _relations(person: int, masked: Masked, material: Material) -> Iterator[Json]:
    """One relation that somebody claims and somebody denies or calls ended."""
    by_pair: dict[tuple[frozenset[int], str], list[Json]] = {}
    for fact in _facts(masked, material, "relationships"):
        of_ref = {mention.ref: material.person_of(mention.record) for mention in fact.mentions}
        for claim in fact.relations:
            pair = frozenset(of_ref[ref] for ref in (claim.from_ref, claim.to_ref) if ref in of_ref)
            if person in pair and not pair & material.protected:
                by_pair.setdefault((pair, claim.kind), []).append(_claim(fact, claim.status))
    for (_, kind), claims in by_pair.items():
        said = {claim["said"] for claim in claims}
        if any(opposed <= said for opposed in OPPOSED):
            yield {"about": f"relationship {kind}", "claims": claims}


def _beginnings(person: int, masked: Masked, material: Material) -> Iterator[Json]:
    """One relation that began at times which exclude each other."""
    by_pair: dict[tuple[frozenset[int], str], list[tuple[Interval, Json]]] = {}
    for fact in _facts(masked, material, "relationships"):
        of_ref = {mention.ref: material.person_of(mention.record) for mention in fact.mentions}
        for claim in fact.relations:
            pair = frozenset(of_ref[ref] for ref in (claim.from_ref, claim.to_ref) if ref in of_ref)
            began = interval(claim.since)
            if began is not None and person in pair and not pair & material.protected:
                by_pair.setdefault((pair, claim.kind), []).append((claim.since, _claim(fact, began)))
    for (_, kind), said in by_pair.items():
        if any(_excludes(one, other) for one, _ in said for other, _ in said):
            yield {"about": f"relationship {kind}: since", "claims": [claim for _, claim in said]}


def _excludes(one: Interval, other: Interval) -> bool:
    return one.latest is not None and other.earliest is not None and one.latest < other.earliest


def _things(masked: Masked, material: Material) -> Iterator[Json]:
    """One licence, placement, programme ... of which two sources say different things."""
    by_thing: dict[tuple[str, str], list[Fact]] = {}
    for fact in _facts(masked, material, "fields"):
        for name in THINGS:
            value = fact.fields.get(name)
            if isinstance(value, str):
                by_thing.setdefault((name, value), []).append(fact)
    for (name, value), facts in by_thing.items():
        about = f"{name} {value}"
        ends = [_claim(fact, fact.type.rpartition(".")[2]) for fact in facts]
        if any(opposed <= {claim["said"] for claim in ends} for opposed in OPPOSED):
            yield {"about": about, "claims": ends}
        yield from _fields(about, facts)


def _fields(about: str, facts: list[Fact]) -> Iterator[Json]:
    """A coded field of one kind of event, said differently by different agencies. One agency may change its mind."""
    by_field: dict[tuple[str, str], dict[str, Json]] = {}
    for fact in facts:
        happened = fact.type.partition(".")[2]
        for field, value in coded(fact).items():
            by_field.setdefault((happened, field), {})[fact.agency] = _claim(fact, value)
    for (happened, field), claims in by_field.items():
        said = [claim["said"] for claim in claims.values()]
        if any(one != said[0] for one in said):
            yield {"about": f"{about}: {field} ({happened})", "claims": list(claims.values())}


def _facts(masked: Masked, material: Material, field: str) -> list[Fact]:
    """Facts of which this field and the source may be seen."""
    found = [material.facts[ref] for ref, mask in masked.items() if field in mask.fields and "source" in mask.fields]
    return sorted(found, key=lambda fact: (fact.known_at, fact.ref))


def _claim(fact: Fact, said: object) -> Json:
    return {"source": fact.agency, "known_at": moment(fact.known_at), "said": said}
