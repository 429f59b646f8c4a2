"""Words for `details`: lists that views may show, as refs of the anchor's event or record ids."""

from collections.abc import Sequence

from services.rules import registry
from services.rules.standing import Standing


@registry.details("people")
def people(standing: Standing) -> Sequence[str]:
    """The elements of `for_each` that are people and still open: refs in the anchor's event, else record ids."""
    view, event = standing.view, standing.situation.event
    wanted = [episode.part.each for episode in standing.episodes]
    if event is not None:
        refs = {view.person(mention.record): mention.ref for mention in reversed(event.mentions)}
        return sorted(refs[person] for person in wanted if isinstance(person, int) and person in refs)
    return [str(record) for person in wanted if isinstance(person, int) for record in records(standing, person)]


def records(standing: Standing, person: int) -> list[int]:
    """The record of a person's earliest-received mention in the evidence."""
    found = [
        ((fact.received_at, fact.ref, mention.ref), mention.record)
        for item in standing.items
        for fact in (*item.facts, *item.grounds)
        for mention in fact.mentions
        if standing.view.person(mention.record) == person
    ]
    return [min(found)[1]] if found else []
