"""What must hold between the fields of an event, checked on data that its model has already accepted.

Apart from the models, because a check in Python inside a model costs as much as ten of its own constraints, and this
runs for every event at the gateway's full rate.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from schemas.clocks import span
from schemas.envelope import EventData
from schemas.identifiers import IdentifierRefused, canonical
from schemas.marks import Place, marked
from schemas.people import PersonRef
from schemas.problems import Problem

Json = Mapping[str, Any]

_INSTANT_LENGTH: Final = len("2013-04-02T10:40Z")


def inconsistencies(model: type[EventData], data: Json, *, history: bool) -> list[Problem]:
    """All that contradicts itself in accepted data, as JSON pointers from the root of the event."""
    problems: list[Problem] = []
    people = data.get("people") or ()
    refs = {person["ref"] for person in people}
    if len(refs) != len(people):
        problems.append(Problem("/data/people", "ref-twice", "Give each person a ref of their own."))
    for index, person in enumerate(people):
        _check_person(person, index, problems)
    if model.is_report:
        _check_subject(people, problems)
    if not history:
        _check_clocks(data, problems)
    _check_informant(data.get("informant"), problems)
    _check_refs(data, ref_places(model), "/data", refs, problems)
    return problems


def _check_person(person: Json, index: int, problems: list[Problem]) -> None:
    names = person.get("names")
    identifiers = person.get("identifiers")
    if identifiers:
        for number, identifier in enumerate(identifiers):
            try:
                canonical(identifier["system"], identifier["value"])
            except IdentifierRefused as refused:
                path = f"/data/people/{index}/identifiers/{number}/value"
                problems.append(Problem(path, refused.code, refused.fix))
    if names:
        for number, name in enumerate(names):
            if not name.get("family") and not name.get("given"):
                fix = "Give the given name, the family name or both."
                problems.append(Problem(f"/data/people/{index}/names/{number}", "missing", fix))
    if person.get("protected") and not person.get("own_id"):
        fix = "Give your own id of the person: under that number the identity is sealed."
        problems.append(Problem(f"/data/people/{index}/own_id", "protected-unnumbered", fix))
    if not names or person.get("slot") or person.get("unnamed_sender"):
        fault = _fault_of_unnamed(person)
        if fault:
            problems.append(Problem(f"/data/people/{index}", *fault))


def _fault_of_unnamed(person: Json) -> tuple[str, str] | None:
    """Why this cannot be a placeholder, an unnamed sender or somebody known by number."""
    if person.get("protected") and (person.get("slot") or person.get("unnamed_sender")):
        return "protected-unnamed", "A sealed identity is a person you know: not a placeholder, not an unnamed sender."
    if person.get("slot"):
        if any(name.get("family") for name in person.get("names") or ()):
            return "slot-named", "A placeholder has no family name: name the person, or keep the slot."
    elif person.get("unnamed_sender"):
        if person.get("names") or not person.get("phones"):
            return "sender-unnamed", "An unnamed sender has a telephone number and no name."
    elif not (person.get("identifiers") or person.get("own_id")):
        return "nobody", "Give a name, an identifier, your own id, a slot or unnamed_sender."
    return None


def _check_subject(people: Iterable[Json], problems: list[Problem]) -> None:
    if sum(person["role"] == "subject" for person in people) != 1:
        fix = "Give exactly one person, whom it is mainly about, as subject."
        problems.append(Problem("/data/people", "subject-count", fix))


def _check_clocks(data: Json, problems: list[Problem]) -> None:
    for name in ("known_at", "recorded_at"):
        clock = data[name]
        # The short forms are dates, months and years; an object may still hold one instant twice.
        if isinstance(clock, str) and len(clock) >= _INSTANT_LENGTH:
            continue
        if not span(clock).is_instant:
            fix = "Send an instant. Where only an interval is known it is history: send it by backfill."
            problems.append(Problem(f"/data/{name}", "time-inexact", fix))


def _check_informant(informant: Json | None, problems: list[Problem]) -> None:
    if informant and bool(informant.get("ref")) == bool(informant.get("staff")):
        problems.append(Problem("/data/informant", "informant", "Give ref or staff, and only one of them."))


@cache
def ref_places(model: type[EventData]) -> Mapping[str, Place[PersonRef]]:
    """The fields of a type that must name somebody of its people."""
    return marked(model, PersonRef)


def _check_refs(
    node: Json, places: Mapping[str, Place[PersonRef]], path: str, refs: set[str], problems: list[Problem]
) -> None:
    for name, place in places.items():
        value = node.get(name)
        if not value:
            continue
        for index, item in enumerate(value) if place.is_list else ((None, value),):
            if place.mark is None:
                if not place.inside.keys().isdisjoint(item):  # most people hold no reference: do not go in
                    _check_refs(item, place.inside, _below(path, name, index), refs, problems)
            elif item not in refs and item != place.mark.besides:
                fix = "Name somebody of people by their ref."
                problems.append(Problem(_below(path, name, index), "ref-unknown", fix))


def _below(path: str, name: str, index: int | None) -> str:
    return f"{path}/{name}" if index is None else f"{path}/{name}/{index}"
