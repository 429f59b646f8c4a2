"""Who there is and who lives with whom: households, twins, fathers and sons of one name, hostels and homes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tests.bench.identity.generator import identifying
from tests.bench.identity.generator.words import FIRST_BORN, LAST_BORN, STREETS, Names, communities, spellings

NEIGHBOURS: Final = 14
"""Households to a postcode (Royal Mail: about fifteen addresses)."""
TWINS: Final = 0.03
"""Of births beside a sibling: twice as many as there are."""
ALIKE_TWINS: Final = 0.3
"""Twins whose names differ by a letter or a spelling."""
SAME_NAME_SON: Final = 0.03
INSTITUTIONS: Final = 0.02
"""Of households: a hostel, home or shared house of strangers."""
IN_ONE: Final = 14
NO_FIXED_ABODE: Final = 0.01
MIXED: Final = 0.12
"""Couples from two communities."""
TOOK_THE_NAME: Final = 0.65
"""Married women who bear their husband's family name."""
TRAVELS: Final = 0.3
"""People who have lived elsewhere, under whose old address some agencies still know them."""


@dataclass(slots=True)
class Home:
    """Where a household lives."""

    line: str
    postcode: str | None
    landline: str | None = None


@dataclass(slots=True)
class Person:
    """The truth about somebody."""

    number: int
    community: str
    given: str
    middle: str | None
    family: str
    sex: str
    born: tuple[int, int, int]
    homes: list[Home]
    """The present one first."""
    mobile: str | None
    former: str | None = None
    """The family name before marriage."""
    quirk: str | None = None
    beside: list["Person"] = field(default_factory=list)
    """The others of the household."""


