"""Addresses of the United Kingdom: the dwelling, the street however it is spelt, the outcode, and where many live.

Works on the lines in clear, before they are sealed: what it makes is sealed as tokens (services.tokens).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from anyascii import anyascii
from rapidfuzz.distance import OSA

from services.identity.standard.encoding import repaired
from services.identity.standard.placeholders import names_nobody

STREET_WORDS: Final = {
    "ROAD": ("RD",), "STREET": ("ST", "STR"), "LANE": ("LN", "LA"), "AVENUE": ("AV", "AVE"), "CLOSE": ("CL", "CLS"), "DRIVE": ("DR", "DRV"),
    "GROVE": ("GR", "GRV", "GVE"), "TERRACE": ("TER", "TERR", "TCE"), "CRESCENT": ("CRES", "CR", "CRESC"), "COURT": ("CT", "CRT"),
    "PLACE": ("PL",), "SQUARE": ("SQ",), "GARDENS": ("GDNS", "GDN", "GARDEN"), "PARK": ("PK",), "WAY": ("WY",), "WALK": ("WLK",), "RISE": (),
    "HILL": (), "GREEN": ("GRN",), "MEWS": ("MWS",), "ROW": (), "VIEW": ("VW",), "PARADE": ("PDE",), "CIRCUS": (), "YARD": (), "GATE": (),
    "BANK": (), "END": (), "CROFT": (), "FIELD": (), "MEADOW": ("MDW",), "QUAY": (), "WHARF": (), "WYND": (), "BRAE": (), "LOAN": (),
}  # fmt: skip
"""What kind of street, and how it is shortened. Source: the abbreviations of BS 7666 and of the Royal Mail's Programmers' Guide."""
_STREET_WORD: Final = {short: word for word, shorts in STREET_WORDS.items() for short in (word, *shorts)}
_LONG_STREET_WORDS: Final = ("ROAD", *(word for word in STREET_WORDS if len(word) > len("ROAD")))
"""In which a slip is recognised as one: shorter ones are too near to names (Hill, Mill)."""

FLAT_WORDS: Final = frozenset(
    ("FLAT", "FLT", "APARTMENT", "APT", "UNIT", "ROOM", "RM", "STUDIO", "BEDSIT", "CABIN", "PLOT")
)

MANY: Final = re.compile(
    r"(?<!OLD )\b(?:HMP|HMYOI|YOI|HM PRISON|PRISON|SECURE TRAINING CENTRE|SECURE CHILDRENS HOME|IMMIGRATION REMOVAL CENTRE|IRC|DETENTION CENTRE"
    r"|APPROVED PREMISES|BAIL HOSTEL|PROBATION HOSTEL|HOSTEL|NIGHT SHELTER|SHELTER|REFUGE|FOYER|YMCA|YWCA|SALVATION ARMY"
    r"|HOSPITAL|INFIRMARY|HOSPICE|CLINIC|WARD(?= (?:\d|[A-Z]\b))|MENTAL HEALTH UNIT|MOTHER AND BABY UNIT"
    r"|(?:CARE|NURSING|RESIDENTIAL|CHILDRENS|RETIREMENT|REST) HOME|SUPPORTED (?:HOUSING|LIVING|ACCOMMODATION)|SHELTERED HOUSING"
    r"|TEMPORARY ACCOMMODATION|BED AND BREAKFAST|B AND B|GUEST HOUSE|HOTEL|BARRACKS|HALLS? OF RESIDENCE|STUDENT (?:HALL|VILLAGE)S?"
    r"|HALLS|PREMIER INN|TRAVELODGE|HMO|HOUSE (?:OF|IN) MULTIPLE OCCUPATION|TEMP ACCOMMODATION|AP$"
    r"|EXTRA CARE|SHELTERED (?:SCHEME|ACCOMMODATION|FLATS)|RETIREMENT (?:VILLAGE|LIVING|FLATS)|ALMSHOUSES?|SUPPORTED LODGINGS|WOMENS AID"
    r"|(?:TRAVELLERS?|CARAVAN|GYPSY|TRANSIT) (?:SITE|PARK)|CARAVAN (?=.*SITE)|SITE$|P ?O BOX(?= ?\d)"
    r"|CARE OF|C O|CIVIC CENTRE|COUNCIL OFFICES?|SOCIAL SERVICES|POLICE STATION|PROBATION OFFICE|JOB ?CENTRE|SURGERY|MEDICAL CENTRE)\b"
)
"""Where many live, or where letters for many go: sharing it is next to no ground to be one person."""

NO_FIXED_ABODE: Final = re.compile(
    r"\b(?:NO FIXED (?:ABODE|ADDRESS|ADD)|OF NO FIXED|NFA|N F A|HOMELESS|ROUGH SLEEP\w*|SLEEPING ROUGH|SOFA SURF\w*|STREET HOMELESS"
    r"|ADDRESS (?:NOT KNOWN|UNKNOWN|WITHHELD|CONFIDENTIAL|REFUSED|PROTECTED)|UNKNOWN ADDRESS|(?:NO|WITHHELD|PROTECTED) ADDRESS"
    r"|(?:LIVING|SLEEPING|SLEEPS) IN (?:A |AN |HIS |HER |THEIR )?(?:CAR|VAN|TENT)|SAME AS|SAME ADDRESS|ABROAD|OVERSEAS)\b"
)
PSEUDO_OUTCODES: Final = frozenset({"ZZ99"})
"""Of no place: no fixed abode, not known, abroad. Source: NHS Organisation Data Service, pseudo postcodes."""

_PRISON: Final = re.compile(r"\bH ?M ?P(?:RISON| PRISON)?(?: ?(?:AND )?Y ?O ?I)?\b|\bHM PRISON\b")
"""However it is written; a postcode holds one."""
_LETTERED: Final = re.compile(r"\b(\d+) ([A-H])\b(?= [A-Z]{2})")
"""12 A High Street."""
_FLAT_JOINED: Final = re.compile(r"\b(?:F|FL|FLT|FLAT)(\d+[A-Z]?)\b")
"""Flat2, F2."""
_NUMBER_WORD: Final = re.compile(r"\b(?:NO|NUMBER)\b(?= \d)")

_INSIDE: Final = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$")
_POSTCODE: Final = re.compile(r"([A-Z\d]{2,4})([\dOIL])([A-Z]{2})")
_OUTCODE: Final = re.compile(r"[A-Z]{1,2}\d[A-HJKMNPR-Y\d]?")
_INCODE: Final = 3
_FIGURE_FOR: Final = str.maketrans("OIL", "011")
_LETTER_FOR: Final = str.maketrans("015", "OIS")
_SHAPES: Final = ("A9", "A99", "AA9", "AA99", "A9A", "AA9A")
"""Of the first half of a postcode: letters and figures. Source: Royal Mail, Programmers' Guide."""
_PADDED: Final = re.compile(r"^([A-Z]{1,2})0(\d)$")
_AREA: Final = re.compile(
    r"(?:A[BL]|B[ABDFHLNRSTX]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?"
    r"|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)(?=\d)"
)
"""With which a postcode begins. Source: Office for National Statistics, Postcode Directory."""
_WORDS: Final = re.compile(r"[A-Z0-9]+")
_APOSTROPHES: Final = re.compile(r"['`’‘]")
_SILENT: Final = frozenset("AEIOUYHW ")
REMEMBERED: Final = 50_000


