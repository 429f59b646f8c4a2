"""What was seen, in plain words that name fields and never values."""

from collections.abc import Iterable
from typing import Final

from services.identity.scoring.model import Seen

BEFORE: Final = "before anything is compared: few of all pairs of records are of one person"

EXPLAINS: Final = {
    "household": "somebody else of the same household would explain this",
    "twin": "a twin, or a sibling of almost the same name, would explain this",
    "namesake": "a relative of the same name would explain this",
    "shared": "somebody unrelated at the same address or telephone would explain this",
}

_SAYS: Final = {
    "given": {
        "exact": "same given name",
        "nick": "given name and a short name for it",
        "cousin": "given names that are short for one name",
        "variant": "given name in two spellings of one name",
        "slip": "given name differs by a slip of the hand",
        "letter": "given name differs in a letter",
        "short": "given name shortened",
        "misspelt": "given name in another form of it, misspelt",
        "far": "given names resemble each other",
        "part": "part of the given name is the same",
        "middle": "called by the middle name",
        "doubled": "another given name, where the middle name stands in its box",
        "swapped": "given and family name the other way round",
        "other": "another given name",
    },
    "given_initial": {"same": "given name fits an initial", "other": "given name does not fit an initial"},
    "middle": {"exact": "same middle name", "other": "another middle name"},
    "middle_initial": {"same": "middle name fits an initial", "other": "middle name does not fit an initial"},
    "family_initial": {"same": "family name fits an initial", "other": "family name does not fit an initial"},
    "family": {
        "exact": "same family name",
        "variant": "family name in two spellings of one name",
        "near": "family name differs in a letter",
        "short": "family name shortened",
        "misspelt": "family name in another spelling of it, misspelt",
        "far": "family names resemble each other",
        "gender": "family name with a man's and a woman's ending",
        "part": "part of the family name is the same",
        "other": "another family name",
        "other_woman": "another family name, which women take more often",
    },
    "full_name": {
        "often": "given and family name go together more often than each by itself",
        "once": "nobody else is known by this name, or hardly anybody",
    },
    "via": {"alias": "through another name of theirs", "former": "through a former name"},
    "born": {
        "exact": "same date of birth",
        "swapped": "day and month of birth the other way round",
        "digit": "date of birth differs in one figure",
        "part": "date of birth differs in one part, or in the order of its figures",
        "close": "another date of birth",
        "generation": "born a generation apart",
    },
    "born_month": {
        "same": "same month and year of birth",
        "year": "same year, another month of birth",
        "close": "another year of birth",
        "generation": "born a generation apart",
    },
    "born_year": {
        "same": "same year of birth",
        "next": "year of birth one off, as an age gives it",
        "default": "same year of birth, and both a day that systems write for want of one",
        "close": "another year of birth",
        "generation": "born a generation apart",
    },
    "sex": {"same": "same sex", "women": "both women", "differ": "another sex"},
    "sex_named": {
        "same": "same sex, as the name says",
        "women": "both women, as the name says",
        "differ": "another sex, against the name",
    },
    "home": {
        "dwelling": "same dwelling",
        "many": "same dwelling, where many live",
        "door": "same house number and street, with another postcode or none",
        "postcode": "same postcode, another number",
        "street": "same street",
        "outcode": "same part of town",
        "other": "another address",
    },
    "phone": {
        "mobile": "same mobile number",
        "fixed": "same fixed line",
        "other": "another telephone number",
    },
    "number": {
        "equal": "same identifier",
        "misread": "an identifier that may be the other misread",
        "differ": "another valid identifier",
        "another": "another identifier of a kind of which people may have two",
    },
    "numbers": {
        "two": "same identifiers of several kinds",
        "mixed": "one identifier the same, another not",
        "differ": "other valid identifiers of several kinds",
    },
    "alone": {
        "name": "nothing but the name to go by",
        "date": "nothing but the name and the date of birth to go by",
    },
    "own_number": {"equal": "same number of the agency's own"},
}


def says(seen: Seen) -> str:
    """One comparison in plain words."""
    return _SAYS[seen.comparison][seen.level]


def reasons(seen: Iterable[Seen]) -> tuple[str, ...]:
    """All comparisons in plain words."""
    return tuple(map(says, seen))
