"""What is too little for a machine to join two people by, however well it fits and however often it is said.

Some ways of agreeing leave an explanation that no record shows: a namesake of one birthday in another town, a twin nobody
has written about, a woman who has fled. Repeating what one record says makes none of them less likely, so this holds of
what whole groups say as well (services.identity.agglomerate).
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from rapidfuzz.distance import OSA

from services.identity.names import are_of_one_community
from services.identity.scoring.births import A_GENERATION
from services.identity.scoring.model import MILLI, PEOPLE, Model, Seen
from services.identity.scoring.names import SHARED
from services.identity.standardise import Standard

Pairs = AbstractSet[tuple[str, str]]
"""What was compared, and how it agreed."""

TOO_LITTLE: Final = "too little agrees that few others share"
A_TWIN: Final = "a twin may bear the other name"
A_SON: Final = "a son may bear his father's name, on his birthday"
OF_TWO: Final = frozenset({A_TWIN, A_SON})
"""What forbids only that two records be joined by themselves: where a third is there, it says which of the two was a slip."""

COUNTRY: Final = 26 * MILLI
"""log2 of the people of the United Kingdom (67 million): any of them may come to an area."""
SURE: Final = 6 * MILLI
"""By how much a name and a date must outweigh all those people: one pair in sixty may be wrong if names are as frequent as the
table says, and given and family name independent. Both are not quite so: Mohammed goes with Khan."""
TOGETHER: Final = 1 * MILLI
"""How much more in a whole country, where names of one origin go together: Jan with Kowalski."""
LIKE: Final = 7 * MILLI
"""How much more where the given name or the date only fits: short forms, initials and boxes the other way round fit several
people, and so does half a date."""
CENTURY: Final = 80
"""Years from which another year of the same day may be a great-grandmother of that name, and not a slip."""

_NUMBER: Final = frozenset({("number", "equal"), ("numbers", "two"), ("numbers", "mixed"), ("own_number", "equal")})
_MOBILE: Final = ("phone", "mobile")
_ONE_HOME: Final = frozenset({("home", "dwelling"), ("home", "door")})
_OF_ONE_HOME: Final = _ONE_HOME | {("phone", "fixed"), _MOBILE}
"""Without which half a name and a birthday are next to nothing: each ward has a boy Davies of that day."""
_NEAR: Final = frozenset({("home", "postcode"), ("home", "street")})
OF_A_FAMILY: Final = _OF_ONE_HOME | _NEAR
"""What twins share besides the family name and the day."""
_OF_FEW: Final = _NUMBER | OF_A_FAMILY | {("number", "misread")}
"""What few others share, whatever their names."""
_SAME_GIVEN: Final = frozenset({"exact", "variant", "slip"})
_SAME_NAME: Final = frozenset({"exact", "variant"})
_PERHAPS_ANOTHER: Final = frozenset({"misspelt", "letter", "far", "part"})
"""Ava and Eva: a sister's name, where no date says which of them."""
_SPELT_OTHERWISE: Final = _PERHAPS_ANOTHER | {"variant", "short", "cousin"}
_OTHER_FAMILY: Final = frozenset({"other", "other_woman"})
_ABOUT: Final = frozenset({"digit", "part"})
_APART: Final = frozenset({"close", "generation", "year"})
_NO_TWINS: Final = 7
"""Letters from which two spellings of one name are not two children's: Zaynab and Zainab may be, but on the training population none of
120 such pairs of Abdulrahman and Abdelrahman, Mohammed and Mohamed, was of twins."""
_OF_A_TWIN: Final = frozenset({"variant", "letter", "cousin", "nick", "short", "far", "part"})
"""Ways in which the names of twins are alike: Aisha and Aaisha, Ella and Ellie. A slip of the hand makes no name."""


def too_little(a: Standard, b: Standard, seen: Sequence[Seen], evidence: int, by: Model) -> bool:
    """Whether a person has to look, though the weight may be that of a link. Symmetric.

    `evidence` is what all that was seen weighs against a stranger, in thousandths of a bit.
    """
    level = {one.comparison: one.level for one in seen}
    pairs = {(one.comparison, one.level) for one in seen}
    numbered = bool(pairs & _NUMBER)
    if level.get("given") == "other" and level.get("numbers") != "two":
        # Twins and couples share all but the given name, and who fled shares it with nobody.
        # An agency's own number is its own word that they are one.
        official = numbered and "own_number" not in level
        # Yaw Chinedu and Kwabena Chinedu Okafor, of one day in two towns, are cousins or parted twins. Of one home and no known
        # day, Abdirahman and Abdullahi Warsame Nur are brothers.
        undated = not _born(level) or level.get("born_year") == "default"
        unlike = level.get("family") in _OTHER_FAMILY or not pairs & _OF_FEW
        return official or _MOBILE in pairs or unlike or (undated and not numbered)
    if "own_number" not in level and _may_be_a_couple(level, pairs):
        return True
    if numbered:
        return level.get("born") in _APART and "own_number" not in level
    if _may_be_related(a, b, level, pairs) or (not _born(level) and _may_be_a_neighbour(level, pairs)):
        return True
    if pairs & _OF_FEW or (level.get("home") == "many" and level.get("born") == "exact" and "given" in level):
        return False
    return _is_a_name_of_many(a, b, level, evidence, by)