class Address(NamedTuple):
    """One address in clear, in its normal form; what is not known is empty."""

    dwelling: str
    """House and flat numbers with the postcode, or the first line, or all lines."""
    street: str
    """The street's letters, so that most slips of the pen leave them alone, with the outcode. Empty without an outcode."""
    outcode: str
    many: bool
    door: str
    """House and flat numbers with the street's letters. Empty unless both are known."""


class _Street(NamedTuple):
    name: str
    kind: str
    housed: bool = False
    """Behind a house number, and not behind a flat's or a house's name: Elm Court, 14 High Street."""


def postcode(text: str) -> str:
    """Capitals without spaces, letters O, I and L for figures put right. What is no postcode stays; "" if it is of no place."""
    code = _postcode(text)
    return "" if outcode(code) in PSEUDO_OUTCODES or names_nobody(code) else code


def _postcode(text: str) -> str:
    plain = "".join(_WORDS.findall(anyascii(text).upper()))
    read = _POSTCODE.fullmatch(plain)
    first = _first_half(read[1]) if read else ""
    return first + read[2].translate(_FIGURE_FOR) + read[3] if read and first else plain


def _first_half(written: str) -> str:
    """The first half of a postcode, "" if it is none.

    Without a nought in front of its figure (B01), and with letters typed for figures and figures for letters put right where one
    reading alone is likeliest to name an area.
    """
    forms = {written, *(_shaped(written, shape) for shape in _SHAPES if len(shape) == len(written))}
    likely = sorted(
        (sum(map(str.__ne__, written, form)), form) for form in forms if _AREA.match(form) and _OUTCODE.fullmatch(form)
    )
    if not likely or (len(likely) > 1 and likely[0][0] == likely[1][0]):
        return written if _OUTCODE.fullmatch(written) else ""
    return _PADDED.sub(r"\1\2", likely[0][1])


def _shaped(written: str, shape: str) -> str:
    return "".join(
        mark.translate(_LETTER_FOR if place == "A" else _FIGURE_FOR) for mark, place in zip(written, shape, strict=True)
    )


def outcode(code: str) -> str:
    """The first half of a postcode, "" if it has none. The second half may be misspelt."""
    first = code[:-_INCODE]
    return first if _OUTCODE.fullmatch(first) else ""


