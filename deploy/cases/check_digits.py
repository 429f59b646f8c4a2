"""Numbers of invented people: those with a check digit need one that fits, and whoever invents one cannot know it."""

import string
from collections.abc import Iterator
from typing import Final

from deploy.cases.lines import Path
from deploy.cases.model import Case
from schemas.identifiers import IdentifierRefused, canonical

LAST_TWO: Final = 100
"""Endings tried: the check digit alone, and the digit before it where no check digit fits (one NHS number in eleven)."""


def problems(case: Case) -> Iterator[tuple[Path, str]]:
    """Yield each number of the cast and of its forms that the gateway would refuse, with one that it would take."""
    for ref, somebody in case.cast.items():
        for system, value in somebody.identifiers.items():
            yield from _problem(system, value, ("cast", ref, "identifiers", system))
    for ref, forms in case.forms.items():
        for n, form in enumerate(forms):
            if isinstance(form.identifiers, dict):
                for system, value in form.identifiers.items():
                    yield from _problem(system, value, ("forms", ref, n, "identifiers", system))


def _problem(system: str, value: str, path: Path) -> Iterator[tuple[Path, str]]:
    try:
        canonical(system, value)
    except IdentifierRefused as refused:
        if refused.code != "check-digit":
            yield path, refused.fix
            return
        fitting = next(_fitting(system, value), None)
        yield path, f"the check digit does not fit; {f'`{fitting}` would' if fitting else 'invent another number'}"


def _fitting(system: str, value: str) -> Iterator[str]:
    """Numbers like this one whose check digit fits: first at the end, for a UPN at the beginning."""
    endings = [*(value[:-1] + last for last in string.digits + string.ascii_uppercase)]
    endings += [f"{value[:-2]}{n:02}" for n in range(LAST_TWO)]
    endings += [first + value[1:] for first in string.ascii_uppercase]
    for candidate in endings:
        try:
            canonical(system, candidate)
        except IdentifierRefused:
            continue
        yield candidate
