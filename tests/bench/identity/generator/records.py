"""How agencies write people down: which fields they have, and what goes wrong. `ops` names all that was done to a record."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from tests.bench.identity.generator import identifying
from tests.bench.identity.generator.people import Home, Person
from tests.bench.identity.generator.words import LAST_BORN, short_forms, spellings

GROWN_UP: Final = LAST_BORN - 16
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agency:
    """What an agency records, as shares of its records, and how badly."""

    name: str
    adults: float
    """Weight among the agencies that know an adult; `children` that of a child."""
    children: float
    faults: float
    """Times the usual share of errors."""
    born: float
    middle: float
    home: float
    phone: float
    numbers: tuple[tuple[str, float], ...]


AGENCIES: Final = (
    Agency("police", 30, 9, 1.5, 0.91, 0.3, 0.8, 0.45, (("pnc", 0.22), ("cro", 0.06))),
    Agency("health", 20, 30, 0.7, 0.99, 0.35, 0.93, 0.55, (("nhs_number", 0.85),)),
    Agency("social_care", 12, 22, 1.0, 0.94, 0.25, 0.88, 0.45, (("nhs_number", 0.35),)),
    Agency("probation", 12, 0, 0.9, 0.98, 0.4, 0.82, 0.55, (("crn", 0.45), ("pnc", 0.25))),
    Agency("prison", 7, 0, 0.9, 0.99, 0.4, 0.45, 0.2, (("prison_number", 0.4), ("pnc", 0.2))),
    Agency("education", 1, 32, 0.8, 0.99, 0.45, 0.95, 0.55, (("upn", 0.45),)),
    Agency("housing", 14, 3, 1.1, 0.82, 0.15, 0.97, 0.6, (("nino", 0.35),)),
)
USUAL: Final[dict[str, float]] = {
    "nick": 0.06,
    "spelling_given": 0.05,
    "spelling_family": 0.05,
    "typo_given": 0.05,
    "typo_family": 0.05,
    "initial": 0.01,
    "swap_names": 0.012,
    "middle_as_given": 0.012,
    "dob_partial": 0.03,
    "dob_digit": 0.03,
    "dob_swap": 0.008,
    "dob_jan1": 0.012,
    "alias": 0.02,
    "street_typo": 0.08,
    "old_home": 0.35,
    "bad_id": 0.006,
    "borrowed_id": 0.006,
    "capitals": 0.08,
    "placeholder": 0.004,
}
"""Share of the records that can be spoilt so, in an agency of usual care."""
KEYS: Final = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True))


class Written:
    """Everything agencies hold about one person; numbers are the person's own and stay the same."""

    def __init__(self, rng: random.Random, person: Person) -> None:
        self.rng = rng
        self.person = person
        self._own: dict[str, str | None] = {}

    def records(self, mean: float) -> Iterator[Json]:
        """One or more, about so many on average."""
        rng = self.rng
        count = 1
        while rng.random() < 1 - 1 / mean and count < 12:
            count += 1
        grown_up = self.person.born[0] <= GROWN_UP
        weights = [agency.adults if grown_up else agency.children for agency in AGENCIES]
        for index, agency in enumerate(rng.choices(AGENCIES, weights, k=count)):
            yield self._record(agency, index)

    def _record(self, agency: Agency, index: int) -> Json:
        rng, person = self.rng, self.person
        ops: list[str] = []
        record: Json = {
            "rid": f"P{person.number}-{index}",
            "person": f"P{person.number}",
            "agency": agency.name,
            "ops": ops,
            "quirk": person.quirk,
            "given_name": person.given,
            "middle_name": person.middle if rng.random() < agency.middle else None,
            "family_name": self._family(ops),
            "aliases": [],
            "date_of_birth": "{:04d}-{:02d}-{:02d}".format(*person.born),
            "sex": person.sex if rng.random() < 0.95 else None,
            "addresses": [],
            "phones": self._phones(agency),
            "identifiers": {},
        }
        if rng.random() >= agency.born:
            record["date_of_birth"] = None
            ops.append("dob_missing")
        if rng.random() < agency.home:
            record["addresses"] = [self._address(person.homes, ops, agency)]
        for kind, share in agency.numbers:
            if rng.random() < share and (number := self._number(kind)):
                record["identifiers"][kind] = number
        for op, share in USUAL.items():
            if op in _SPOIL and rng.random() < share * agency.faults and _SPOIL[op](rng, person, record):
                ops.append(op)
        if record["identifiers"]:
            self._spoil_numbers(record, ops, agency)
        return record

    def _family(self, ops: list[str]) -> str:
        """After a marriage some agencies keep the old name, and some write both."""
        person = self.person
        if person.former is None:
            return person.family
        turn = self.rng.random()
        if turn < 0.2:
            ops.append("maiden")
            return person.former
        if turn < 0.25:
            ops.append("double")
            return f"{person.former}{self.rng.choice('- ')}{person.family}"
        return person.family

    def _phones(self, agency: Agency) -> list[str]:
        rng, person = self.rng, self.person
        if rng.random() >= agency.phone:
            return []
        found = [number for number in (person.mobile, person.homes[0].landline) if number and rng.random() < 0.75]
        if person.mobile is None:  # a child: the number of a parent
            found += [other.mobile for other in person.beside[:2] if other.mobile and rng.random() < 0.5]
        return [_as_written(rng, number) for number in found]

    def _address(self, homes: list[Home], ops: list[str], agency: Agency) -> Json:
        rng = self.rng
        home = homes[0]
        if len(homes) > 1 and rng.random() < USUAL["old_home"]:
            home = homes[1]
            ops.append("old_home")
        line, postcode = home.line, home.postcode
        if rng.random() < USUAL["street_typo"] * agency.faults:
            line = typo(rng, line)
            ops.append("street_typo")
        if rng.random() < 0.3:
            for long, short in (("Street", "St"), ("Road", "Rd"), ("Avenue", "Ave"), ("Drive", "Dr"), ("Lane", "Ln")):
                line = line.replace(long, short)
        if postcode and rng.random() < 0.08:
            postcode = rng.choice((None, postcode.replace(" ", ""), postcode.lower()))
        return {"line1": line, "postcode": postcode}

    def _number(self, kind: str) -> str | None:
        if kind not in self._own:
            rng, person = self.rng, self.person
            makers: dict[str, Callable[[], str | None]] = {
                "nhs_number": lambda: identifying.nhs(person.number),
                "pnc": lambda: identifying.pnc(rng, person.born[0]),
                "cro": lambda: identifying.cro(rng, person.born[0]),
                "prison_number": lambda: identifying.prison(rng),
                "crn": lambda: identifying.crn(rng),
                "upn": lambda: identifying.upn(rng),
                "nino": lambda: identifying.nino(rng),
            }
            self._own[kind] = makers[kind]()
        return self._own[kind]

    def _spoil_numbers(self, record: Json, ops: list[str], agency: Agency) -> None:
        rng = self.rng
        kind = rng.choice(sorted(record["identifiers"]))
        if rng.random() < USUAL["bad_id"] * agency.faults:
            record["identifiers"][kind] = identifying.miswritten(rng, record["identifiers"][kind])
            ops.append("bad_id")
        if kind == "nhs_number" and self.person.beside and rng.random() < USUAL["borrowed_id"] * agency.faults:
            other = identifying.nhs(rng.choice(self.person.beside).number)
            if other:
                record["identifiers"][kind] = other
                ops.append("borrowed_id")


