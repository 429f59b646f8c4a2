"""How two names agree. Every function is symmetric."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from services.identity.alike import ONE_SLIP_LETTERS, SHORT_FORM_LETTERS, near, sound
from services.identity.names import Likeness, listed, same_family, same_given
from services.identity.scoring.model import MODEL, Seen, milli_log2
from services.identity.scoring.slips import SHORTEST, Spellings
from services.identity.standard.name_words import SIKH_NAMES
from services.identity.standardise import FullName

REMEMBERED: Final = 32_768
"""Pairs of names: some 20 MB."""
FAR_NAME: Final = 0.85
"""Jaro-Winkler similarity from which a name may be the other with two slips, or half heard."""
TWO_SLIPS_LETTERS: Final = 6
"""In names of at least this many letters two slips of the pen still leave the name in sight."""
MISSPELT_LETTERS: Final = 5
"""In names of at least this many letters a short form or another spelling can still be made out when it is misspelt."""
MISSPELT_SHARE: Final = 0.1
"""Of the records of a name, at most so many have it misspelt: strangers of that name, seen as near."""
LOOKALIKES: Final = {4: -9_000, 5: -10_700, 6: -12_300, 7: -13_600}
"""log2 of the share of people with some other name one slip away from a given one, by the letters of the shorter, in
thousandths of a bit: long names have fewer neighbours. Worked out from the frequency tables."""
FEW_LOOKALIKES: Final = -14_600
"""As above, of longer names."""
INNER_FORM_LETTERS: Final = 4
"""A part of at least this many letters from within a long name may be what somebody is called."""
_FEWEST_LETTERS: Final = min(LOOKALIKES)
_MISSPELT: Final = milli_log2(MISSPELT_SHARE)

_KEYBOARD: Final = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_NEIGHBOURS: Final = {
    key: frozenset(
        other
        for y, line in enumerate(_KEYBOARD)
        for x, other in enumerate(line)
        # Each row of keys stands half a key further to the right than the one above it.
        if abs(y - row) <= 1 and abs((x + y / 2) - (column + row / 2)) <= 1 and other != key
    )
    for row, keys in enumerate(_KEYBOARD)
    for column, key in enumerate(keys)
}

_GIVEN_LEVELS: Final = {"exact": "variant", "transliteration": "variant", "nickname": "nick", "cousin": "cousin"}
_GENERATIONS: Final = frozenset({"JUNIOR", "SENIOR"})
"""Whoever writes them wants to tell two people of one name apart."""
_ONE_NAME: Final = frozenset({"exact", "transliteration"})
SHARED: Final = frozenset(
    {"ABDUL", "SYED", "MST", "VAN", "THI", "BIN", "BINTI", "BEGUM", "KAUR", "SINGH", "BIBI", "KHATUN"}
)
"""Words that stand in the box of a given or a middle name, and whole families bear: they tell nobody from a brother."""
_SHARED_CHANCE: Final = -1_500
"""log2 of the share of people with such a word, among those who bear one of their origin."""
_ANOTHER: Final = frozenset({"other", "far"})
_FAMILY_LEVELS: Final = {"exact": "variant", "transliteration": "variant", "gendered": "gender"}

ESTABLISHED: Final = -11_500
"""log2 of the share of people from which a given name in the frequency table is surely one: slips of the commonest names stand there too."""
GIVEN: Final = Spellings({name for name, chance in MODEL.given.items() if chance >= ESTABLISHED} | listed())
FAMILY: Final = Spellings(MODEL.family.keys() | listed())
"""Names that are no slips of the pen."""


@lru_cache(REMEMBERED)
def fit(one: FullName, other: FullName) -> tuple[Seen, ...]:
    """How one full name agrees with another: given, middle and family name as far as both have them."""
    if crossed := crossed_fit(one, other):
        return (crossed,)
    if (word := _in_the_other_box(one, other)) or (word := _in_the_other_box(other, one)):
        return (Seen("given", "exact", max(given_chance(word), family_chance(word))),)
    one, other = as_called(one, other)
    found = []
    given = ""
    if one.given and other.given:
        seen = _given_or_middle(one, other)
        given = seen.level
        found.append(seen)
    if one.family and other.family:
        found.append(left_out_fit(one, other) or family_fit(one.family, other.family))
    if one.middle and other.middle and given != "middle":
        found.append(middle_fit(one.middle, other.middle))
    return tuple(found)


def crossed_fit(one: FullName, other: FullName) -> Seen | None:
    """How two names agree whose words stand in each other's boxes; None if they do not."""
    if one.given == other.given or one.family == other.family:
        return None
    if not (_swapped(one, other) or _reordered(one, other)):
        return None
    return Seen("given", "swapped", max(_both_chances(one), _both_chances(other)))


