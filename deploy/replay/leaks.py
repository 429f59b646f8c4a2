"""What must not stand in anything that goes out, and where it stands all the same."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from deploy.cases.load import Case
from deploy.cases.mentions import name as split_name
from deploy.cases.model import Place

SHORTEST_NAME: Final = 3
"""Letters of the shortest name searched for: two could be anything."""

SHORTEST_SENTENCE: Final = 12
"""Characters of the shortest sentence of free text searched for: "He is ill" our own words may say."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that went out: to whom, by which way, and its words."""

    to: str
    """Short name of the agency; empty for logs."""
    way: str
    """`webhook`, `topic`, `answer` or `log`."""
    text: str


NAMELESS: Final = frozenset({"webhook", "topic", "log"})
"""Ways on which nobody's name, date of birth or NHS number may stand."""


def leaks(case: Case, sent: Iterable[Sent]) -> list[str]:
    """Return every place where something stands that must not, without repeating it."""
    anywhere = _pattern([*_sealed(case), *_texts(case), *(case.expect.never_say.anywhere if case.expect else ())])
    people = _pattern(_personal(case))
    only_to = [
        (_pattern(only.words), frozenset(only.to)) for only in (case.expect.never_say.only_to if case.expect else ())
    ]
    found = []
    for thing in sent:
        where = f"{thing.way} to {thing.to}" if thing.to else thing.way
        if match := anywhere.search(thing.text):
            found.append(f"{where}: holds what must never go out ({_hint(match[0])})")
        if thing.way in NAMELESS and (match := people.search(thing.text)):
            found.append(f"{where}: names somebody ({_hint(match[0])})")
        for pattern, allowed in only_to:
            if thing.to not in allowed and (match := pattern.search(thing.text)):
                found.append(f"{where}: holds what only {', '.join(sorted(allowed))} may read ({_hint(match[0])})")
    return found


def _hint(text: str) -> str:
    """A leak is told of by its first letters: the report of a leak must not be one."""
    return f"{text[:2]}..., {len(text)} characters"


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words, in any capitals, and with any spaces between their parts."""
    parts = sorted({r"\s*".join(re.escape(part) for part in word.split()) for word in words}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)" if parts else r"(?!)", re.IGNORECASE)


def _sealed(case: Case) -> Iterator[str]:
    for place in case.places.values():
        yield from _parts(case, place)
    for phone in case.phones.values():
        digits = re.sub(r"\D", "", phone.number)
        yield phone.number
        yield digits
        yield "+44" + digits.removeprefix("0")


def _texts(case: Case) -> Iterator[str]:
    """Free text, whole and by its sentences: it is never sent on."""
    for row in (*case.history, *case.rows):
        for sentence in re.split(r"(?<=[.!?])\s+", row.text or ""):
            words = sentence.strip(" .!?")
            if len(words) >= SHORTEST_SENTENCE:
                yield words


def _parts(case: Case, place: Place) -> Iterator[str]:
    """A postcode, each line, and of each line the street without its number; names of areas may be said."""
    if place.postcode is not None:
        yield place.postcode
    for line in place.lines:
        for piece in (line, *line.split(", ")):
            street = re.sub(r"^(?:flat )?\d+\w?\s+", "", piece, flags=re.IGNORECASE)
            for words in (piece, street):
                if words.lower().replace(" ", "-") not in case.directory.areas and len(words) > SHORTEST_NAME:
                    yield words


def _personal(case: Case) -> Iterator[str]:
    for somebody in case.cast.values():
        if somebody.name is not None:
            for part in split_name(somebody.name).values():
                yield from (word for word in part.split() if len(word) >= SHORTEST_NAME)
        if somebody.born is not None and len(somebody.born) == len("1984-03-22"):
            year, month, day = somebody.born.split("-")
            yield from (somebody.born, f"{day}/{month}/{year}", f"{day}.{month}.{year}")
        if nhs := somebody.identifiers.get("nhs"):
            yield nhs