def typo(rng: random.Random, text: str) -> str:
    """One slip: two letters swapped, one left out, one twice, or the key beside."""
    places = [place for place, letter in enumerate(text) if letter.isalpha()]
    if len(places) < 3:
        return text
    at = rng.choice(places[1:])
    letter = text[at]
    match rng.randrange(4):
        case 0:
            before = places[places.index(at) - 1]
            return f"{text[:before]}{text[at]}{text[before + 1 : at]}{text[before]}{text[at + 1 :]}"
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + letter + text[at:]
        case _:
            return text[:at] + KEYS.get(letter.lower(), "e") + text[at + 1 :]


def _as_written(rng: random.Random, number: str) -> str:
    turn = rng.random()
    if turn < 0.15:
        return f"+44 {number[1:5]} {number[5:]}"
    return f"{number[:5]} {number[5:]}" if turn < 0.4 else number


def _nick(rng: random.Random, person: Person, record: Json) -> bool:
    short = short_forms().get(person.given)
    if short:
        record["given_name"] = rng.choice(short)
    return bool(short)


def _spelling(part: str) -> Callable[[random.Random, Person, Json], bool]:
    def spoil(rng: random.Random, _: Person, record: Json) -> bool:
        others = spellings().get(record[part])
        if others:
            record[part] = rng.choice(others)
        return bool(others)

    return spoil


