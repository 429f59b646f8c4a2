"""What social care owes a record of a flagged person and a child (R05)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact, Mention
from services.rules import registry
from services.rules.situation import Closer, Holding, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import ages, children, decisions, flags, reports, times
from services.rules.words.times import Clock

YOUNG: Final = 5
"""Years: a child under five cannot tell anybody."""
_TAKING_UP: Final = decisions.REFERRALS | decisions.STRATEGY | decisions.CSC_DECISIONS
_CONTACT: Final = Types.of(["childrens-social-care.contact.recorded"])


@registry.of_event("names_child_outside_own_episode@1")
def names_child_outside_own_episode(view: View, fact: Fact, at: datetime, _: object) -> Holding | None:
    """It names a child, or says that there is one, who is not on the record's own open episode."""
    return Holding(at, times.LONG_AGO) if _outside(view, fact, at) else None


@registry.of_event("decides_nothing@1")
def decides_nothing(_view: View, fact: Fact, at: datetime, _: object) -> Holding | None:
    """It records no decision of its own on what it was told. A meeting's decision is on its own episode."""
    own = fact.type in _CONTACT and fact.fields.get("decision") and decisions.reasons(fact)
    return None if own else Holding(at, times.LONG_AGO)


def _outside(view: View, fact: Fact, at: datetime) -> list[tuple[int, Mention]]:
    episode = fact.fields.get("episode")
    covered = episode.get("children") or () if isinstance(episode, dict) and episode.get("state") == "open" else ()
    found = [(person, mention) for person, mention in reports.children(view, fact, at) if mention.ref not in covered]
    return found or _stated(view, fact)


def _stated(view: View, fact: Fact) -> list[tuple[int, Mention]]:
    """Adults of whom it says that they have children, none of them named."""
    return [
        (view.person(mention.record), mention)
        for mention in fact.mentions
        if isinstance(mention.body.get("children"), dict) and mention.body["children"].get("known") == "stated"
    ]


@registry.closings("social_care_took_it_up@1")
def social_care_took_it_up(
    view: View, situation: Situation, _each: object, clock: Clock, _: object
) -> Iterable[Closer]:
    """A referral, a strategy discussion, or a decision with reasons.

    It cites the record, or the contact that the record itself answers, or names the same child and flagged person.
    """
    event = situation.event
    if event is None:
        return
    at = times.starts(event, clock)
    wanted = {person for person, _ in _outside(view, event, at)}
    flagged = {person for person in view.people_in(event) if flags.held(view, person, at) is not None}
    answered = {event.ref, *event.cites}
    for fact in view.facts(_TAKING_UP):
        if fact.type in decisions.CSC_DECIDING and not decisions.reasons(fact):
            continue
        if answered & fact.points_at:
            yield answer(fact, clock, points=True)
        elif set(view.people_in(fact)) & wanted and set(view.people_in(fact)) & flagged:
            yield answer(fact, clock)


@registry.tests("young_child_or_risk_to_children_concerned@1")
def young_child_or_risk_to_children(standing: Standing, _: object) -> bool:
    """A child under five, by name or through a joined slot, or a pprc or schedule-1 person is concerned."""
    view, event = standing.view, standing.situation.event
    if event is None:
        return False
    at = standing.anchor_at
    risky = (flags.held(view, person, at, (flags.PPRC, flags.SCHEDULE_1)) for person in view.people_in(event))
    if any(held is not None for held in risky):
        return True
    return any(ages.under(view, child, YOUNG, at) for child in _concerned(view, event, at, standing.at))


def _concerned(view: View, event: Fact, at: datetime, known_by: datetime) -> Sequence[int]:
    """The children outside the episode; for a placeholder found to be somebody, that person's children."""
    found: list[int] = []
    for person, mention in _outside(view, event, at):
        if mention.slot is None and mention.role == "child":
            found.append(person)
            continue
        adults = [person]
        if mention.slot is not None:
            adults = [view.person(other.record) for other in event.mentions if other.ref == mention.slot.subject_ref]
            adults = [person] if mention.slot.relation != "child" else adults
        found += [child for adult in adults for child in children.children(view, adult, known_by)]
    return found