def _born(level: Mapping[str, str]) -> str:
    """How the dates of birth agree, as far as both are known; empty where either is not."""
    return next((level[kind] for kind in ("born", "born_month", "born_year") if kind in level), "")


def _may_be_a_couple(level: Mapping[str, str], pairs: Pairs) -> bool:
    """Whether they are man and wife, twins, or one life whose earlier name the law protects: Simon and Simone, Gurpreet Kaur and Singh."""
    if ("sex", "differ") in pairs:
        return True
    if ("sex_named", "differ") not in pairs:
        return False
    # Chris and Chris of two birthdays.
    of_one_date = level.get("born") == "exact" or _MOBILE in pairs or bool(pairs & _NUMBER)
    return level.get("given") not in _SAME_NAME or level.get("family") in _OTHER_FAMILY or not of_one_date


def _may_be_related(a: Standard, b: Standard, level: Mapping[str, str], pairs: Pairs) -> bool:
    """Whether the other may be a brother, a cousin of the house, a great-grandmother, or the twin of a baby not yet named."""
    born = _born(level)
    if born in _APART or (born == "part" and _a_century_apart(a, b)):
        return True
    # "Twin 1" says that there are two: one named child of that home and day may be either.
    nobody = _half(level) and (
        not pairs & _OF_ONE_HOME or bool(a.birth_order) != bool(b.birth_order) or _is_of_a_shared_house(level, pairs)
    )
    # One house may have one mobile: where a year is all that both dates say, another family name is another person.
    of_the_family = (_MOBILE not in pairs or "born_year" in level) and _is_of_the_family(a, b, level)
    return nobody or of_the_family or _is_of_another_family(a, b, level)


def _is_of_a_shared_house(level: Mapping[str, str], pairs: Pairs) -> bool:
    """Whether half a name may be anybody's of the house: Farzana, of whom an office wrote 1 January or only the year."""
    unnamed = not level.keys() & {"family", "family_initial"} and _MOBILE not in pairs
    return level.get("born_year") == "default" or ("born_year" in level and unnamed)


def _may_be_a_neighbour(level: Mapping[str, str], pairs: Pairs) -> bool:
    """Whether, where no date tells, the other may be a sister, a friend of the house, or whoever lives next door."""
    unnamed = not {"given", "family"} <= level.keys() and level.get("given") != "swapped"
    sister = level.get("given") in _PERHAPS_ANOTHER and _MOBILE not in pairs
    # Two women called Shabnam in one house, or on its telephone: only a birthday tells marriage from a friend.
    # And a number is handed on: without a home of both it says no more than if no family name were known.
    her_own = _MOBILE in pairs and bool(pairs & _ONE_HOME)
    married_or_other = level.get("family") in _OTHER_FAMILY and not her_own
    # Two plots of one site, two doors of one stair: a mother and the daughter who was given her name.
    next_door = bool(pairs & _NEAR) and not pairs & _OF_ONE_HOME
    return unnamed or sister or married_or_other or next_door


def _is_a_name_of_many(a: Standard, b: Standard, level: Mapping[str, str], evidence: int, by: Model) -> bool:
    """Whether others bear that name and date, when nothing else agrees that few share.

    Tables know how frequent hardly any Gujarati, Akan or Irish name is, and families hand names down.
    """
    shared = _bears_a_shared_word(a) or _bears_a_shared_word(b)
    # Ranjeet Singh Singh is no longer name than Ranjeet Singh.
    three = level.get("middle") == "exact" and not shared
    if level.get("middle") == "other" or not (_born(level) or three):
        return True
    if by.unlisted is not None or by.people < _A_BUS:
        return (
            evidence < SURE + by.people
        )  # whoever comes is met by those held, and how often they bear the name is counted
    surely = (
        level.get("given") in _SAME_GIVEN
        and level.get("family") != "part"
        and not shared
        and (level.get("born") == "exact" or level.get("home") == "many")
    )
    frequent = _is_frequent_somewhere(a) and _is_frequent_somewhere(b)
    return frequent or evidence < SURE + TOGETHER + COUNTRY + (0 if surely else LIKE)


def _half(level: Mapping[str, str]) -> bool:
    """Whether a given or a family name is missing altogether, not even an initial known: a baby not yet named."""
    given = level.keys() & {"given", "given_initial"}
    family = level.keys() & {"family", "family_initial"}
    return not (given and family) and level.get("given") != "swapped"


