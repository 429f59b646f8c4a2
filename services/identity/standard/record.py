"""A record: what one agency says of one person, in one normal form that can be compared, stored and found again."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

import orjson

from services.identity.standard.placeholders import gives_nobody, is_nobody

STANDARD_VERSION: Final = 9
"""Stands in front of every stored record: another way to standardise is another version. `tocsin identity rejudge` then makes the
keys of all that is held anew."""
READ_VERSIONS: Final = frozenset({*range(2, 9), STANDARD_VERSION})
"""Whose records are read. Those of version 2 know no door, and their NI numbers bear the suffix; before version 4 "service user"
passed for a name, and would go on joining those who were called so. Before version 5 nobody is the second twin,
before version 6 figures in front of a name are left out, before version 7 "Abu Omar" passed for a given name, before
version 8 two words in brackets for a whole one only, before version 9 two initials in brackets also for one given name."""
_DOOR_SINCE: Final = 3
_NOBODY_SINCE: Final = 4
_NINO: Final = 8
"""Letters and figures of a National Insurance number without its suffix."""

FULL_DATE: Final = 3
"""Parts of a date of birth known to the day."""


class FullName(NamedTuple):
    """One name in capitals A to Z, words parted by one space; a part that is not known is empty."""

    given: str
    middle: str
    family: str
    kind: str = ""
    """"" for the name now, "alias" or "former"."""


class Identifier(NamedTuple):
    """A number in its one writing. Numbers of an agency's own carry the agency in their system."""

    system: str
    value: str


class Home(NamedTuple):
    """Where somebody lives or lived, as tokens (services.tokens); what is not known is empty."""

    dwelling: str
    """House or flat number with the postcode."""
    postcode: str
    street: str
    """Words of the street, spelling-tolerant, with the outcode."""
    outcode: str
    many: bool = False
    """An institution, hostel, approved premises or hospital: living there proves little."""
    door: str = ""
    """House or flat number with the street: what is left of the dwelling where the postcode is wrong or missing."""


class Phone(NamedTuple):
    """A telephone number as a token, and the line it is."""

    token: str
    line: str = "other"
    """"mobile", "fixed" or "other"."""


# Each candidate of each search passes here, and `_make` would count fields again that `to_json` wrote.
_full_name: Final = partial(tuple.__new__, FullName)
_identifier: Final = partial(tuple.__new__, Identifier)
_home: Final = partial(tuple.__new__, Home)
_phone: Final = partial(tuple.__new__, Phone)


@dataclass(frozen=True, slots=True)
class Standard:
    """What one agency says of one person, comparable. Addresses, numbers and workplaces are tokens."""

    agency: str
    names: tuple[FullName, ...] = ()
    """Sorted, each once."""
    born: tuple[int, ...] = ()
    """Year, month, day as far as known."""
    born_doubt: str = ""
    """"default" where day and month are what systems write for "not known"; "" otherwise."""
    sex: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    """Valid ones only, in their one writing."""
    misread: tuple[Identifier, ...] = ()
    """Of a kind with a check digit, which fails: at most a valid one mistyped, never a ground to join."""
    homes: tuple[Home, ...] = ()
    phones: tuple[Phone, ...] = ()
    workplaces: tuple[str, ...] = ()
    slot: bool = False
    """A placeholder: nobody has named this person."""
    sender: bool = False
    """The unnamed sender of a message."""
    protected: bool = False
    """A sealed identity (adoption, a new name, witness protection): no automatic link to anybody."""
    birth_order: int = 0
    """Which of the children of one birth, 1 for the first, where it is written (services.identity.standard.newborn); 0 if not."""

    @property
    def dwellings(self) -> tuple[str, ...]:
        """The tokens of the dwellings that are known."""
        return tuple(home.dwelling for home in self.homes if home.dwelling)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The tokens of the telephone numbers."""
        return tuple(phone.token for phone in self.phones)

    @property
    def reusable(self) -> bool:
        """Whether an equal mention by the same agency is the same record: two "unknown woman" stay two."""
        if self.slot or self.sender:
            return False
        named = any(name.given and name.family for name in self.names)
        return bool(self.identifiers) or (named and len(self.born) == FULL_DATE)

    def to_json(self) -> bytes:
        """As stored, with the version in front. Equal standards have equal bytes."""
        # orjson knows no named tuples.
        return orjson.dumps(
            [
                STANDARD_VERSION,
                self.agency,
                list(map(tuple, self.names)),
                self.born,
                self.born_doubt,
                self.sex,
                list(map(tuple, self.identifiers)),
                list(map(tuple, self.misread)),
                list(map(tuple, self.homes)),
                list(map(tuple, self.phones)),
                self.workplaces,
                self.slot,
                self.sender,
                self.protected,
                self.birth_order,
            ]
        )

    @classmethod
    def from_json(cls, stored: str | bytes) -> "Standard":
        """What `to_json` wrote.

        Raises:
            StandardVersionUnknown: it was written by another version.
        """
        version, *parts = orjson.loads(stored)
        if version not in READ_VERSIONS:
            raise StandardVersionUnknown(version)
        agency, names, born, doubt, sex, identifiers, misread, homes, phones, workplaces, *flags = parts
        if version < _NOBODY_SINCE:
            names = _of_somebody(names)
        if version < _DOOR_SINCE:
            homes = [[*home, ""] for home in homes]
            identifiers = [[system, value[:_NINO] if system == "nino" else value] for system, value in identifiers]
        return cls(
            agency,
            tuple(map(_full_name, names)),
            tuple(born),
            doubt,
            sex,
            tuple(map(_identifier, identifiers)),
            tuple(map(_identifier, misread)),
            tuple(map(_home, homes)),
            tuple(map(_phone, phones)),
            tuple(workplaces),
            *flags,
        )


def _of_somebody(names: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    """Names without words for somebody not known, as version 4 leaves them out."""
    for given, middle, family, kind in names:
        called = f"{given} {middle}".strip()
        if is_nobody(called, family):
            continue
        name = ("", "", family, kind) if gives_nobody(called) else (given, middle, family, kind)
        if any(name[:3]):
            yield name


class StandardVersionUnknown(ValueError):
    """A stored record was written by another version of the standard."""

    def __init__(self, version: object) -> None:
        super().__init__(
            f"a stored record has standard version {version!s:.20}, this release reads {STANDARD_VERSION}:"
            " start from an empty database and replay the events, or run the release that wrote it"
        )


def content_hash(stored: bytes) -> bytes:
    """Of `Standard.to_json`: the agency stands in it, so equal hashes are equal records of one agency."""
    return hashlib.blake2b(stored, digest_size=16).digest()