def _swapped(one: FullName, other: FullName) -> bool:
    """Whether given and family name stand in each other's boxes, perhaps misspelt."""
    if not (one.given and one.family and other.given and other.family):
        return False
    if min(len(one.given), len(other.given)) == 1:
        return False
    return _alike(one.given, other.family) and _alike(one.family, other.given)


def _alike(one: str, other: str) -> bool:
    return near(one, other) or bool(same_given(one, other) or same_family(one, other))


def _reordered(one: FullName, other: FullName) -> bool:
    """Whether the same words, three or more, stand in other boxes."""
    ours, theirs = (sorted(" ".join(name[:3]).split()) for name in (one, other))
    return len(ours) > 2 and ours == theirs  # noqa: PLR2004 - two words are a swap


def _in_the_other_box(one: FullName, other: FullName) -> str:
    """The one word that is all of a name and stands as given name here, as family name there; "" if it does not."""
    if len(one.given) > 1 and not one.family and not other.given and one.given == other.family:
        return one.given
    return ""


def _in_one_box(name: FullName, against: FullName) -> FullName:
    """A name whose given and middle name stand in one box of the other (Anne, Marie; Annmarie), as it would stand there."""
    first, _, rest = name.middle.partition(" ")
    if name.given == against.given or min(len(name.given), len(first), len(against.given)) <= 1:
        return name
    both = f"{name.given} {first}"
    return name._replace(given=both, middle=rest) if same_given(both, against.given) in _ONE_NAME else name


def left_out_fit(one: FullName, other: FullName) -> Seen | None:
    """A family name that stands in front of another in the other name: Singh or Kaur, or the father's name where the other
    goes on with the grandfather's. None if neither does.
    """
    word = _for_a_family_name(one, other) or _for_a_family_name(other, one)
    return Seen("family", "part", family_chance(word)) if word else None


def _for_a_family_name(name: FullName, against: FullName) -> str:
    if not name.family or name.family == against.family or name.family not in against.middle.split():
        return ""
    if name.family in SIKH_NAMES:
        return name.family
    chain = _is_one_word(name.given, against.given) and not same_family(name.family, against.family)
    return name.family if chain else ""


def _both_chances(name: FullName) -> int:
    return MODEL.given.get(name.given, MODEL.unknown_given) + family_chance(name.family)


def _given_or_middle(one: FullName, other: FullName) -> Seen:
    seen = given_fit(one.given, other.given)
    if seen.level in _ANOTHER and seen.comparison == "given":
        called = [
            name.given
            for name, against in ((one, other), (other, one))
            if len(name.given) > 1 and any(_is_called(name.given, word) for word in against.middle.split())
        ]
        if called:
            return Seen("given", "middle", max(map(given_chance, called)))
        if any(name.given in name.middle.split() for name in (one, other)):
            return Seen("given", "doubled")
    return seen


def _is_called(given: str, middle: str) -> bool:
    """Whether a given name is this middle name, as somebody else spells or shortens it: Fatima Zahra is called Zohra."""
    return given == middle or same_given(given, middle) in {"exact", "transliteration", "nickname"}


def given_fit(one: str, other: str) -> Seen:
    """How two given names agree."""
    return _given(one, other, "given")


def middle_fit(one: str, other: str) -> Seen:
    """How two middle names agree."""
    return _given(one, other, "middle")


