"""Words for `details`: lists of people that views may show, as record ids."""

from collections.abc import Sequence

from services.rules import registry
from services.rules.standing import Standing, first_record


@registry.details("unchecked")
@registry.details("unreviewed")
def open_people(standing: Standing) -> Sequence[str]:
    """The elements of `for_each` that are people and still open."""
    people = (episode.part.each for episode in standing.episodes)
    return records_of(standing, [person for person in people if isinstance(person, int)])


def records_of(standing: Standing, people: Sequence[int]) -> list[str]:
    """The record of each person's earliest-received mention in the evidence."""
    facts = [fact for item in standing.items for fact in (*item.facts, *item.grounds)]
    records = (first_record(standing.view, facts, person) for person in people)
    return [str(record) for record in records if record is not None]