def _is_of_the_family(a: Standard, b: Standard, level: Mapping[str, str]) -> bool:
    """Whether the other may be a brother of a rhyming name (Kayden and Jayden, a year apart), or a sister-in-law whose birthday nobody knows."""
    if level.get("given") == "middle" and level.get("born") != "exact" and not _bears_as_middle(a, b):
        return True  # Antony, beside Melvin Anthony, may be his brother
    about = level.get("born") in _ABOUT and a.born[0] != b.born[0]
    if about and level.get("given") == "letter":
        return True
    # Shahida Begum and Shaheeda Khatun: sisters-in-law are called alike too.
    return level.get("family") in _OTHER_FAMILY and ("born_year" in level or level.get("given") in _SPELT_OTHERWISE)


def may_be_a_twin(a: Standard, b: Standard, seen: Sequence[Seen]) -> bool:
    """Whether the other may be a twin of whom no record is there: one birthday, one home, and a given name not surely the same.

    Symmetric. Parents do not call two children by two spellings of one name, unless it is one letter that differs.
    """
    if a.birth_order and a.birth_order == b.birth_order:
        return False  # the second twin has no second twin
    level = {one.comparison: one.level for one in seen}
    pairs = {(one.comparison, one.level) for one in seen}
    alike = "given" not in level or level["given"] in _OF_A_TWIN or level.get("middle") == "other"
    if level.get("given") == "variant" and level.get("family") in _SAME_NAME and not _a_letter_apart(a, b):
        alike = level.get("middle") == "other"
    born = level.get("born") in {"exact", "swapped", "digit"} or "born_month" in level or "born_year" in level
    return alike and born and bool(pairs & OF_A_FAMILY) and not pairs & _NUMBER


def may_be_his_son(a: Standard, b: Standard, seen: Sequence[Seen]) -> bool:
    """Whether a slip of the year, 1961 for 1991, may be a son of whom no record is there, born on his father's birthday and
    given his name, and who has his telephone. Symmetric. Mothers hardly ever pass theirs on.
    """
    pairs = {(one.comparison, one.level) for one in seen}
    slip = ("born", "digit") in pairs and abs(a.born[0] - b.born[0]) >= A_GENERATION
    return slip and ("sex_named", "women") not in pairs and not pairs & _NUMBER


_A_BUS: Final = (PEOPLE - 1).bit_length() * MILLI
"""Fewer people than that are a closed register, to be evaluated: nobody comes from outside."""


def _bears_a_shared_word(a: Standard) -> bool:
    """Whether a word that whole families bear stands in the name: Van Hung Nguyen, of whom there are many more than each word tells."""
    return any(not SHARED.isdisjoint((name.given, *name.middle.split())) for name in a.names)


def _is_frequent_somewhere(a: Standard) -> bool:
    """Whether it is a name of which one community has many: with a birthday and nothing else, two of them are too easily met."""
    return any(are_of_one_community(name.given, name.family) for name in a.names)


def _bears_as_middle(a: Standard, b: Standard) -> bool:
    """Whether a given name of one is, letter for letter, a middle name of the other."""
    pairs = [(one, other) for one in a.names for other in b.names]
    return any(one.given in other.middle.split() or other.given in one.middle.split() for one, other in pairs)


def _is_of_another_family(a: Standard, b: Standard, level: Mapping[str, str]) -> bool:
    """Whether the family names are two people's, though home or telephone agree: cousins who live together, or a name that was left behind."""
    if level.get("family") == "far":
        return _have_two_grandfathers(a, b)
    # Jade Carrow, Jodie Carver: whoever fled may keep a telephone and the sound of a name.
    return level.get("family") in _OTHER_FAMILY and level.get("given") == "far"


def _have_two_grandfathers(a: Standard, b: Standard) -> bool:
    """Whether the family names share a word and each has another: Hodan Ali Warsame and Hodan Ali Farah are cousins."""
    ours, theirs = ({word for name in one.names for word in name.family.split()} for one in (a, b))
    return not ours.isdisjoint(theirs) and not (ours <= theirs or theirs <= ours)


def _a_letter_apart(a: Standard, b: Standard) -> bool:
    """Whether some given name of one is a given name of the other but for one letter, and short enough to be another's."""
    pairs = ((one.given, other.given) for one in a.names for other in b.names)
    return any(
        one != other and min(len(one), len(other)) < _NO_TWINS and OSA.distance(one, other, score_cutoff=1) <= 1
        for one, other in pairs
    )


def _a_century_apart(a: Standard, b: Standard) -> bool:
    return bool(a.born and b.born) and abs(a.born[0] - b.born[0]) >= CENTURY
