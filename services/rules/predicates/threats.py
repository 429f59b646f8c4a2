"""Statements that somebody's life is in danger, or that harm has been done (R16)."""

from collections.abc import Sequence
from typing import Final

from services.rules import registry
from services.rules.standing import Standing
from services.rules.words import areas, roles

POLICE: Final = "police"
THREATENED: Final = ("victim", "at-risk", "harmed", "child", "partner")


@registry.agencies("police of victim, sender and place")
def police_of_all(standing: Standing, _: object) -> Sequence[str]:
    """The forces where those threatened live, where the author lives or that lead on him, and that took the statement."""
    view, event, subject = standing.view, standing.situation.event, standing.situation.subject
    if event is None:
        return []
    found = set(roles.holders(view, subject, roles.POLICE, standing.at))
    for person in (subject, *view.people_in(event, *THREATENED)):
        found.update(view.covering("police-for-area", areas.home_area(view, person), standing.at))
    if view.directory.sector(event.agency) == POLICE:
        found.add(event.agency)
    elif not found:
        for area in view.directory.agency_areas(event.agency):
            found.update(view.covering("police-for-area", area, standing.at))
    return sorted(found)
