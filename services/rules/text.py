"""What an alert says: the rule's own sentences with dates and numbers filled in. Never a name, an address, a source.

Placeholders: {since} the day of the first evidence, {date} the date a deadline runs to, {people} how many people or
agencies it is about, {records} how many records it rests on; and the rule's parameters by their names, with the values
that hold for the subject's area.
"""

import string
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from services import calendar
from services.rules.kinds.dates import DATE
from services.rules.model import RuleFile
from services.rules.standing import Standing
from services.rules.words.times import INSTANT, LONG_AGO

INITIALS: Final = frozenset({"ap", "mappa", "pprc"})
"""Words in names of rules that people write as capitals: approved premises, MAPPA, a person posing a risk to children."""
PLACEHOLDERS: Final = frozenset({"since", "date", "people", "records"})
REPORTED: Final = "It is reported, and not confirmed, that "
POSSIBLE: Final = " The time is only known as a span, so this is possible, not certain."


def spoken(name: str) -> str:
    """Say a rule's name in words: `late-mappa-referral` -> `late MAPPA referral`."""
    return " ".join(word.upper() if word in INITIALS else word for word in name.split("-"))


def check(text: str, parameters: Iterable[str] = ()) -> None:
    """Refuse a template with an unknown placeholder; `parameters` are the names of the rule's own.

    Raises:
        LookupError: it has one.
    """
    unknown = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    unknown -= PLACEHOLDERS | set(parameters)
    if unknown:
        raise LookupError(
            f"unknown placeholder {', '.join(sorted(unknown))}; known are: {', '.join(sorted(PLACEHOLDERS))}"
        )


def why(file: RuleFile, standing: Standing, values: Mapping[str, str], *, unconfirmed: bool, possible: bool) -> str:
    """Return the reason in one paragraph; a lone voice is worded as one."""
    kinds = {episode.part.tag for episode in standing.episodes}
    template = file.text.only.get(kinds.pop(), file.text.why) if len(kinds) == 1 else file.text.why
    sentence = fill(template, standing, values)
    begun = REPORTED + sentence if unconfirmed else sentence[:1].upper() + sentence[1:]
    return begun + (POSSIBLE if possible else "")


def fill(text: str, standing: Standing, values: Mapping[str, str]) -> str:
    """Fill in the placeholders of one template; `values` are the rule's parameters."""
    if "{" not in text:
        return text
    date = standing.situation.note.get(DATE)
    known = [fact.known_at for fact in standing.facts]
    since = standing.anchor_at if standing.anchor_at > LONG_AGO else min(known)
    return text.format(
        since=day(since),
        date=day(date - INSTANT) if isinstance(date, datetime) else "",
        people=len({str(episode.part.each) for episode in standing.episodes}),
        records=len(standing.facts),
        **values,
    )


def day(moment: datetime) -> str:
    """Write a day as people do: 2 April 2013."""
    local = calendar.london(moment)
    return f"{local.day} {local:%B %Y}"