def as_called(one: FullName, other: FullName) -> tuple[FullName, FullName]:
    """Two names as they are compared: boxes filled alike, and without a word that brothers share."""
    one, other = _in_one_box(one, other), _in_one_box(other, one)
    if _only_share(one, other):
        return one._replace(given=one.middle, middle=""), other._replace(given=other.middle, middle="")
    return one, other


def _only_share(one: FullName, other: FullName) -> bool:
    """Whether the given name is a word that brothers share, and what they are called by is not: Muhammad Ali, Muhammad Umar."""
    if min(len(one.middle), len(other.middle)) <= 1 or not _is_one_word(one.given, other.given):
        return False
    return _is_shared(one.given) and given_level(*sorted((one.middle, other.middle)))[0] == "other"


def _is_one_word(one: str, other: str) -> bool:
    """Whether two given names are one, or two spellings of one."""
    return one == other or same_given(one, other) == "transliteration"


def _given(one: str, other: str, part: str) -> Seen:
    """Of two given names, or of two middle names, which agree or do not: how they are misspelt is the same."""
    if len(one) == 1 or len(other) == 1:
        return _initial(one, other, f"{part}_initial")
    level, chance = given_level(*sorted((one, other)))
    return Seen(part, level if part == "given" or level == "other" else "exact", chance)


def family_fit(one: str, other: str) -> Seen:
    """How two family names agree."""
    if len(one) == 1 or len(other) == 1:
        return _initial(one, other, "family_initial")
    return Seen("family", *family_level(*sorted((one, other))))


def _initial(one: str, other: str, comparison: str) -> Seen:
    same = one[0] == other[0]
    return Seen(comparison, "same" if same else "other", MODEL.initials[one[0]] if same else 0)


@lru_cache(REMEMBERED)
def given_level(one: str, other: str) -> tuple[str, int]:
    """How two given names agree, and how likely strangers' would. The names sorted."""
    if one.replace(" ", "") == other.replace(" ", ""):  # Ann-Marie, Annmarie
        return "exact", max(given_chance(one), given_chance(other))
    either = _either(given_chance(one), given_chance(other))
    likeness = same_given(one, other)
    if likeness:
        return _GIVEN_LEVELS[likeness], either
    if shared := set(one.split()) & set(other.split()):
        return "nick" if _is_half(shared, one, other) else "part", max(map(given_chance, shared))
    if one in _GENERATIONS and other in _GENERATIONS:
        return "other", 0
    level, chance = _spelling(one, other, either)
    if level == "near":
        both_known = one in GIVEN and other in GIVEN
        return ("letter" if both_known or not is_slip(one, other) else "slip"), chance
    return _misspelt(GIVEN, one, other, given_chance, same_given) or (level, chance)


@lru_cache(REMEMBERED)
def family_level(one: str, other: str) -> tuple[str, int]:
    """How two family names agree, and how likely strangers' would. The names sorted."""
    if one == other:
        return "exact", family_chance(one)
    either = _either(family_chance(one), family_chance(other))
    if likeness := same_family(one, other):
        return _FAMILY_LEVELS[likeness], either
    ours, theirs = one.split(), other.split()
    several = len(ours) > 1 or len(theirs) > 1
    if several and (shared := [word for word in ours if any(near(word, their) for their in theirs)]):
        # Lowe and Lowe-Stainton may be one; Ibrahim Hussein and Ibrahim Ahmed have two grandfathers.
        whole = len(shared) == len(ours) or all(any(near(word, our) for our in ours) for word in theirs)
        return ("part", max(map(family_chance, shared))) if whole else ("far", 0)
    level, chance = _spelling(one, other, either)
    if level == "near":
        return level, chance
    return _misspelt(FAMILY, one, other, family_chance, same_family) or (level, chance)


