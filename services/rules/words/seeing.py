"""A child was seen: by a social worker, a health visitor, a doctor, a school; and whether alone."""

from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules.view import Types, View
from services.rules.words import ages

SPEAKS: Final = 5
"""Years: from school age a child is expected to be seen alone. Our proposal, for a practitioners' board."""

VISITS: Final = Types.of(
    [
        "childrens-social-care.visit.made",
        "childrens-social-care.review.held",
        "*.home-visit.made",
        "*.missing-person.returned",
    ]
)
"""They say whether the child was seen."""
ATTENDED: Final = Types.of(["health.child.seen", "*.person.attended", "health.injury.observed"])
"""They are a sighting by themselves."""
SOCIAL_WORK: Final = Types.of(["childrens-social-care.visit.made", "childrens-social-care.review.held"])


def seen(view: View, child: int, types: Types) -> list[Fact]:
    """Return the events in which a professional saw the child, earliest known first."""
    return [
        fact
        for fact in view.facts(types)
        if (fact.type in ATTENDED or fact.fields.get("child_seen") is True)
        and view.names(fact, child, "child", "subject")
    ]


def alone_where_old_enough(view: View, fact: Fact, child: int, at: datetime) -> bool:
    """Say whether the child was seen as it should be: alone from school age on, unless nothing is said of that."""
    return fact.fields.get("seen_alone") is not False or ages.under(view, child, SPEAKS, at) is True