def address(value: Mapping[str, Any]) -> Address | None:
    """Read lines and a postcode, which may stand in the last line; None for no fixed abode and for words that are no address."""
    return _address(tuple(value.get("lines", ())), str(value.get("postcode") or ""))


@lru_cache(maxsize=REMEMBERED)
def _address(written: tuple[str, ...], written_postcode: str) -> Address | None:
    lines, code = [_line(line) for line in written], _postcode(written_postcode)
    if not code and lines and (found := _INSIDE.search(lines[-1])):
        code = _postcode(found[0])
        lines[-1] = lines[-1][: found.start()].strip()
    whole = " ".join(line for line in lines if line)
    if not whole or NO_FIXED_ABODE.search(whole) or names_nobody(whole) or outcode(code) in PSEUDO_OUTCODES:
        return None
    code = "" if names_nobody(code) else code
    out, street = outcode(code), _street(lines)
    numbers = " ".join(house_numbers(whole.split()))
    if _PRISON.search(whole):
        numbers = "HMP"
    dwelling = f"{code}|{numbers or _letters(lines[0])}" if code else whole
    door = f"{numbers}|{street}" if numbers and street else ""
    return Address(dwelling, f"{street}|{out}" if street and out else "", out, _is_for_many(whole), door)


def plain(line: str) -> str:
    """Capitals and figures, words parted by one space."""
    letters = anyascii(_APOSTROPHES.sub("", repaired(line)))
    return " ".join(_WORDS.findall(_APOSTROPHES.sub("", letters).upper().replace("&", " AND ")))


def _line(written: str) -> str:
    line = _NUMBER_WORD.sub("", _LETTERED.sub(r"\1\2", _FLAT_JOINED.sub(r"FLAT \1", plain(written))))
    return _PRISON.sub("HMP", line).strip()


def house_numbers(words: Sequence[str]) -> list[str]:
    """The flat and the house number; behind a flat's there may be a house's name. What follows the street's name is no house
    number, whatever figures it holds.

    Sorted: "Flat 6, 51 Mercer Road" and "51 Mercer Road, Flat 6" are one dwelling, and so are "Flat B, 14" and "14B".
    """
    flats = {words[index + 1] for index, word in enumerate(words[:-1]) if word in FLAT_WORDS}
    found = set(flats)
    started = False
    for word in words:
        if any(character.isdigit() for character in word):
            started = started or word not in flats
            found.add(word)
        elif started and word not in FLAT_WORDS and word not in found:
            break
    lettered = sorted(flat for flat in flats if len(flat) == 1 and flat.isalpha())
    if len(lettered) == 1 and len(found) == 2 and (house := min(found)).isdigit():  # noqa: PLR2004 - a letter, a number
        return [house + lettered[0]]
    return sorted(found)


def _street(lines: Sequence[str]) -> str:
    """The letters and the kind of the first street named, "" if there is none."""
    named = [found for line in lines if (found := _street_in(line.split())).name]
    best = max(named, key=lambda street: (bool(street.kind), street.housed), default=None)
    return f"{best.name}|{best.kind}" if best else ""


def _street_in(words: Sequence[str]) -> _Street:
    """What has a kind, behind the house number if there is one; or what comes first.

    Before the house number may stand the name of the house, a floor, "care of".
    """
    name: list[str] = []
    first: list[str] = []
    flat = housed = False
    found = None
    for word in words:
        numbered = any(character.isdigit() for character in word)
        if numbered or word in FLAT_WORDS:
            first, name = first or name, []
            housed = housed or (numbered and not flat)
        elif name and (kind := _kind(word)):
            found = found or _Street(_letters(" ".join(name)), kind, housed)
            if housed:
                return _Street(_letters(" ".join(name)), kind, housed)
            name = []
        elif not (flat and len(word) == 1):  # Flat B
            name.append(word)
        flat = word in FLAT_WORDS
    return found or _Street(_letters(" ".join(first or name)), "")


@lru_cache(maxsize=REMEMBERED)
def _kind(word: str) -> str:
    """What kind of street a word says it is, a slip of the pen allowed in longer ones; "" if none."""
    if word in _STREET_WORD:
        return _STREET_WORD[word]
    slips = (known for known in _LONG_STREET_WORDS if OSA.distance(word, known, score_cutoff=1) <= 1)
    return next(slips, "")


def _letters(text: str) -> str:
    """First letter, then consonants, each once, sorted: vowels, doubled and exchanged letters change nothing."""
    return text[:1] + "".join(sorted(set(text[1:]) - _SILENT))


def _is_for_many(whole: str) -> bool:
    """An institution, unless the word only names a street: 12 Hospital Road."""
    following = (whole[found.end() :].split() for found in MANY.finditer(whole))
    return any(not words or words[0] not in _STREET_WORD for words in following)
