"""Records of the evaluation files, and how the bus sees them: a mention as an agency would send it, sealed.

Fields that nobody reads are let be, but named by `unread`, so that a misspelt one does not pass for "not recorded".
"""

import gzip
import io
import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from schemas import registry
from schemas.sealing import seal
from services.tokens import Tokens

SYSTEMS: Final = {"nhs_number": "nhs", "prison_number": "prison"}
"""Kinds of number that the files call otherwise than the bus."""
SEXES: Final = {"male": "m", "m": "m", "female": "f", "f": "f", "x": "x", "other": "x", "indeterminate": "x"}
NOBODY: Final = "unknown"
"""Agency of a record that names none."""
REF: Final = "S"
ROLE: Final = "subject"
"""Of the one person an event of an evaluation names."""
MONTHS: Final = 12
DAYS: Final = 31
DEVELOPMENT_KEY: Final = b"tocsin evaluation: no secret key"
"""Tokens of evaluation files are made with this: the files hold their values in clear."""

SEALED_BY: Final = registry.model_of("police.offender-visit.made.v1")
"""Any type with people: what is sealed in a mention is the same in all."""

Number = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
"""Of a kind that some write as a figure."""


MOST_LETTERS: Final = 1_000
"""Characters of one field: ten times what the gateway takes. Comparing names takes time by the square of their length: two of 200,000
letters would hold a run for a minute, and no name is so long."""
Text = Annotated[str, Field(max_length=MOST_LETTERS)]


class FileRefused(ValueError):
    """Not such a file. Says where, which field, and what to do."""

    def __init__(self, path: Path, where: str, problem: str, fix: str) -> None:
        super().__init__(f"{path}{f', {where}' if where else ''}: {problem}. {fix}")


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Alias(_Open):
    """Another name."""

    given_name: Text | None = None
    middle_name: Text | None = None
    family_name: Text | None = None


class Address(_Open):
    """As on an envelope."""

    line1: Text | None = None
    postcode: Text | None = None