def _typo(part: str) -> Callable[[random.Random, Person, Json], bool]:
    def spoil(rng: random.Random, _: Person, record: Json) -> bool:
        before = record[part]
        record[part] = typo(rng, before)
        return bool(record[part] != before)

    return spoil


def _initial(_: random.Random, __: Person, record: Json) -> bool:
    record["given_name"] = record["given_name"][0]
    return True


def _swap_names(_: random.Random, __: Person, record: Json) -> bool:
    record["given_name"], record["family_name"] = record["family_name"], record["given_name"]
    return True


def _middle_as_given(_: random.Random, person: Person, record: Json) -> bool:
    if person.middle:
        record["given_name"], record["middle_name"] = person.middle, None
    return bool(person.middle)


def _born(change: Callable[[random.Random, list[str]], str]) -> Callable[[random.Random, Person, Json], bool]:
    def spoil(rng: random.Random, _: Person, record: Json) -> bool:
        parts = (record["date_of_birth"] or "").split("-")
        if len(parts) != 3:
            return False
        before = record["date_of_birth"]
        record["date_of_birth"] = change(rng, parts)
        return bool(record["date_of_birth"] != before)

    return spoil


def _digit(rng: random.Random, parts: list[str]) -> str:
    """One figure of the date wrong, the date still a date."""
    year, month, day = (int(part) for part in parts)
    match rng.randrange(4):
        case 0:
            year += rng.choice((-10, -1, 1, 10))
        case 1:
            month = rng.choice([m for m in (month - 1, month + 1, month + 10, month - 10) if 1 <= m <= 12])
        case _:
            day = rng.choice([d for d in (day - 1, day + 1, day + 10, day - 10) if 1 <= d <= 28])
    return f"{year:04d}-{month:02d}-{day:02d}"


def _swapped(_: random.Random, parts: list[str]) -> str:
    year, month, day = parts
    return f"{year}-{day}-{month}" if int(day) <= 12 else f"{year}-{month}-{day}"


def _alias(rng: random.Random, person: Person, record: Json) -> bool:
    """A name somebody uses: another family name, or what they are called with it."""
    others = [other.family for other in person.beside if other.family != person.family]
    family = person.former or (rng.choice(others) if others else person.family)
    called = short_forms().get(person.given)
    alias = {"given_name": rng.choice(called) if called else person.given, "family_name": family}
    if alias == {"given_name": record["given_name"], "family_name": record["family_name"]}:
        return False
    record["aliases"] = [alias]
    return True


def _capitals(_: random.Random, __: Person, record: Json) -> bool:
    record["family_name"] = record["family_name"].upper()
    return True


def _placeholder(rng: random.Random, _: Person, record: Json) -> bool:
    record["given_name"] = rng.choice(("Unknown", "UNKNOWN", "N/K", "Baby", "Not known"))
    return True


_SPOIL: Final[dict[str, Callable[[random.Random, Person, Json], bool]]] = {
    "nick": _nick,
    "spelling_given": _spelling("given_name"),
    "spelling_family": _spelling("family_name"),
    "typo_given": _typo("given_name"),
    "typo_family": _typo("family_name"),
    "initial": _initial,
    "swap_names": _swap_names,
    "middle_as_given": _middle_as_given,
    "dob_partial": _born(lambda rng, parts: "-".join(parts[: rng.choice((1, 2))])),
    "dob_digit": _born(_digit),
    "dob_swap": _born(_swapped),
    "dob_jan1": _born(lambda _, parts: f"{parts[0]}-01-01"),
    "alias": _alias,
    "capitals": _capitals,
    "placeholder": _placeholder,
}
