"""Children on a plan: child protection, or in need, as social care records it."""

from collections.abc import Sequence
from typing import Final

from services.chronology.facts import Fact
from services.rules.situation import Span
from services.rules.view import Types, View
from services.rules.words import times

KINDS: Final = frozenset({"child-protection", "child-in-need"})
OUTCOMES: Final = frozenset({"child-protection-plan", "child-in-need"})

_OPENED: Final = Types.of(["childrens-social-care.episode.opened"])
_DECIDED: Final = Types.of(["childrens-social-care.s47.ended", "childrens-social-care.assessment.closed"])
_CLOSED: Final = Types.of(["childrens-social-care.episode.closed"])


def on_plan(view: View, child: int) -> Sequence[Span]:
    """Return when a child was on a plan."""
    return view.memo(("plan", child), lambda: _on_plan(view, child))


def _on_plan(view: View, child: int) -> list[Span]:
    closed = [fact for fact in view.facts(_CLOSED) if view.names(fact, child)]
    found = []
    for fact in view.facts(_OPENED | _DECIDED):
        if _plans(fact) and view.names(fact, child, "child", "subject"):
            start = times.starts(fact, "known")
            end = next((other for other in closed if other.agency == fact.agency and other.known_at > start), None)
            found.append(
                Span(start, end.known_at if end else None, fact.received_at, end.received_at if end else None, (fact,))
            )
    return found


def _plans(fact: Fact) -> bool:
    return fact.fields.get("kind") in KINDS if fact.type in _OPENED else fact.fields.get("outcome") in OUTCOMES
