"""Flagged: a formal flag of risk to others, set by an agency entitled to set it (domain A3a, "Flagged person").

An allegation, an intelligence entry, a victim's own protection flag or a possible identity match never makes one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules.situation import Holding, Span
from services.rules.view import Types, View

PPRC: Final = "pprc"
DA_PERPETRATOR: Final = "da-perpetrator"
ROSH_HIGH: Final = "rosh-high"
SCHEDULE_1: Final = "schedule-1"
ANY: Final = (PPRC, DA_PERPETRATOR, ROSH_HIGH, SCHEDULE_1)

ENTITLED: Final = {
    PPRC: frozenset({"childrens-social-care", "police"}),
    DA_PERPETRATOR: frozenset({"police", "probation"}),
    ROSH_HIGH: frozenset({"probation"}),
    SCHEDULE_1: frozenset({"police", "probation", "childrens-social-care"}),
}
"""Sectors whose registration of a flag counts."""

HIGH: Final = frozenset({"high", "very-high"})
GROUPS: Final = ("children", "known_adult")
"""Groups whose level makes somebody rosh-high; a risk to staff or the public alone does not."""

_SET: Final = Types.of(["*.risk-flag.set"])
_CLEARED: Final = Types.of(["*.risk-flag.cleared"])
_ASSESSED: Final = Types.of(["probation.risk.assessed"])
_OUTCOME: Final = Types.of(["court.outcome.recorded"])
FLAGGING: Final = _SET | _ASSESSED | _OUTCOME
"""Without any of these nobody is flagged."""


def spans(view: View, person: int, flags: Sequence[str] = ANY) -> Sequence[Span]:
    """Return when a person held any of these flags, one span for each source of each flag, earliest first."""
    return view.memo(("flags", person, tuple(flags)), lambda: _spans(view, person, flags))


def held(view: View, person: int, at: datetime, flags: Sequence[str] = ANY, *, reach: bool = False) -> Holding | None:
    """Say whether the person was flagged at a moment, on the flag that could first be known.

    `reach`: a flag set later holds too, from when it was set (for a claimed relation that has not ended).
    """
    return holding(spans(view, person, flags), at, reach=reach)


def holding(found: Iterable[Span], at: datetime, *, reach: bool = False) -> Holding | None:
    """Return the state at a moment, or with `reach` its next beginning."""
    found = tuple(found)
    current = [span for span in found if span.holds(at)]
    if current:
        best = min(current, key=lambda span: (span.received, span.start))
        return Holding(max(best.start, at), best.received, best.facts)
    if reach:
        later = [span for span in found if span.start > at]
        if later:
            best = min(later, key=lambda span: (max(span.start, span.received), span.start))
            return Holding(best.start, best.received, best.facts)
    return None


def setters(view: View, person: int, at: datetime) -> list[str]:
    """Return the agencies whose flags the person holds at a moment."""
    return sorted({span.facts[0].agency for span in spans(view, person) if span.holds(at)})


def gaps(found: Sequence[Span]) -> list[tuple[datetime, datetime, tuple[Fact, ...]]]:
    """Return (end, received_at, facts) of each moment at which the last of several spans ends."""
    return [
        (span.end, span.ended_received or span.received, span.ended_by)
        for span in found
        if span.end is not None and not any(other.holds(span.end) for other in found)
    ]


def _spans(view: View, person: int, flags: Sequence[str]) -> list[Span]:
    found: list[Span] = []
    for flag in flags:
        found += registered(view, person, flag)
    if ROSH_HIGH in flags:
        found += _assessed(view, person)
    if DA_PERPETRATOR in flags or SCHEDULE_1 in flags:
        found += _convicted(view, person, flags)
    return sorted(found, key=lambda span: (span.start, span.received))


def registered(view: View, person: int, flag: str) -> list[Span]:
    """Return when a person was registered with a flag, one span for each registration that counts."""
    found = []
    for fact in view.facts(_SET):
        if not _about(view, fact, person, flag) or fact.type.split(".", 1)[0] not in ENTITLED[flag]:
            continue
        cleared = next(
            (
                other
                for other in view.facts(_CLEARED)
                if other.agency == fact.agency and other.known_at > fact.known_at and _about(view, other, person, flag)
            ),
            None,
        )
        found.append(_span(fact, cleared))
    return found


def _about(view: View, fact: Fact, person: int, flag: str) -> bool:
    return fact.fields.get("flag") == flag and view.names(fact, person, "subject")


def _assessed(view: View, person: int) -> list[Span]:
    """The latest assessment stands: each lasts until the next that says anything of the same groups."""
    assessments = [
        fact
        for fact in view.facts(_ASSESSED)
        if view.names(fact, person, "subject") and any(_levels(fact).get(group) for group in GROUPS)
    ]
    following = [*assessments[1:], None][: len(assessments)]
    return [_span(fact, after) for fact, after in zip(assessments, following, strict=True) if _is_high(fact)]


def _levels(fact: Fact) -> dict[str, str]:
    levels = fact.fields.get("levels")
    return levels if isinstance(levels, dict) else {}


def _is_high(fact: Fact) -> bool:
    return any(_levels(fact).get(group) in HIGH for group in GROUPS)


def _convicted(view: View, person: int, flags: Sequence[str]) -> list[Span]:
    found = []
    for fact in view.facts(_OUTCOME):
        if fact.fields.get("outcome") != "convicted" or not view.names(fact, person, "subject"):
            continue
        domestic = DA_PERPETRATOR in flags and fact.fields.get("domestic_abuse") is True
        against_child = SCHEDULE_1 in flags and fact.fields.get("against_child") is True
        if domestic or against_child:
            found.append(_span(fact, None))
    return found


def _span(start: Fact, end: Fact | None) -> Span:
    return Span(
        start=start.known_at,
        end=end.known_at if end else None,
        received=start.received_at,
        ended_received=end.received_at if end else None,
        facts=(start,),
        ended_by=(end,) if end else (),
    )
