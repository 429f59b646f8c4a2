"""Stories of invented people: the given events of the rule files' own tests, told again of others, at other times.

Every rule is fired and answered in its own file, so a new rule comes into the chaos by itself. Each family is a whole cast
with names, birthdays, numbers and telephones of its own; what a story says of the cast is said of the family.
"""

import random
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from schemas.identifiers import IdentifierRefused, canonical
from services.rules.load import CATALOGUE, read
from services.rules.model import Test as RuleTest
from services.trial.rule_tests import arrival_of
from services.trial.world import Arrival

INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
DRAMA: Final = re.compile(r"07700 900\d{3}")
MONITORED: Final = "07700 900300"  # a channel of the directory, so it is nobody's own
SYLLABLES: Final = ("al", "bre", "cor", "dun", "el", "far", "gil", "hes", "im", "jor", "kel", "lum", "mor", "nes", "or",
                    "pel", "quin", "ros", "sal", "tam", "ul", "ver", "wim", "yar", "zel")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """The events of one test of a rule file."""

    name: str
    arrivals: tuple[Arrival, ...]


def stories() -> list[Story]:
    """Every story of the catalogue that plays in the default directory."""
    return [
        Story(f"{rule.id} {test.name}", _told(test))
        for rule in (read(path) for path in sorted(CATALOGUE.glob("*.yaml")))
        for test in rule.tests
        if not isinstance(test.directory, Mapping)
    ]


def _told(test: RuleTest) -> tuple[Arrival, ...]:
    """Without what people decide about who is who: the families of a population are other people."""
    return tuple(arrival_of(given, n) for n, given in enumerate(test.given, 1) if "decide" not in given)


def nhs_number(serial: int) -> str:
    """A number of the range that is never issued, with the check digit that fits; some serials have none, so the next does."""
    for n in range(serial * 2, 10**7):
        for digit in "0123456789":
            try:
                return canonical("nhs", f"999{n:06d}{digit}")
            except IdentifierRefused:
                continue
    raise ValueError(serial)


def pnc_id(serial: int) -> str:
    """An invented PNC ID with the check letter that fits."""
    for letter in string.ascii_uppercase:
        try:
            return canonical("pnc", f"2006/{serial:07d}{letter}")
        except IdentifierRefused:
            continue
    raise ValueError(serial)


@dataclass(slots=True)
class Family:
    """One cast in other names. The same word becomes the same other word in all its stories."""

    number: int
    seed: int
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    split: bool = False
    """Some agencies know only its people's numbers, and others only their birthdays, until somebody records both."""

    def tell(self, story: Story, n: int, weeks: float) -> Iterator[Arrival]:
        """The story, as it happened to this family, some weeks later."""
        ids = {arrival.event["id"] for arrival in story.arrivals}
        for arrival in story.arrivals:
            retold = _Retold(self, f"f{self.number}.{n}.", ids, timedelta(weeks=weeks))
            agency = str(arrival.event["source"]).rpartition(":")[2]
            data = retold.value("data", arrival.event["data"])
            people = [self._seen_by(agency, person) for person in data.get("people", ())]
            event = {
                **arrival.event,
                "id": retold.prefix + arrival.event["id"],
                "data": {**data, "people": people},
            }
            yield replace(arrival, event=event, received_at=arrival.received_at + retold.later)

    def word(self, kind: str, said: str) -> str:
        """What stands for this word in this family."""
        if (kind, said) not in self.words:
            rng = random.Random(f"{self.seed}/{self.number}/{kind}/{said}")
            self.words[kind, said] = _other(kind, said, rng, self.number)
        return self.words[kind, said]

    def _seen_by(self, agency: str, person: dict[str, Any]) -> dict[str, Any]:
        if not self.split or not person.get("names") or len(str(person.get("born", ""))) != len("2000-01-01"):
            return person
        half = random.Random(f"{self.seed}/{self.number}/{agency}/{person['names']}").random()
        if half < 0.4:
            return {name: value for name, value in person.items() if name != "identifiers"}
        if half < 0.8:
            known = {name: value for name, value in person.items() if name != "born"}
            return {**known, "identifiers": person.get("identifiers") or [self.nhs(person)]}
        return person

    def nhs(self, person: Mapping[str, Any]) -> dict[str, str]:
        """The NHS number of one of the family, by name."""
        (name, *_) = person["names"]
        return {"system": "nhs", "value": self.word("nhs", f"{name['given']} {name['family']}")}


def _other(kind: str, said: str, rng: random.Random, number: int) -> str:
    match kind:
        case "given" | "family" | "middle":
            return "".join(rng.choice(SYLLABLES) for _ in range(3)).capitalize()
        case "born":
            born = date.fromisoformat(said)
            return born.replace(day=(born.day - 1 + rng.randrange(28)) % 28 + 1).isoformat()
        case "crn":
            return f"{rng.choice('ABCDEFGHJKLM')}{rng.randrange(10**6):06d}"
        case "nhs":
            return nhs_number(rng.randrange(400_000))
        case "pnc":
            return pnc_id(rng.randrange(10**7))
        case "phone":
            return f"07700 900{(int(said[-3:]) * 7 + number * 13) % 300:03d}"  # below the monitored channel
    return f"{number} {said}"


@dataclass(frozen=True, slots=True)
class _Retold:
    """One story in other words."""

    family: Family
    prefix: str
    ids: set[str]
    later: timedelta

    def value(self, key: str, said: Any) -> Any:
        """The same JSON with other people, numbers, events and times in it."""
        match said:
            case dict():
                system = said.get("system")
                if isinstance(system, str) and "value" in said:
                    return {**said, "value": self.family.word(system, said["value"])}
                return {name: self.value(name, value) for name, value in said.items()}
            case list():
                return [self.value(key, value) for value in said]
            case str():
                return self._text(key, said)
        return said

    def _text(self, key: str, said: str) -> str:
        if key == "id" and said in self.ids:
            return self.prefix + said
        if key in {"given", "family", "middle"}:
            return self.family.word(key, said)
        if key == "born":
            return self.family.word(key, said) if DAY.fullmatch(said) else said
        if key == "lines":
            return self.family.word(key, said)
        if DRAMA.fullmatch(said):
            return said if said == MONITORED else self.family.word("phone", said)
        if INSTANT.fullmatch(said):
            return (datetime.fromisoformat(said) + self.later).isoformat()
        if DAY.fullmatch(said):
            return (date.fromisoformat(said) + self.later).isoformat()
        return said
