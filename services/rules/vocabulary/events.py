"""Words for `which`: what must be true of an event at its own moment. A flag set later does not reach back to it."""

from collections.abc import Sequence
from datetime import datetime

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.situation import Holding
from services.rules.view import View
from services.rules.words import flags, reports, times


@registry.of_event("names a flagged person")
def names_a_flagged_person(view: View, fact: Fact, at: datetime, value: Sequence[str] | None) -> Holding | None:
    """Somebody it names held one of these flags (any, if none are named)."""
    held = [flags.held(view, person, at, tuple(value or flags.ANY)) for person in view.people_in(fact)]
    return min((each for each in held if each is not None), key=lambda each: each.received, default=None)


@registry.of_event("names a flagged person or a child")
def names_a_flagged_person_or_a_child(view: View, fact: Fact, at: datetime, _: object) -> Holding | None:
    """Somebody it names was flagged, or is a child."""
    if reports.children(view, fact, at):
        return Holding(at, times.LONG_AGO)
    return names_a_flagged_person(view, fact, at, None)


@registry.of_event("those named must be checked")
def those_named_must_be_checked(_view: View, fact: Fact, at: datetime, _: object) -> Holding | None:
    """Any report to police, or one to social care from the public."""
    return Holding(at, times.LONG_AGO) if reports.needs_checks(fact) else None
