"""How one event points at another."""

from collections.abc import Mapping, Sequence

from services.chronology.facts import EventRef, Fact
from services.rules.view import View


def pointing(view: View) -> Mapping[EventRef, Sequence[Fact]]:
    """Return, for each event, the facts that point at it, earliest known first."""
    return view.memo("pointing", lambda: _pointing(view))


def by_ref(view: View) -> Mapping[EventRef, Fact]:
    """Return each fact of the case by the event it is of."""
    return view.memo("by ref", lambda: {fact.ref: fact for fact in view.case.facts})


def _pointing(view: View) -> dict[EventRef, list[Fact]]:
    index: dict[EventRef, list[Fact]] = {}
    for fact in view.ordered:
        for each in fact.points_at:
            index.setdefault(each, []).append(fact)
    return index
