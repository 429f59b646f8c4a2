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

STANDARD_VERSION: Final = 2
"""Stands in front of every stored record: another way to standardise is another version."""

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


class Phone(NamedTuple):
    """A telephone number as a token, and the line it is."""

    token: str
    line: str = "other"
    """"mobile", "fixed" or "other"."""


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
            ]
        )

    @classmethod
    def from_json(cls, stored: str | bytes) -> "Standard":
        """What `to_json` wrote.

        Raises:
            StandardVersionUnknown: it was written by another version.
        """
        version, *parts = orjson.loads(stored)
        if version != STANDARD_VERSION:
            raise StandardVersionUnknown(version)
        agency, names, born, doubt, sex, identifiers, misread, homes, phones, workplaces, *flags = parts
        return cls(
            agency,
            tuple(FullName(*name) for name in names),
            tuple(born),
            doubt,
            sex,
            tuple(Identifier(*identifier) for identifier in identifiers),
            tuple(Identifier(*identifier) for identifier in misread),
            tuple(Home(*home) for home in homes),
            tuple(Phone(*phone) for phone in phones),
            tuple(workplaces),
            *flags,
        )


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
        homes=_sorted(_home(address) for address in body.get("addresses") or ()),
        phones=_sorted(_phone(phone) for phone in body.get("phones") or ()),
        workplaces=_tokens((workplace.get("name"), workplace.get("dwelling"))),
        slot=body.get("slot") is not None,
        sender=bool(body.get("unnamed_sender")),
        protected=bool(body.get("protected")),
    )


def _sorted(found: Any) -> tuple[Any, ...]:  # noqa: ANN401 - of names or of identifiers
    return tuple(sorted({item for item in found if item}))


def _tokens(values: Any) -> tuple[str, ...]:  # noqa: ANN401 - an iterable of {"token": ..}, None or text
    return tuple(sorted({token_of(value) for value in values if value}))


def token_of(value: Mapping[str, str] | str) -> str:
    """The token in a stored body; text that was never sealed (a trial in memory) stands for itself."""
    return value if isinstance(value, str) else value["token"]


def _home(address: Mapping[str, Any]) -> Home | None:
    dwelling, postcode = address.get("dwelling") or {}, address.get("postcode") or {}
    if isinstance(dwelling, str):  # never sealed: a trial in memory
        dwelling = {"token": dwelling}
    if isinstance(postcode, str):
        postcode = {"token": postcode}
    home = Home(
        dwelling.get("token", ""),
        postcode.get("token", ""),
        dwelling.get("street", ""),
        dwelling.get("outcode", ""),
        dwelling.get("many", False),
    )
    return home if any(home) else None


def _phone(phone: Mapping[str, str] | str) -> Phone:
    return Phone(phone) if isinstance(phone, str) else Phone(phone["token"], phone.get("line", "other"))


def letters(text: str | None) -> str:
    """Capitals without accents, one space between words, hyphens parting them, without apostrophes."""
    return " ".join(_LETTERS.sub("", word) for word in _SPACES.split(anyascii(text).upper())).strip() if text else ""


def _name(name: Mapping[str, Any]) -> FullName | None:
    # "Corin Dale" as a given name is a given and a middle name.
    first, *rest = (name.get("given") or "").strip().split(maxsplit=1) or [""]
    given, family = letters(first), letters(name.get("family"))
    middle = letters(" ".join((*rest, name.get("middle") or "")))
    whole = letters(name.get("given")).replace(" ", "")
    if given in NO_GIVEN_NAMES or whole in NO_NAMES:
        given = middle = ""
    if family.replace(" ", "") in NO_NAMES:
        family = ""
    kind = name.get("kind") or ""
    return FullName(given, middle, family, "" if kind == "current" else kind) if given or family else None


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