class Record(_Open):
    """One agency's view of a person, in clear."""

    given_name: Text | None = None
    middle_name: Text | None = None
    family_name: Text | None = None
    aliases: tuple[Text | Alias, ...] | None = ()
    date_of_birth: Annotated[Number, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")] | None = None
    sex: str | None = None
    addresses: tuple[Address, ...] | None = ()
    phones: tuple[Number | None, ...] | None = ()
    identifiers: dict[str, Number | None] | None = None
    agency: str | None = None
    own_id: Number | None = None
    """The agency's own number for the person."""
    protected: bool | None = None
    """A sealed identity; goes with own_id."""
    sealed: bool | None = None
    """The same in the word of identity.md: one who wrote it must not find the seal unread."""

    @property
    def source(self) -> str:
        """The agency, as a slug of the directory."""
        return re.sub(r"[^a-z0-9]+", "-", (self.agency or NOBODY).lower()).strip("-") or NOBODY

    def source_for(self, name: str) -> str:
        """The agency; one of its own for the record of this name if none is recorded.

        Equal mentions by one agency are one record: two of which nobody knows who sent them are not.
        """
        return self.source if self.agency else f"{NOBODY}-{zlib.crc32(name.encode()):08x}"


class Labelled(Record):
    """A record of which it is known who it is."""

    rid: Number
    person: Number
    ops: Any = ()
    """How it was spoilt. Nothing is decided by it, so that it may be written in any way."""
    quirk: Any = None
    """What makes its person hard: a twin, a father of the same name. Nothing is decided by it either."""


def read_population(path: Path) -> Iterator[Labelled]:
    """Read the records of a population file, line by line.

    Raises:
        FileRefused: not readable, a line that is no record, or a rid that comes twice.
    """
    seen: set[str] = set()
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            record = Labelled.model_validate_json(line)
        except ValidationError as error:
            raise FileRefused(path, f"line {number}", *first_problem(error)) from None
        if record.rid in seen:
            raise FileRefused(path, f"line {number}", "rid comes a second time", "Give each record a rid of its own.")
        seen.add(record.rid)
        yield record
    if not seen:
        raise FileRefused(path, "", "no records", "Write one JSON object a line, as FORMATS describes.")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with open_maybe_packed(path) as file:
            for number, line in enumerate(file, 1):
                yield number, line.removeprefix(BOM_UTF8) if number == 1 else line
    except OSError as error:
        reason = error.strerror or "cannot be unpacked"
        raise FileRefused(path, "", reason, "Give a .jsonl file, or one packed by gzip.") from error
    except (EOFError, zlib.error) as error:
        raise FileRefused(path, "", "ends too early", "Copy the packed file again.") from error


def open_maybe_packed(path: Path) -> io.BufferedIOBase:
    """Open a file, unpacking one whose name ends in .gz."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def first_problem(error: ValidationError) -> tuple[str, str]:
    """What is wrong in which field, and what to do about it."""
    first = error.errors(include_input=False, include_url=False)[0]
    kind, where = first["type"], ".".join(map(str, first["loc"])) or "it"
    if kind == "json_invalid":
        return "not JSON in UTF-8", "Write one JSON object a line."
    if kind == "missing":
        return f"{where} is missing", "Add it."
    if kind == "value_error":
        problem = first["msg"].removeprefix("Value error, ")
        return f"{where}: {problem}" if first["loc"] else problem, "Put the file right."
    return f"{where}: {first['msg'].lower()}", _FIXES.get(kind, "Put it right, or write null for what is not recorded.")


_FIXES: Final = {
    "string_too_long": "Shorten it: nobody's name or address is so long.",
    "string_pattern_mismatch": "Write a date as YYYY-MM-DD, YYYY-MM or YYYY, or null.",
    "model_type": "Write a JSON object.",
}


def mention_of(record: Record) -> dict[str, Any]:
    """A record as its agency would send it: an entry of `people`, in clear."""
    born = _born(record.date_of_birth)
    said = {
        "ref": REF,
        "role": ROLE,
        "names": list(_names(record)),
        "born": born,
        "sex": SEXES.get((record.sex or "").strip().lower()),
        "identifiers": [
            {"system": SYSTEMS.get(system, system), "value": value.strip()}
            for system, value in (record.identifiers or {}).items()
            if value and value.strip()
        ],
        "addresses": [written for address in record.addresses or () if (written := _address(address))],
        "phones": [phone.strip() for phone in record.phones or () if phone and phone.strip()],
        "own_id": record.own_id,
        "protected": record.protected or record.sealed,
    }
    return {name: value for name, value in said.items() if value}


def _names(record: Record) -> Iterator[dict[str, str]]:
    if current := _name(record, "current"):
        yield current
    for alias in record.aliases or ():
        if written := _name(split(alias) if isinstance(alias, str) else alias, "alias"):
            yield written


def _name(name: Record | Alias, kind: str) -> dict[str, str] | None:
    parts = {"given": name.given_name, "middle": name.middle_name, "family": name.family_name}
    known = {part: value.strip() for part, value in parts.items() if value and value.strip()}
    return {**known, "kind": kind} if known else None


def split(written: str) -> Alias:
    """Read `Given Middle Family`, or `FAMILY, Given Middle`. One word is a given name: what somebody is called."""
    family, comma, rest = written.partition(",")
    given = (rest if comma else written).split()
    if not comma:
        family = given.pop() if len(given) > 1 else ""
    return Alias(given_name=" ".join(given[:1]), middle_name=" ".join(given[1:]), family_name=family)


def _born(written: str | None) -> str | None:
    """As far as it can be a date: what is behind an impossible month or day is not known."""
    parts = (written or "").split("-")
    if not parts[0]:
        return None
    limits = (MONTHS, _days(parts))
    for number, (part, most) in enumerate(zip(parts[1:], limits, strict=False), 1):
        if not 1 <= int(part) <= most:
            # Of the 29th of a February that has none, either the day or the month is wrong.
            return parts[0] if most < int(part) <= DAYS else "-".join(parts[:number])
    return "-".join(parts)


def _days(parts: list[str]) -> int:
    """Of the month, as far as it is known."""
    month = int(parts[1]) if len(parts) > 1 else 0
    if month == 2:  # noqa: PLR2004 - February, whose length the year decides
        year = int(parts[0])
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def _address(address: Address) -> dict[str, Any] | None:
    further = (address.model_extra or {}).get("line2")
    lines = [line.strip() for line in (address.line1, further) if isinstance(line, str) and line.strip()]
    postcode = (address.postcode or "").strip()
    written = {"lines": lines, "postcode": postcode}
    return {name: value for name, value in written.items() if value} or None


def body_of(record: Record, tokens: Tokens) -> dict[str, Any]:
    """The mention as it is stored: sealed values are tokens. What the gateway would refuse is let through as it is."""
    sealed, _ = seal(SEALED_BY, {"people": [mention_of(record)]}, tokens.tokenise)
    body: dict[str, Any] = sealed["people"][0]
    return body


def unread(record: Record) -> Mapping[str, Any]:
    """Fields that nobody reads."""
    return record.model_extra or {}
