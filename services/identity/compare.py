"""Are two records one person? Link, review or none, with a weight and reasons a person can read. Symmetric, and no I/O.

The weight is the log2 odds of "one person" against everybody else who would explain what agrees: a stranger, somebody of
the same household, a twin, a relative of the same name, somebody unrelated at the same address. It links where the odds
are high and nothing forbids it, and goes to a person where they come near.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import sub
from typing import Final, Literal

from services.identity.scoring import model, words
from services.identity.scoring.births import another_child, birth, born_apart
from services.identity.scoring.borne import ONCE, borne, borne_once, is_counted
from services.identity.scoring.bound import at_most
from services.identity.scoring.identifiers import identifiers, must_differ
from services.identity.scoring.little import (
    A_SON,
    A_TWIN,
    COUNTRY,
    LIKE,
    OF_A_FAMILY,
    SURE,
    TOGETHER,
    TOO_LITTLE,
    may_be_a_twin,
    may_be_his_son,
    too_little,
)
from services.identity.scoring.model import RIVALS, Model, Seen
from services.identity.scoring.names import fit
from services.identity.scoring.places import home, phone
from services.identity.scoring.rivals import against_all, against_each, together
from services.identity.standardise import FullName, Standard

COMPARE_VERSION: Final = 6
"""Raised by whoever changes what is said of two records by code or tables, the model as it was: else those held stay as they were
judged and nothing says so. tests/unit/identity/test_compare.py notices."""
LINK: Final = 5_000
"""Thousandths of a bit from which two records are one person unless something forbids it: P(same) 0.97 at the
least, far more on average; what must not be enough, whatever it weighs, is in `scoring.little`."""
JOIN: Final = 2_000
"""The same among three records and more that hang together: a rival would show by records of his own, and where he does
nobody is joined. On the training population 0.998 of the pairs so joined are of one person."""
SURE_OF_TWINS: Final = 7_000
"""Thousandths of a bit from which two records of near names, one birthday and one home are one person, if no third is there."""
REVIEW: Final = -1_500
"""Thousandths of a bit from which a person should look: at worst one pair in four is one person."""

Kind = Literal["link", "review", "none"]


@dataclass(frozen=True, slots=True)
class Line:
    """One step of an explanation, in plain words; weight in thousandths of a bit."""

    says: str
    weight: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says. Reasons name fields, never values."""

    kind: Kind
    weight: int = 0
    """log2 odds of one person against all rivals, in thousandths of a bit."""
    reasons: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    """What forbids an automatic link, whatever the weight."""
    doubt: int = 0
    """What is seen, for whichever rival it speaks for most, against "one person": thousandths of a bit, never above 0. Unlike
    the weight it is 0 where little is known: knowing little speaks for nobody."""


NONE: Final = Verdict("none")
"""Of what cannot be compared: placeholders and senders have no features of a person (services.identity.unnamed)."""

BORN_APART: Final = "another date of birth"
UNDATED: Final = "a house of many, and no date of birth to tell them apart"
RENAMED: Final = "one identifier and another name altogether"

_NAMED: Final = frozenset(
    {"exact", "nick", "cousin", "variant", "slip", "letter", "short", "misspelt", "far", "part", "swapped"}
)
"""Ways in which given names agree that say the sex as well."""


_PERSONAL: Final = frozenset({"given", "given_initial", "family", "born", "number", "numbers", "own_number"})
_BORROWED: Final = frozenset({("number", "equal"), ("numbers", "two"), ("numbers", "mixed")})
"""Somebody has to look whose the number is, however little else agrees."""
_RENAMED: Final = tuple(
    frozenset({number, ("given", "other"), also})
    for number in _BORROWED
    for also in (("family", "other"), ("family", "other_woman"), ("sex", "differ"))
)


_TWO_NUMBERS: Final = frozenset({("number", "differ"), ("numbers", "differ")})
_HOUSE_OF_MANY: Final = ("home", "many")
_ONE_GIVEN: Final = frozenset({("given", "exact"), ("given", "variant")})
_ONE_FAMILY: Final = frozenset({("family", "exact"), ("family", "variant")})
_ONE_BIRTH: Final = frozenset(
    {("born", "exact"), ("born", "swapped"), ("born_month", "same"), ("born_year", "same"), ("born_year", "default")}
)
_OF_ONE: Final = frozenset(
    (comparison, level)
    for comparison, levels in {
        "home": ("dwelling", "many", "door", "postcode", "street"),
        "phone": ("mobile", "fixed"),
        "number": ("equal", "misread"),
        "numbers": ("two", "mixed"),
        "own_number": ("equal",),
    }.items()
    for level in levels
)
"""What few others share, unlike a name, a birthday or a part of town."""
_TELLING: Final = _BORROWED | {
    ("born", "exact"), ("born", "swapped"), ("born", "digit"), ("born_month", "same"), ("phone", "mobile"),
}  # fmt: skip
"""What tells people of one name apart in a house of many."""


