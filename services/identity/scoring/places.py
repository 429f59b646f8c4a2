"""How the homes and the telephones of two records agree: each as one comparison. Symmetric.

A shared surname, street and postcode are not three proofs: who shares a dwelling shares all of them.
"""

from typing import Final

from services.identity.scoring.model import Seen
from services.identity.standardise import Home, Phone

_NEAREST_FIRST: Final = ("dwelling", "many", "door", "postcode", "street", "outcode", "other")
_RANK: Final = {level: rank for rank, level in enumerate(_NEAREST_FIRST)}


def home(ours: tuple[Home, ...], theirs: tuple[Home, ...]) -> Seen | None:
    """The nearest two homes; None where nothing of them can be compared."""
    if not ours or not theirs:
        return None
    levels = [level for x in ours for y in theirs if (level := _meeting(x, y))]
    return Seen("home", min(levels, key=_RANK.__getitem__)) if levels else None


def _meeting(x: Home, y: Home) -> str:
    if x.dwelling and x.dwelling == y.dwelling:
        return "many" if x.many or y.many else "dwelling"
    if x.door and x.door == y.door:
        return "many" if x.many or y.many else "door"
    if x.postcode and x.postcode == y.postcode:
        return "many" if x.many and y.many else "postcode"
    if x.street and x.street == y.street:
        return "street"
    if x.outcode and x.outcode == y.outcode:
        return "outcode"
    # One of them without a postcode: its token can never equal the other's, and so says nothing.
    known = (bool(x.outcode or x.postcode), bool(y.outcode or y.postcode))
    return "other" if known[0] == known[1] and x.dwelling and y.dwelling else ""


def phone(ours: tuple[Phone, ...], theirs: tuple[Phone, ...]) -> Seen | None:
    """Whether they can be called under one number; None where one has none."""
    if not ours or not theirs:
        return None
    if shared := {number.token for number in ours} & {number.token for number in theirs}:
        lines = {number.line for number in (*ours, *theirs) if number.token in shared}
        return Seen("phone", "fixed" if lines == {"fixed"} else "mobile")
    return Seen("phone", "other")
