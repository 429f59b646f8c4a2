"""Words for whom a rule tells, and for who would have to publish an answer."""

from collections.abc import Sequence
from datetime import datetime

from services.rules import registry
from services.rules.situation import Situation
from services.rules.standing import Standing
from services.rules.view import View
from services.rules.words import areas, roles


@registry.agencies("recording agency")
def recording_agency(standing: Standing, _: object) -> Sequence[str]:
    """The agency that recorded the anchor's event; without one, those whose evidence names the subject.

    Evidence that does not, such as the other's registration, is no report about the subject: a court that once convicted
    the other, or a force that flagged him, learns nothing of a child it never wrote of.
    """
    view, (event, subject) = standing.view, (standing.situation.event, standing.situation.subject)
    if event is not None:
        return [event.agency]
    return sorted({fact.agency for fact in standing.facts if view.names(fact, subject)})


@registry.agencies("police that recorded it")
def police_that_recorded_it(standing: Standing, _: object) -> Sequence[str]:
    """The police forces whose records are the evidence."""
    found = {fact.agency for fact in standing.facts}
    return sorted(agency for agency in found if standing.view.directory.sector(agency) == "police")


@registry.agencies("national recall unit")
def national_recall_unit(standing: Standing, _: object) -> Sequence[str]:
    """The unit that executes recalls, if it is on the bus: an agency of that sector without an area."""
    return sorted(agency.id for agency in standing.view.directory.agencies.values() if agency.sector == "recall-unit")


@registry.agencies("agency of the term")
def agency_of_the_term(standing: Standing, value: str | None) -> Sequence[str]:
    """The agency whose doings the alert is about, which its anchor names; `value`: only if it is of this sector."""
    agency = (standing.situation.term or "").partition(":")[0]
    return [agency] if value in (None, standing.view.directory.sector(agency)) else []


@registry.answerers("agency of the term")
def answering_agency_of_the_term(_view: View, situation: Situation, _at: datetime, _: object) -> Sequence[str]:
    """The agency whose doings it is about."""
    return [(situation.term or "").partition(":")[0]]


@registry.answerers("recording agency")
def recording(_view: View, situation: Situation, _at: datetime, _: object) -> Sequence[str]:
    """The agency that recorded the anchor's event."""
    return [situation.event.agency] if situation.event is not None else []


@registry.answerers("social care of the other's area")
def social_care(view: View, situation: Situation, at: datetime, _: object) -> Sequence[str]:
    """Children's social care where the other lives, or where the subject does if that is not known."""
    people = [person for person in (situation.other, situation.subject) if person is not None]
    area = next((area for person in people for area in [areas.area_of(view, person)] if area), None)
    return view.covering("csc-for-area", area, at)


@registry.answerers("health of the child's area")
def health(view: View, situation: Situation, at: datetime, _: object) -> Sequence[str]:
    """Health providers where the subject, a child, or its parent lives."""
    return view.covering("health-for-area", areas.home_area(view, situation.subject), at)


@registry.agencies("health that knows the child")
def health_that_knows(standing: Standing, _: object) -> Sequence[str]:
    """Health providers of the area where the subject lives that have named it in an event; all of them where none has."""
    view, subject = standing.view, standing.situation.subject
    of_area = view.covering("health-for-area", areas.home_area(view, subject), standing.at)
    naming = {fact.agency for fact, _ in view.mentions(subject)}
    return [agency for agency in of_area if agency in naming] or of_area


@registry.answerers("police lead")
def police_lead(view: View, situation: Situation, at: datetime, _: object) -> Sequence[str]:
    """The police force that leads on the subject, or that of the area."""
    found = roles.holders(view, situation.subject, roles.POLICE, at)
    return found or view.covering("police-for-area", areas.area_of(view, situation.subject), at)
