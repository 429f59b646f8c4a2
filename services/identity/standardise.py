"""From a mention, as it stands in a stored body, to the record it makes: what is held, compared and found again.

`STANDARD_VERSION` says which way of doing so a stored record was made by. Nothing here depends on the order in which a mention
lists things, on capitals or on accents.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.identity.standard.dates import born
from services.identity.standard.identifiers import identifiers
from services.identity.standard.names import names
from services.identity.standard.newborn import birth_order, sex_said
from services.identity.standard.record import (
    FULL_DATE,
    STANDARD_VERSION,
    FullName,
    Home,
    Identifier,
    Phone,
    Standard,
    StandardVersionUnknown,
    content_hash,
)
from services.identity.standard.steps import Note, Step, unnoted

__all__ = [
    "FULL_DATE",
    "STANDARD_VERSION",
    "FullName",
    "Home",
    "Identifier",
    "Phone",
    "Standard",
    "StandardVersionUnknown",
    "Step",
    "content_hash",
    "standardise",
    "steps",
    "token_of",
]


def standardise(body: Mapping[str, Any], agency: str) -> Standard:
    """The comparable form of one entry of `people`, as it stands in a stored body (sealed values are tokens).

    Role, ref, area and children are left out: they belong to the fact, not to the person.
    """
    return _standardise(body, agency, unnoted)


def steps(body: Mapping[str, Any], agency: str) -> tuple[Step, ...]:
    """What standardising changes in a mention, one line for each change, for people who ask. Never runs in the hot path.

    Addresses and telephones are standardised before they are sealed: `services.tokens.normal` says to what.
    """
    found: list[Step] = []
    _standardise(body, agency, found.append)
    return tuple(found)


def _standardise(body: Mapping[str, Any], agency: str, note: Note) -> Standard:
    date, doubt = born(body.get("born"), note)
    held, misread = identifiers(body, agency, note)
    workplace = body.get("workplace") or {}
    written = body.get("names") or ()
    return Standard(
        agency=agency,
        names=names(written, note),
        born=date,
        born_doubt=doubt,
        sex=body.get("sex") or sex_said(written),
        identifiers=held,
        misread=misread,
        homes=_once(_home(address) for address in body.get("addresses") or ()),
        phones=_once(_phone(phone) for phone in body.get("phones") or ()),
        workplaces=_once(token_of(value) for value in (workplace.get("name"), workplace.get("dwelling")) if value),
        slot=body.get("slot") is not None,
        sender=bool(body.get("unnamed_sender")),
        protected=bool(body.get("protected")),
        birth_order=birth_order(written),
    )


def _once(found: Iterable[Any]) -> tuple[Any, ...]:
    """Sorted, each once, without what is empty."""
    return tuple(sorted({item for item in found if item}))


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
        dwelling.get("door", ""),
    )
    return home if any(home) else None


def _phone(phone: Mapping[str, str] | str) -> Phone:
    return Phone(phone) if isinstance(phone, str) else Phone(phone["token"], phone.get("line", "other"))