class Town:
    """A neighbourhood under construction: everything in it comes from one stream of chance."""

    def __init__(self, rng: random.Random, first_number: int) -> None:
        self.rng = rng
        self._next = first_number
        self._which, self._names = communities()
        self._places: list[tuple[str, str]] = []

    def households(self, people: int) -> Iterator[list[Person]]:
        """Households until there are about so many people."""
        count = 0
        while count < people:
            made = self._institution() if self.rng.random() < INSTITUTIONS / 2 else self._household()
            for person in made:
                person.beside = [other for other in made if other is not person]
            count += len(made)
            yield made

    # Homes

    def _home(self) -> Home:
        rng = self.rng
        if not self._places or rng.random() < 1 / NEIGHBOURS:
            self._places.append((rng.choice(STREETS), identifying.postcode(rng)))
        street, postcode = rng.choice(self._places[-200:])
        number = rng.randint(1, 120)
        flat = f"Flat {rng.randint(1, 24)}, " if rng.random() < 0.15 else ""
        return Home(f"{flat}{number} {street}", postcode, identifying.landline(rng) if rng.random() < 0.35 else None)

    def _homes(self, home: Home) -> list[Home]:
        if self.rng.random() < NO_FIXED_ABODE:
            return [Home(self.rng.choice(("NFA", "No fixed abode", "No fixed address", "Of no fixed abode")), None)]
        return [home, self._home()] if self.rng.random() < TRAVELS else [home]

    # People

    def _community(self) -> Names:
        return self._names[self._which.draw(self.rng)]

    def _person(self, names: Names, sex: str, year: int, family: str, homes: list[Home]) -> Person:
        rng = self.rng
        given = self._given(names, sex, year)
        middle = self._given(names, sex, year) if rng.random() < names.middle else None
        mobile = identifying.mobile(rng) if year < LAST_BORN - 11 and rng.random() < 0.85 else None
        self._next += 1
        return Person(
            self._next - 1,
            names.community,
            given,
            middle if middle != given else None,
            family,
            sex,
            (year, rng.randint(1, 12), rng.randint(1, 28)),
            homes,
            mobile,
        )

    def _given(self, names: Names, sex: str, year: int) -> str:
        return names.given[sex, max(FIRST_BORN, min(year, LAST_BORN)) // 10].draw(self.rng)

    def _household(self) -> list[Person]:
        rng = self.rng
        names, home = self._community(), self._home()
        family = names.family.draw(rng)
        year = int(rng.triangular(FIRST_BORN, 2004, 1978))
        kind = rng.random()
        sex = rng.choice(("female", "male"))
        first = self._person(names, sex, year, family, self._homes(home))
        if kind < 0.3:
            return [first]
        if kind < 0.42:  # a lone parent, more often a mother
            return [first, *self._children(first, None, names, home)]
        partner_names = self._community() if rng.random() < MIXED else names
        own = partner_names.family.draw(rng)
        partner = self._person(
            partner_names, "male" if sex == "female" else "female", year + rng.randint(-6, 6), own, self._homes(home)
        )
        wife, husband = (first, partner) if first.sex == "female" else (partner, first)
        if rng.random() < TOOK_THE_NAME:
            wife.former, wife.family = wife.family, husband.family
        couple = [first, partner]
        return couple if kind < 0.65 else [*couple, *self._children(husband, wife, names, home)]

    def _children(self, parent: Person, other: Person | None, names: Names, home: Home) -> list[Person]:
        rng = self.rng
        year = parent.born[0] + rng.randint(20, 34)
        double = other is not None and other.family != parent.family and rng.random() < 0.3
        family = f"{other.family}-{parent.family}" if double and other is not None else parent.family
        children: list[Person] = []
        while year <= LAST_BORN and len(children) < 5 and (not children or rng.random() < 0.55):
            child = self._person(names, rng.choice(("female", "male")), year, family, self._homes(home))
            if year > LAST_BORN - 18:
                child.homes = parent.homes
            if child.sex == parent.sex == "male" and rng.random() < SAME_NAME_SON and not double:
                child.given, child.quirk, parent.quirk = parent.given, "father_son", "father_son"
            if children and rng.random() < TWINS:
                self._make_twins(children[-1], child)
            children.append(child)
            year = child.born[0] + rng.randint(1, 5)
        return children

    def _make_twins(self, one: Person, other: Person) -> None:
        other.born, other.homes = one.born, one.homes
        one.quirk = other.quirk = "twin"
        if self.rng.random() < ALIKE_TWINS:
            other.sex = one.sex
            other.given = self._alike(one.given)
        while other.given == one.given:
            other.given = self._given(communities()[1][other.community], other.sex, other.born[0])

    def _alike(self, given: str) -> str:
        """Another name that differs by a letter or two: Aisha and Aisla, Jayden and Jaydon."""
        if given in spellings() and self.rng.random() < 0.4:
            return self.rng.choice(spellings()[given])
        place = self.rng.randrange(1, len(given))
        letter = self.rng.choice("aeiou" if given[place] in "aeiou" else "bdlmnrst")
        return f"{given[:place]}{letter}{given[place + 1 :]}"

    def _institution(self) -> list[Person]:
        rng = self.rng
        street, postcode = rng.choice(STREETS), identifying.postcode(rng)
        house = rng.choice(
            (
                "{} House Hostel", "{} Approved Premises", "{} Lodge Care Home", "{} Children's Home", "HMP {}",
                "{} Night Shelter", "{} Court Supported Housing", "{} Hall of Residence", "{} Refuge",
            )
        )  # fmt: skip
        name = house.format(street.split()[0])
        home = Home(f"{name}, {rng.randint(1, 90)} {street}", postcode, identifying.landline(rng))
        old = "Care" in name
        made = []
        for _ in range(rng.randint(5, 2 * IN_ONE)):
            names = self._community()
            year = rng.randint(1930, 1950) if old else rng.randint(1965, 2006)
            if "Children" in name:
                year = rng.randint(2008, 2020)
            homes = [home, self._home()] if rng.random() < 0.6 else [home]
            sex = "male" if "HMP" in name else "female" if "Refuge" in name else rng.choice(("female", "male"))
            made.append(self._person(names, sex, year, names.family.draw(rng), homes))
        return made
