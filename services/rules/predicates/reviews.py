"""Deaths and serious harm that have to be reviewed, and who decides that (R33)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import Urgency
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import areas, references, roles, times
from services.rules.words.times import Clock, Length

BOARD: Final = "board"
REVIEW_LADDER: Final = "review"
"""An agency of that sector, or with a ladder of this name, decides on reviews for its areas: the boards."""
RECENT: Final = Length(12, "month")
"""A child open or closed to social care within this time makes it their matter (domain A3b, R33)."""
HARMED: Final = ("deceased", "harmed")

_DEATH: Final = Types.of(["*.death.recorded"])
_HARM: Final = Types.of(["*.serious-harm.recorded"])
_OFFENCE: Final = Types.of(["probation.serious-further-offence.notified"])
_EPISODES: Final = Types.of(
    [
        # Also a contact that led to nothing: what came of it is the first thing a review asks.
        "childrens-social-care.contact.recorded",
        "childrens-social-care.contact.closed",
        "childrens-social-care.referral.opened",
        "childrens-social-care.episode.opened",
        "childrens-social-care.episode.closed",
        "childrens-social-care.referral.decided",
        "childrens-social-care.s47.ended",
        "childrens-social-care.assessment.closed",
    ]
)
_DECIDED: Final = Types.of(["*.review.commissioned"])

registry.over_findings.add("death_or_serious_harm@1")


@registry.sources("death_or_serious_harm@1")
def death_or_serious_harm(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An unexpected death, serious harm or a serious further offence in a case that agencies had before them.

    That is: somebody is managed, a child is or was open to social care within twelve months, or a U1 or U2 alert stood. A
    death often names nobody but the dead: whoever a claim ties to those named is of the case too.
    """
    for fact in view.facts(_DEATH | _HARM | _OFFENCE):
        if fact.history or not _unexpected(fact):
            continue
        if _was_before_agencies(view, fact):
            raw = Raw(times.starts(fact, clock), fact.received_at, (fact,))
            yield Found(Situation(view.subject, fact), (raw,))


def _unexpected(fact: Fact) -> bool:
    if fact.type in _DEATH:
        return fact.fields.get("unexpected") is True
    return fact.fields.get("expected") is not True


def _about(view: View, fact: Fact) -> int | None:
    """The subject of the event, or whoever is alleged to have done it: what stood before was about them. Else the harmed."""
    people = view.people_in(fact, "subject") or view.people_in(fact, "alleged") or view.people_in(fact, *HARMED)
    return people[0] if people else None


def _was_before_agencies(view: View, fact: Fact) -> bool:
    managed = _managed_or_open(view, fact)
    if _about(view, fact) == view.subject:
        return managed or _grave_alert_stood(view, fact)
    # An alert about the harmed is not in the case of whoever is alleged. Where that case rings by itself, there is one review.
    return not managed and view.names(fact, view.subject, *HARMED) and _grave_alert_stood(view, fact)


def _managed_or_open(view: View, fact: Fact) -> bool:
    at = fact.known_at
    named = view.people_in(fact)
    people = {*named, *(claim.other for person in named for claim in view.claims(person) if claim.fact.known_at <= at)}
    return any(roles.managed(view, person, at) or _open_lately(view, person, at) for person in people)


def _grave_alert_stood(view: View, fact: Fact) -> bool:
    grave = [each for each in view.about() if each.finding.urgency <= Urgency.U2]
    return any(
        start < fact.received_at and (end is None or fact.known_at <= end)
        for each in grave
        for start, end in each.spans
    )


def _open_lately(view: View, child: int, at: datetime) -> bool:
    return any(
        view.names(fact, child, "child", "subject") and at <= RECENT.after(fact.known_at)
        for fact in view.facts(_EPISODES)
        if fact.known_at <= at
    )


@registry.closings("review_decided@1")
def review_decided(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A review of it is commissioned."""
    event = situation.event
    if event is not None:
        for fact in references.pointing(view).get(event.ref, ()):
            if fact.type in _DECIDED:
                yield answer(fact, clock, points=True)


@registry.agencies("review boards of the area")
def review_boards(standing: Standing, _: object) -> Sequence[str]:
    """The boards that decide on reviews where those harmed lived, or where the subject does."""
    directory, event = standing.view.directory, standing.situation.event
    found = set(_areas(standing.view, event)) if event is not None else set()
    boards = [each for each in directory.agencies.values() if each.sector == BOARD or REVIEW_LADDER in each.ladders]
    return sorted(board.id for board in boards if any(directory.serves(board.id, area) for area in found))


def _areas(view: View, event: Fact) -> Iterator[str]:
    for person in view.people_in(event, *HARMED, "subject", "alleged"):
        area = areas.home_area(view, person)
        if area is not None:
            yield area


@registry.tests("supervised_by_probation@1")
def supervised_by_probation(standing: Standing, _: object) -> bool:
    """Probation leads on the subject."""
    return bool(roles.holders(standing.view, standing.situation.subject, roles.PROBATION, standing.at))
