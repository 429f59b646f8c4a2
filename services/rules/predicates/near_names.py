"""Somebody just named who may be somebody flagged, and nobody has said yet whether (R32)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact, Mention, Review
from services.rules import registry
from services.rules.findings import State
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation
from services.rules.view import Types, View
from services.rules.words import ages, flags, informants, reports, times
from services.rules.words.times import Clock

GRAVE: Final = "grave"
REVIEW: Final = "review"
RISK_TO_CHILDREN: Final = (flags.PPRC, flags.SCHEDULE_1)
YOUNG: Final = 5
"""Years: a child under five cannot tell anybody."""

_SAYINGS: Final = reports.REPORTS | Types.of(
    ["*.household.recorded", "*.household.member-reported", "*.relationship.reported", "*.relationship.disclosed"]
)


@registry.sources("may_be_somebody_flagged@1", needs=flags.FLAGGING)
def may_be_somebody_flagged(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An event names somebody who waits in review as possibly a person flagged at that time, each candidate a strand.

    A join by the machine, once more is known, leaves no doubt and so no finding; a decision of a person answers it.
    """
    for review in view.case.reviews:
        for own, other in review.sides():
            if view.person(own) == view.subject:
                for fact, mention in _named(view, own, other):
                    at = times.starts(fact, clock)
                    found = _candidate(view, fact, mention, view.person(other), at)
                    if found is not None:
                        held, tag = found
                        received = max(fact.received_at, held.received, review.opened_at)
                        raw = Raw(at, received, (fact,), grounds=held.facts)
                        yield Found(Situation(view.subject, fact, note={REVIEW: review}), (raw,), tag=tag)


def _named(view: View, own: int, other: int) -> Iterator[tuple[Fact, Mention]]:
    """Live events that name the subject, not yet known as anybody flagged; once decided to be one, by that record alone."""
    one = view.person(other) == view.subject
    for fact, mention in view.mentions(view.subject):
        if fact.history or fact.type not in _SAYINGS or not mention.body.get("names"):
            continue
        known = flags.held(view, view.subject, fact.received_at) is not None
        if mention.record == own if one else not known:
            yield fact, mention


def _candidate(view: View, fact: Fact, mention: Mention, candidate: int, at: datetime) -> tuple[Holding, str] | None:
    held = flags.held(view, candidate, at)
    if held is None or informants.suspected_false(fact.grade):
        return None
    to_children = flags.held(view, candidate, at, RISK_TO_CHILDREN)
    young = any(ages.under(view, child, YOUNG, at) for child, _ in reports.children(view, fact, at))
    grave = (to_children is not None or young) and not _born_otherwise(view, mention, candidate)
    return to_children or held, GRAVE if grave else ""


def _born_otherwise(view: View, mention: Mention, candidate: int) -> bool:
    """Whether what is said of the two dates of birth cannot be of one person, as far as either is known."""
    said = mention.body.get("born")
    known = [other.body.get("born") for _, other in view.mentions(candidate) if other.record != mention.record]
    dates = [born for born in known if isinstance(born, str)]
    if not isinstance(said, str) or not dates:
        return False
    return not any(born.startswith(said) or said.startswith(born) for born in dates)


@registry.closings("doubt_decided@1")
def doubt_decided(_view: View, situation: Situation, _each: object, _clock: Clock, _value: object) -> Iterable[Closer]:
    """Somebody has looked at the two, and said whether they are one."""
    review = situation.note.get(REVIEW)
    if isinstance(review, Review) and review.decided_at is not None:
        yield Closer(review.decided_at, review.decided_at, State.ANSWERED, points=True, final=True)
