"""A mention in one normal form: what a record holds, what is compared, and what makes two mentions the same record."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from anyascii import anyascii

from schemas.identifiers import canonical, may_join

_LETTERS: Final = re.compile(r"[^A-Z]")
_SPACES: Final = re.compile(r"[\s-]+")

NO_NAMES: Final = frozenset(
    [
        "UNKNOWN",
        "UNK",
        "NK",
        "NOTKNOWN",
        "UNNAMED",
        "NONAME",
        "NOTGIVEN",
        "NOTSTATED",
        "ANON",
        "ANONYMOUS",
        "NA",
        "NONE",
        "TBC",
        "XX",
        "XXX",
        "BABYOF",
    ]
)
"""Written where no name is known. They name nobody, so they agree with nobody."""

NO_GIVEN_NAMES: Final = NO_NAMES | frozenset(
    ["BABY", "INFANT", "CHILD", "MALE", "FEMALE", "MAN", "WOMAN", "BOY", "GIRL", "TWIN", "MR", "MRS", "MISS"]
)
"""As given names these name nobody either; as family names some are real."""

FIRST_YEAR: Final = 1902
"""Years before are what systems write for "not known" (1900, 1901), not the births of the living."""

FULL_DATE: Final = 3
"""Parts of a date of birth known to the day."""


class FullName(NamedTuple):
    """One name in capitals without accents or spaces; a part that is not known is empty."""

    given: str
    middle: str
    family: str


class Identifier(NamedTuple):
    """A number in its one writing. Numbers of an agency's own carry the agency in their system."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Standard:
    """What one agency says of one person, comparable. Addresses, numbers and workplaces are tokens."""

    agency: str
    names: tuple[FullName, ...] = ()
    born: tuple[int, ...] = ()
    """Year, month, day as far as known."""
    sex: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    dwellings: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    workplaces: tuple[str, ...] = ()
    slot: bool = False
    """A placeholder: nobody has named this person."""
    sender: bool = False
    """The unnamed sender of a message."""

    @property
    def reusable(self) -> bool:
        """Whether an equal mention by the same agency is the same record: two "unknown woman" stay two."""
        if self.slot or self.sender:
            return False
        named = any(name.given and name.family for name in self.names)
        return bool(self.identifiers) or (named and len(self.born) == FULL_DATE)

    def to_json(self) -> bytes:
        """As stored. Equal standards have equal bytes."""
        # orjson knows no named tuples.
        return orjson.dumps(
            [
                self.agency,
                [tuple(name) for name in self.names],
                self.born,
                self.sex,
                [tuple(identifier) for identifier in self.identifiers],
                self.dwellings,
                self.phones,
                self.workplaces,
                self.slot,
                self.sender,
            ]
        )

    @classmethod
    def from_json(cls, stored: str | bytes) -> "Standard":
        """What `to_json` wrote."""
        agency, names, born, sex, identifiers, dwellings, phones, workplaces, slot, sender = orjson.loads(stored)
        return cls(
            agency,
            tuple(FullName(*name) for name in names),
            tuple(born),
            sex,
            tuple(Identifier(*identifier) for identifier in identifiers),
            tuple(dwellings),
            tuple(phones),
            tuple(workplaces),
            slot,
            sender,
        )


def content_hash(stored: bytes) -> bytes:
    """Of `Standard.to_json`: the agency stands in it, so equal hashes are equal records of one agency."""
    return hashlib.blake2b(stored, digest_size=16).digest()


def standardise(body: Mapping[str, Any], agency: str) -> Standard:
    """The comparable form of one entry of `people`, as it stands in a stored body (sealed values are tokens).

    Role, ref, area and children are left out: they belong to the fact, not to the person.
    """
    workplace = body.get("workplace") or {}
    return Standard(
        agency=agency,
        names=_sorted(_name(name) for name in body.get("names") or ()),
        born=_born(body.get("born")),
        sex=body.get("sex"),
        identifiers=_sorted(_identifiers(body, agency)),
        dwellings=_tokens(address.get("dwelling") for address in body.get("addresses") or ()),
        phones=_tokens(body.get("phones") or ()),
        workplaces=_tokens((workplace.get("name"), workplace.get("dwelling"))),
        slot=body.get("slot") is not None,
        sender=bool(body.get("unnamed_sender")),
    )


def _sorted(found: Any) -> tuple[Any, ...]:  # noqa: ANN401 - of names or of identifiers
    return tuple(sorted({item for item in found if item}))


def _tokens(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - an iterable of {"token": ..}, None or text
    return tuple(sorted({token_of(value) for value in values if value}))


def token_of(value: Mapping[str, str] | str) -> str:
    """The token in a stored body; text that was never sealed (a trial in memory) stands for itself."""
    return value if isinstance(value, str) else value["token"]


def letters(text: str | None) -> str:
    """Capitals without accents, spaces, hyphens and apostrophes."""
    return _LETTERS.sub("", anyascii(text).upper()) if text else ""


def _name(name: Mapping[str, Any]) -> FullName | None:
    # "Corin Dale" as a given name is a given and a middle name.
    first, *rest = _SPACES.split((name.get("given") or "").strip(), maxsplit=1)
    given, family = letters(first), letters(name.get("family"))
    middle = letters(" ".join((*rest, name.get("middle") or "")))
    if given in NO_GIVEN_NAMES or letters(name.get("given")) in NO_NAMES:
        given = middle = ""
    if family in NO_NAMES:
        family = ""
    return FullName(given, middle, family) if given or family else None


def _born(written: str | None) -> tuple[int, ...]:
    parts = tuple(int(part) for part in written.split("-")) if written else ()
    return parts if parts and parts[0] >= FIRST_YEAR else ()


def _identifiers(body: Mapping[str, Any], agency: str) -> Sequence[Identifier]:
    found = []
    for identifier in body.get("identifiers") or ():
        system, value = identifier["system"], identifier["value"].strip().upper()
        if system.startswith("local:"):
            found.append(Identifier(f"{system}@{agency}", value))
        elif may_join(system, value):
            found.append(Identifier(system, canonical(system, value)))
    if own_id := body.get("own_id"):
        found.append(Identifier(f"own@{agency}", own_id.strip().upper()))
    return found
