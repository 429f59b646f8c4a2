"""Dates of birth as far as they are known, and whether day and month are what systems write for "not known"."""

from typing import Final, NamedTuple

from services.identity.standard.steps import Note, Step, unnoted

LAST_DEFAULT_YEAR: Final = 1901
"""A year of this or before, alone or with a first of January, is what systems write for "not known" (1900, 1901, 1753, 0001): nobody living
was born then. With another day it is a slip of the pen, and its digits still say something."""

NOT_KNOWN: Final = frozenset(
    [
        *((1970, 1, 1), (1899, 12, 30), (1899, 12, 31), (1111, 11, 11), (1911, 11, 11), (9999, 12, 31), (9999, 9, 9)),
        *((2099, 12, 31), (2099, 1, 1), (2999, 12, 31)),
    ]
)
"""Zero of a clock (Unix, spreadsheets), end of time, and keys held down."""

FIRST_OF_JANUARY: Final = (1, 1)
"""Written where only the year is known: on arrival papers without a birth certificate, and by forms that demand a day."""


class Born(NamedTuple):
    """Year, month, day as far as known; `doubt` is "default" where day and month prove little."""

    date: tuple[int, ...] = ()
    doubt: str = ""


def born(written: str | None, note: Note = unnoted) -> Born:
    """Read YYYY, YYYY-MM or YYYY-MM-DD. Digits of an impossible year stay: they are a slip, and near the truth."""
    date = tuple(int(part) for part in written.split("-")) if written else ()
    if not written or not date:
        return Born()
    if date in NOT_KNOWN or (date[0] <= LAST_DEFAULT_YEAR and date[1:] in {(), (1,), FIRST_OF_JANUARY}):
        note(Step("born", written, "", "what systems write where no date is known"))
        return Born()
    if date[1:] == FIRST_OF_JANUARY:
        note(
            Step(
                "born",
                written,
                written,
                "1 January is written where only the year is known: day and month prove little",
            )
        )
        return Born(date, "default")
    return Born(date)