def _misspelt(
    known: Spellings,
    one: str,
    other: str,
    chance: Callable[[str], int],
    same: Callable[[str, str], Likeness],
) -> tuple[str, int] | None:
    """Whether one of two names, at least, is in no table, and may be a form of the other misspelt: Robyb and Robert."""
    shorter, familiar = min(len(one), len(other)), (one in known) + (other in known)
    if familiar == 2 or shorter < SHORTEST or (not familiar and shorter < MISSPELT_LETTERS):  # noqa: PLR2004 - both
        return None
    pairs = [
        (x, y)
        for x in known.meant(one)
        for y in known.meant(other)
        # Of short names a slip leaves so little that only the name itself will do: Jhn is John, and not Johnny.
        if x == y or (same(x, y) and shorter >= MISSPELT_LETTERS)
    ]
    if not pairs:
        return None
    return "misspelt", max(_either(chance(x), chance(y)) for x, y in pairs) + _MISSPELT


def _is_half(shared: set[str], one: str, other: str) -> bool:
    """Whether one name is half of the other, which somebody goes by: Anne for Anne-Marie; not Mohammed, whom his brothers are called too."""
    return shared in (set(one.split()), set(other.split())) and not any(map(_is_shared, shared))


def _is_shared(word: str) -> bool:
    return word in SHARED or _is_one_word(word, "MUHAMMAD")


def _spelling(one: str, other: str, either: int) -> tuple[str, int]:
    shorter = min(len(one), len(other))
    slips = OSA.distance(one, other, score_cutoff=2)
    lookalikes = LOOKALIKES.get(max(shorter, _FEWEST_LETTERS), FEW_LOOKALIKES)
    misspelt = _either(either + _MISSPELT, lookalikes)
    if (slips <= 1 and shorter >= ONE_SLIP_LETTERS) or is_of_same_letters(one, other) or is_misread(one, other):
        return "near", misspelt
    if shorter >= SHORT_FORM_LETTERS and (one.startswith(other) or other.startswith(one)):
        return "short", misspelt
    if shorter >= INNER_FORM_LETTERS and (one in other or other in one):  # Tobi of Oluwatobiloba
        return "short", misspelt
    likeness = JaroWinkler.similarity(one, other, score_cutoff=FAR_NAME)
    if likeness > 0 or (slips == 2 and shorter >= TWO_SLIPS_LETTERS) or sound(one) == sound(other):  # noqa: PLR2004 - two slips
        return "far", 0
    return "other", 0


def is_of_same_letters(one: str, other: str) -> bool:
    """Whether two names differ in the place of two letters or in one written twice: a slip in names of three letters too."""
    if min(len(one), len(other)) < SHORTEST or OSA.distance(one, other, score_cutoff=1) > 1:
        return False
    return set(one) == set(other) if len(one) != len(other) else sorted(one) == sorted(other)


def is_misread(one: str, other: str) -> bool:
    """Whether two names differ only in strokes that a scanner takes for one another: Harnish is Hamish."""
    if "RN" not in one and "RN" not in other and "VV" not in one and "VV" not in other:
        return False
    return one.replace("RN", "M").replace("VV", "W") == other.replace("RN", "M").replace("VV", "W")


@lru_cache(REMEMBERED)
def is_slip(one: str, other: str) -> bool:
    """Whether the one letter in which two names differ is a slip of the hand: left out, doubled, moved on, or its neighbour
    on the keyboard. Where it is not, as in Jayden and Jaydon, it may as well be another name, as of brothers. The hand seldom
    slips on the first letter, and names of children of one family often rhyme: Kayden and Jayden, Ella and Bella.
    """
    if one[1:] == other[1:] or one[1:] == other or other[1:] == one:
        return False
    if len(one) != len(other):
        return True
    apart = [index for index in range(len(one)) if one[index] != other[index]]
    if len(apart) > 1:
        return True
    place = apart[0]
    return other[place] in _NEIGHBOURS.get(one[place], ())  # a space has no neighbours: ANN MARIE, ANNEMARIE


def given_chance(name: str) -> int:
    """log2 of the share of people with this given name."""
    if name in SHARED:
        return _SHARED_CHANCE
    return MODEL.given.get(name, MODEL.unknown_given)


def family_chance(name: str) -> int:
    """log2 of the share of people with this family name."""
    return MODEL.family.get(name, MODEL.unknown_family)


def _either(one: int, other: int) -> int:
    return milli_log2(2 ** (one / 1_000) + 2 ** (other / 1_000))
