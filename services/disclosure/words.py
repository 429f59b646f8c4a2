"""The English of views. Words of the field (domain C1): subject, contact, referral; an alert is for consideration."""

from collections.abc import Iterable
from typing import Final

from services.rules.text import spoken

CONSIDER: Final = "This is an alert for consideration. A named person decides what to do, and gives reasons."
NO_CONTACT: Final = "Do not contact the subject, a partner or the family about it."
NOT_THROUGH: Final = "Never through the subject, never through relatives: pass no message by them and ask them nothing."
KEEP_MESSAGE: Final = "A message is part of this: keep it, do not answer it."
REPORTED: Final = "What is said here is reported, not established."
NO_SOURCE: Final = "Who told us is withheld. Do not try to find out, and do not let it be guessed from what you do."
ONE_WORD: Final = "Not corroborated: treat it as information, not as fact."
POSSIBLE: Final = "A date is not exact: it possibly fits."
NOT_SAFE: Final = "Silence is not safety: agencies that are not on the bus may know more."
POINTER: Final = "You are shown a pointer only. Ring an agency named here before you act on it."
SEALED: Final = (
    "Somebody in this has a sealed identity. Do not try to find out who it is, was or is with: ask your agency's officer "
    "for sealed identities."
)
CUT: Final = "Several people were taken for one. What this is about is being worked out anew: a correction follows."
CORRECTED: Final = (
    "What you were told of this earlier took several people for one. Look again at everything you did because of it, and "
    "put right what you recorded."
)
IDENTITY: Final = "If you think a wrong person is meant, say so: dispute the identity, do not wait."
REVIEW: Final = "No agreement lets anybody told of this see what it rests on. Decide whether to share it, with reasons."


def phrase(event_type: str) -> str:
    """Say a type in words without its sector: `police.message.reported` -> `message reported`."""
    return event_type.partition(".")[2].replace(".", " ").replace("-", " ")


def title(rule_name: str) -> str:
    """Say a rule's name as a heading: `late-mappa-referral` -> `Late MAPPA referral`."""
    said = spoken(rule_name)
    return said[:1].upper() + said[1:]


def handling(
    *,
    codes: Iterable[str],
    message: bool,
    couple: bool,
    pointer: bool,
    corroborated: bool,
    possible: bool,
    review: bool,
    sealed: bool = False,
    corrected: bool = False,
    cut: bool = False,
) -> list[str]:
    """Return what to do and not to do, the most important first."""
    codes = set(codes)
    said = [
        (cut, CUT),
        (corrected, CORRECTED),
        (True, NO_CONTACT),
        (couple, NOT_THROUGH),
        (message, KEEP_MESSAGE),
        ("N8" in codes, REPORTED),
        (not corroborated and not pointer, ONE_WORD),
        (possible and not pointer, POSSIBLE),
        ("N2" in codes and not pointer, NO_SOURCE),
        (review, REVIEW),
        (sealed, SEALED),
        (pointer and not sealed, POINTER),
        (True, IDENTITY),
        (True, CONSIDER),
        (True, NOT_SAFE),
    ]
    return [line for applies, line in said if applies]
