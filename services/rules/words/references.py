"""How one event points at another: by CloudEvents source and id, its own source where none is given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.chronology.facts import EventRef, Fact
from services.rules.view import View


def ref(fact: Fact, value: object) -> EventRef | None:
    """Read a reference out of a fact's fields; None if it is none."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return None
    return EventRef(str(value.get("source") or fact.ref.source), value["id"])


def cited(fact: Fact) -> frozenset[EventRef]:
    """Return the events a fact cites, in its own list and in those of its claims."""
    return frozenset(_cited(fact))


POINTERS: Final = ("report", "message", "about", "contact", "referral")
"""Fields by which an event names the one it answers."""


def pointed_at(fact: Fact) -> frozenset[EventRef]:
    """Return the events a fact cites or names in a field."""
    named = (ref(fact, fact.fields.get(name)) for name in POINTERS)
    return cited(fact) | {each for each in named if each is not None}


def pointing(view: View) -> Mapping[EventRef, Sequence[Fact]]:
    """Return, for each event, the facts that point at it, earliest known first."""
    return view.memo("pointing", lambda: _pointing(view))


def _pointing(view: View) -> dict[EventRef, list[Fact]]:
    index: dict[EventRef, list[Fact]] = {}
    for fact in view.ordered:
        for each in pointed_at(fact):
            index.setdefault(each, []).append(fact)
    return index


def _cited(fact: Fact) -> Iterator[EventRef]:
    for cites in (fact.fields.get("cites"), *(relation.body.get("cites") for relation in fact.relations)):
        if isinstance(cites, list | tuple):
            for value in cites:
                found = ref(fact, value)
                if found is not None:
                    yield found