def model_name() -> str:
    """What a verdict depends on besides the records, stored with every edge: model, name frequencies, log2 of the people
    assumed, the way of comparing, and the thresholds in force. Another of these is another name, and edges are judged anew.
    """
    thresholds = LINK, JOIN, SURE_OF_TWINS, REVIEW, SURE, TOGETHER, COUNTRY, LIKE
    return f"{model.current().version}.{COMPARE_VERSION}@{','.join(map(str, thresholds))}"


def compare(a: Standard, b: Standard) -> Verdict:
    """Say whether two records are one person. Symmetric to the bit: which one came first must not matter."""
    if a.slot or b.slot or a.sender or b.sender:
        return NONE
    by = model.current()
    seen = observe(a, b, by)
    each = against_each(by, seen)
    weight = against_all(each)
    doubt = min(0, *map(sub, each, by.priors))
    levels = {(one.comparison, one.level) for one in seen}
    nothing = weight < REVIEW or not _is_about_somebody(seen) or _are_surely_two(a, b, levels, weight)
    if nothing and not (_BORROWED & levels or _may_be_of_one_house(a, b, levels)):
        return Verdict("none", weight, doubt=doubt)
    blocked = _blocked(a, b, levels)
    if weight >= JOIN and too_little(a, b, seen, each[0] - by.priors[0], by):
        blocked += (TOO_LITTLE,)
    if REVIEW <= weight < SURE_OF_TWINS and may_be_a_twin(a, b, seen):
        # A slip may be seen once; Gurpreet beside Gurdeep is none, however often either is written.
        slip = weight >= LINK and ("given", "far") not in levels
        blocked += (A_TWIN,) if slip else (A_TWIN, TOO_LITTLE)
    if weight >= LINK and may_be_his_son(a, b, seen):
        blocked += (A_SON,)
    kind: Kind = "link" if weight >= LINK and not blocked else "review"
    return Verdict(kind, weight, words.reasons(seen), tuple(dict.fromkeys(blocked)), doubt)


def is_nothing(a: Standard, b: Standard) -> bool:
    """Whether `compare` is sure to say "none", for a part of its cost. Symmetric. If not, it may still say so."""
    if a.slot or b.slot or a.sender or b.sender:
        return True
    if model.current().rows is not model.MODEL.rows:
        return False  # the bound is that of the model in the files
    besides = [*_besides(a, b), *((ONCE,) if is_counted(model.current()) else ())]
    levels = {(comparison, level) for comparison, level, _ in besides}
    if _BORROWED & levels or (_HOUSE_OF_MANY in levels and not _are_of_two_births(levels)):
        return False
    return at_most(a, b, against_each(model.current(), besides)) < REVIEW


def explain(a: Standard, b: Standard, by: Model | None = None) -> tuple[Line, ...]:
    """The weight in plain words, by this model, or by the one that scores here. The lines add up to it exactly; the last are
    who else would explain what agrees.
    """
    by = by or model.current()
    seen = observe(a, b, by)
    each = against_each(by, seen)
    lines = [Line(words.BEFORE, by.priors[0])]
    lines += [Line(words.says(one), against_stranger(by, one)) for one in seen]
    total = each[0]
    for rival, weight in zip(RIVALS[1:], each[1:], strict=True):
        with_it = together(total, weight)
        lines.append(Line(words.EXPLAINS[rival], with_it - total))
        total = with_it
    return tuple(lines)


def against_stranger(by: Model, one: Seen) -> int:
    """What one comparison adds to the weight against a stranger."""
    row = by.rows[one.comparison, one.level]
    stranger = row.rivals[0]
    return row.same - (one.chance if stranger is None else stranger)


def conflicts(a: Standard, b: Standard) -> tuple[str, ...]:
    """What speaks against two records ever being one person, whoever else fits both; empty if nothing does."""
    found = _blocked(a, b, frozenset())
    if born_apart(a, b) and set(a.identifiers).isdisjoint(b.identifiers):
        found += (BORN_APART,)
    return found


