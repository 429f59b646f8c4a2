"""A case that one area asks another to take over (R18)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.words import releases, roles, times
from services.rules.words.times import INSTANT, Clock, Length

TO: Final = "to_agency"
_REQUESTED: Final = Types.of(["probation.case-transfer.requested"])


@registry.sources("transfer_requested@1")
def transfer_requested(view: View, clock: Clock, value: Mapping[str, Any]) -> Iterable[Found]:
    """Requests to take the subject's case over, by the transfer's name; a reminder renews the request.

    `before_release`: steps before the release that follows the request.
    """
    by_term: dict[str, list[Raw]] = {}
    for fact in view.facts(_REQUESTED):
        if view.names(fact, view.subject, "subject"):
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            by_term.setdefault(str(fact.fields.get("transfer")), []).append(raw)
    for term, raws in by_term.items():
        steps = _steps(view, raws[0].start, value.get("before_release") or ())
        situation = Situation(view.subject, term=term, note={TO: raws[-1].facts[0].fields.get("to_agency")})
        yield Found(situation, tuple(raws), steps=steps)


def _steps(view: View, since: datetime, lengths: Sequence[str]) -> tuple[tuple[str, datetime], ...]:
    release = releases.next_after(view, view.subject, since)
    if release is None:
        return ()
    return tuple((text, Length.parse(text).step_before(release[0] - INSTANT)) for text in lengths)


@registry.answerers("the agency asked to take over")
def asked(_view: View, situation: Situation, _at: datetime, _: object) -> Sequence[str]:
    """The agency that the transfer goes to."""
    return _to(situation)


@registry.agencies("both sides of the transfer")
def both_sides(standing: Standing, _: object) -> Sequence[str]:
    """The agency that asks and the one that is asked."""
    return sorted({*_to(standing.situation), *(fact.agency for fact in standing.facts)})


@registry.tests("released_and_unsupervised@1")
def released_and_unsupervised(standing: Standing, value: str) -> bool:
    """The subject was released, so long ago, since the request, and nobody in the receiving area supervises him."""
    view, subject = standing.view, standing.situation.subject
    released = [times.starts(fact, "occurred") for fact in releases.releases(view, subject)]
    late = [Length.parse(value).after(moment) for moment in released if moment > standing.anchor_at]
    standing.again += late
    return any(moment <= standing.at for moment in late) and not set(_to(standing.situation)) & set(
        roles.holders(view, subject, roles.PROBATION, standing.at)
    )


def _to(situation: Situation) -> list[str]:
    agency = situation.note.get(TO)
    return [agency] if isinstance(agency, str) else []
