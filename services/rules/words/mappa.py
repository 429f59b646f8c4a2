"""MAPPA level: what was set last stands; null means no longer managed under MAPPA."""

from collections.abc import Sequence
from typing import Final

from services.chronology.facts import Fact
from services.rules.situation import Span
from services.rules.view import Types, View

SETTING: Final = Types.of(["mappa.level.set", "mappa.meeting.held", "probation.mappa-referral.made"])
"""Without any of these nobody is at any level."""
_REFERRAL: Final = "probation.mappa-referral.made"
HIGHER: Final = 2
"""From this level on agencies manage somebody together."""


def at_higher_level(view: View, person: int) -> Sequence[Span]:
    """Return when a person was at level 2 or 3."""
    return view.memo(("mappa", person), lambda: _spans(view, person))


def _spans(view: View, person: int) -> list[Span]:
    settings = [fact for fact in view.facts(SETTING) if view.names(fact, person, "subject") and _sets(fact)]
    following: list[Fact | None] = [*settings[1:], None][: len(settings)]
    return [
        Span(
            start=fact.known_at,
            end=after.known_at if after else None,
            received=fact.received_at,
            ended_received=after.received_at if after else None,
            facts=(fact,),
        )
        for fact, after in zip(settings, following, strict=True)
        if (fact.fields.get("level") or 0) >= HIGHER
    ]


def _sets(fact: Fact) -> bool:
    """A referral asks for a level; it tells of one only where it says who set it."""
    if fact.type == _REFERRAL:
        return fact.fields.get("set_by") is not None
    return "level" in fact.fields