def observe(a: Standard, b: Standard, by: Model = model.MODEL) -> list[Seen]:
    """How two records agree, comparison by comparison, as far as both know it."""
    seen = _names(a, b, by)
    given = next((one.level for one in seen if one.comparison == "given"), "")
    women = "f" in {a.sex, b.sex} and "m" not in {a.sex, b.sex}
    if women:
        # Women change their family names more often than men.
        seen = [Seen("family", "other_woman") if one[:2] == ("family", "other") else one for one in seen]
    if a.sex and b.sex:
        seen.append(Seen("sex_named" if given in _NAMED else "sex", _sexes(a.sex, b.sex)))
    seen += _besides(a, b)
    return [*seen, *borne_once(a, b, seen, by)]


def _besides(a: Standard, b: Standard) -> list[Seen]:
    """How they agree in what is neither name nor sex."""
    more = birth(a, b), home(a.homes, b.homes), phone(a.phones, b.phones), identifiers(a, b)
    known = [one for one in more if one is not None]
    return [*known, *_alone(known)]


def _sexes(one: str, other: str) -> str:
    """Mothers hardly ever pass their given name on, fathers do: that two women agree leaves fewer rivals."""
    if one != other:
        return "differ"
    return "women" if one == "f" else "same"


def _alone(known: Sequence[Seen]) -> tuple[Seen, ...]:
    """That nothing but the name agrees, or the name and the date: strangers are then to be looked for in the whole country."""
    if not known:
        return (Seen("alone", "name"),)
    if any((one.comparison, one.level) in _OF_ONE for one in known):
        return ()
    return (Seen("alone", "date"),) if any(one.comparison.startswith("born") for one in known) else ()


def _names(a: Standard, b: Standard, by: Model) -> list[Seen]:
    """The pair of names that agrees best; through an alias or a former name costs something."""
    if len(a.names) == len(b.names) == 1:
        return list(_fit(a.names[0], b.names[0], by))
    pairs = [_fit(one, other, by) for one in a.names for other in b.names]
    # By level too: pairs of equal weight must be chosen alike whichever record came first.
    return list(max(pairs, key=lambda seen: (sum(against_stranger(by, one) for one in seen), seen), default=()))


def _fit(one: FullName, other: FullName, by: Model) -> tuple[Seen, ...]:
    seen = fit(*((one, other) if one <= other else (other, one)))
    seen += borne(one, other, seen, by)
    kinds = {one.kind, other.kind} - {""}
    return (*seen, Seen("via", "former" if "former" in kinds else "alias")) if kinds else seen


def _is_about_somebody(seen: Sequence[Seen]) -> bool:
    """Whether anything compared tells people apart: an address or a telephone alone names a family."""
    return any(one.comparison in _PERSONAL and not one.level.startswith("other") for one in seen)


def _are_surely_two(a: Standard, b: Standard, levels: AbstractSet[tuple[str, str]], weight: int) -> bool:
    """Whether nobody has to look: two children of one birth, or two valid numbers and little else that agrees."""
    if another_child(a, b):
        return True
    if levels.isdisjoint(_TWO_NUMBERS):
        return False
    # Each baby is numbered at birth.
    nameless = not all(name.given for name in (*a.names, *b.names))
    return nameless or (weight < 0 and levels.isdisjoint(OF_A_FAMILY))


def _may_be_of_one_house(a: Standard, b: Standard, levels: AbstractSet[tuple[str, str]]) -> bool:
    """Whether one whole name is met in one hostel or refuge, and no date says that they are two: a person asks there,
    however common the name, and though one of them has another number. Who has one name only has said it whole.
    """
    if _HOUSE_OF_MANY not in levels or not levels & _ONE_GIVEN or _are_of_two_births(levels):
        return False
    return bool(levels & _ONE_FAMILY) or not any(name.family for name in (*a.names, *b.names))


def _are_of_two_births(levels: AbstractSet[tuple[str, str]]) -> bool:
    return any(one[0].startswith("born") and one not in _ONE_BIRTH for one in levels)


def _blocked(a: Standard, b: Standard, levels: AbstractSet[tuple[str, str]]) -> tuple[str, ...]:
    found = []
    if apart := must_differ(a, b):
        found.append(f"another valid identifier: {', '.join(apart)}")
    if another := another_child(a, b):
        found.append(another)
    if a.protected or b.protected:
        found.append("a protected identity")
    if any(levels >= renamed for renamed in _RENAMED):
        # Who took a wholly new name may have to hide; and whoever borrowed a number has another name too.
        found.append(RENAMED)
    if _HOUSE_OF_MANY in levels and not levels & _TELLING:
        found.append(UNDATED)
    return tuple(found)
