"""What somebody supervised was required to do and did not (R13, R27)."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Situation, once
from services.rules.view import Types, View
from services.rules.words import times
from services.rules.words.times import Clock, Length

SUBJECT: Final = "subject"

_MISSED: Final = Types.of(
    ["*.sign-on.missed", "approved-premises.appointment.missed", "police.appointment.missed",
     "probation.appointment.missed", "approved-premises.night-absence.noted"]
)  # fmt: skip
"""What a licence or a place requires. A night away from supported housing breaks no requirement."""
_FAILED: Final = (_MISSED | Types.of(["probation.licence.breached"])).of_subject()

_NOT_COME: Final = _MISSED | Types.of(["housing.night-absence.noted"])
_CANCELLED: Final = Types.of(["*.appointment.cancelled"]).of_subject()
_ABSENT: Final = (_NOT_COME | _CANCELLED).of_subject()
_DENIED: Final = Types.of(["*.relationship.denied"]).of_subject()
_OFFERED: Final = Types.of(["*.accommodation.planned"]).of_subject()


@registry.sources("second_failure@1")
def second_failure(view: View, clock: Clock, value: str) -> Iterable[Found]:
    """A missed requirement or breach that follows another within this length of time: each asks for a decision."""
    found = sorted((times.starts(fact, clock), fact.ref, fact) for fact in _failures(view))
    for (before, _, first), (at, _, second) in itertools.pairwise(found):
        if Length.parse(value).after(before) >= at and not second.history:
            received = max(first.received_at, second.received_at)
            yield Found(
                Situation(view.subject, second), (Raw(at, received, (second,), grounds=(first,)),), tag="second"
            )


def _failures(view: View) -> Iterator[Fact]:
    for fact in view.facts(_FAILED):
        if view.names(fact, view.subject, SUBJECT) and not fact.fields.get("excused"):
            yield fact


@registry.sources("disengaging@1")
def disengaging(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The subject misses a sign-on, an appointment or a night, refuses a name or a home, denies, or calls a meeting off."""
    raws = []
    for fact in once([*_absences(view), *_words(view)]):
        start, end = times.clock_of(fact, clock)
        raws.append(Raw(start, fact.received_at, (fact,), possible=start != end))
    if raws:
        yield Found(Situation(view.subject), tuple(raws))


def _absences(view: View) -> Iterator[Fact]:
    for fact in view.facts(_ABSENT):
        by_subject = fact.type not in _CANCELLED or fact.fields.get("by") == SUBJECT
        if by_subject and not fact.fields.get("excused") and view.names(fact, view.subject, SUBJECT):
            yield fact


def _words(view: View) -> Iterator[Fact]:
    for fact in view.facts(_DENIED):
        if view.names(fact, view.subject, SUBJECT):
            yield fact
    for fact in view.facts(_OFFERED):
        if fact.fields.get("status") == "refused" and view.names(fact, view.subject, SUBJECT):
            yield fact
    for claim in view.claims(view.subject):
        if claim.relation.body.get("named") is False and claim.own.role == SUBJECT:
            yield claim.fact
