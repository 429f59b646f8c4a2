"""What an answer does to evidence that rings only together: nothing counts across it, whatever came in which order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.chronology.facts import Fact, Interval
from services.rules.answered import strands
from services.rules.findings import Finding, State
from services.rules.model import Answered, RuleFile
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from tests.unit.rules.making import at, fact, judged, rule

CONCERN = "police.concern.reported"
THREE = {"kind": "count", "of": {"types": [CONCERN]}, "at_least": 3, "within": "60 days"}
ANSWER = {"types": ["*.action.done"], "names": ["subject"]}


def counting(answered: Answered, **said: Any) -> RuleFile:
    return rule(**{**THREE, "unless": [ANSWER], "answered": answered, **said})


def story(text: str, **late: str) -> list[Fact]:
    """`c` and `a` are a concern and an answer, one a day from 1 March; `-` is a day on which nothing was known."""
    made: dict[str, tuple[str, dict[str, Any]]] = {"c": (CONCERN, {}), "a": ("police.action.done", {"action": "A-1"})}
    facts = []
    for n, letter in enumerate(text, 1):
        if letter != "-":
            (kind, said), name, when = made[letter], f"{letter}{n}", f"03-{n:02}T10:00"
            facts.append(fact(name, kind, when, received=late.get(name, when), **said))
    return facts


def only(file: RuleFile, facts: Sequence[Fact]) -> Finding | None:
    found = judged(file, *facts).findings
    assert len(found) <= 1
    return found[0] if found else None


def told(finding: Finding | None) -> tuple[object, ...] | None:
    """State, when it first and last rang, and on what evidence."""
    if finding is None:
        return None
    evidence = " ".join(ref.id for ref in finding.evidence)
    return finding.state.value, finding.since.day, finding.episode_since.day, evidence


@pytest.mark.parametrize(
    ("text", "closed", "once_enough", "counts_on"),
    [
        # Answered, and one more.
        (
            "cccac",
            ("answered", 3, 3, "c1 c2 c3 a4"),
            ("answered", 3, 3, "c1 c2 c3 a4"),
            ("standing", 3, 5, "c1 c2 c3 c5"),
        ),
        # Answered, and enough by itself.
        (
            "cccaccc",
            ("standing", 3, 7, "c5 c6 c7"),
            ("standing", 3, 7, "c5 c6 c7"),
            ("standing", 3, 5, "c1 c2 c3 c5 c6 c7"),
        ),
        # An answer before there was enough.
        ("cacc", None, ("standing", 4, 4, "c1 c3 c4"), ("standing", 4, 4, "c1 c3 c4")),
        ("cacca", None, ("answered", 4, 4, "c1 c3 c4 a5"), ("answered", 4, 4, "c1 c3 c4 a5")),
        ("ccaccaccc", ("standing", 9, 9, "c7 c8 c9"), ("standing", 4, 9, "c7 c8 c9"), None),
        # No answer, and one after everything.
        ("c-c-c", ("standing", 5, 5, "c1 c3 c5"), ("standing", 5, 5, "c1 c3 c5"), ("standing", 5, 5, "c1 c3 c5")),
        (
            "ccca",
            ("answered", 3, 3, "c1 c2 c3 a4"),
            ("answered", 3, 3, "c1 c2 c3 a4"),
            ("answered", 3, 3, "c1 c2 c3 a4"),
        ),
    ],
)
def test_what_counts_after_an_answer(text: str, closed: object, once_enough: object, counts_on: object) -> None:
    assert told(only(counting("closed"), story(text))) == closed
    assert told(only(counting("closed once enough"), story(text))) == once_enough
    if counts_on is not None:
        assert told(only(counting("counts on"), story(text))) == counts_on


def test_closed_where_nothing_is_said() -> None:
    assert rule(**THREE, unless=[ANSWER]).answered == "closed"


def test_the_bell_rings_when_the_last_of_the_new_evidence_arrived() -> None:
    finding = only(counting("closed"), story("cccaccc", c5="03-20T10:00"))
    assert told(finding) == ("standing", 3, 20, "c5 c6 c7")


def test_an_answer_that_arrives_late_closes_what_was_known_before_it() -> None:
    facts = story("cccac", a4="03-20T10:00")
    assert told(only(counting("closed"), [one for one in facts if one.ref.id != "a4"])) is not None
    finding = only(counting("closed"), facts)
    assert finding is not None
    assert (finding.state, finding.until, finding.ended_silently) == (State.ANSWERED, at("03-04T10:00"), False)


def test_an_answer_taken_back_joins_what_it_parted() -> None:
    facts = story("cacc")
    assert only(counting("closed"), facts) is None
    assert told(only(counting("closed"), [one for one in facts if one.ref.id != "a2"])) == (
        "standing",
        4,
        4,
        "c1 c3 c4",
    )


def test_what_happened_before_the_answer_and_was_known_after_it_is_new() -> None:
    file = counting("closed", clock="occurred", unless=[{**ANSWER, "clock": "known"}])
    said = story("ccca")
    hidden = [
        fact(f"c{n}", CONCERN, f"03-{n:02}T10:00", occurred=Interval(at("03-01T11:00"), at("03-01T11:00")))
        for n in (6, 7)
    ]
    assert told(only(file, [*said, *hidden])) == ("answered", 3, 3, "c1 c2 c3 a4")
    third = fact("c8", CONCERN, "03-08T10:00", occurred=Interval(at("03-02T11:00"), at("03-02T11:00")))
    assert told(only(file, [*said, *hidden, third])) == ("standing", 3, 8, "c6 c7 c8")


def test_a_lapse_closes_nothing_that_was_known_before() -> None:
    file = rule(**THREE, unless=[ANSWER], lapses=[{"types": ["*.referral.decided"], "names": ["subject"]}])
    facts = [*story("ccc-c"), fact("over", "childrens-social-care.referral.decided", "03-04T10:00")]
    assert told(only(file, facts)) == ("standing", 3, 5, "c1 c2 c3 c5")


@pytest.mark.parametrize(
    "said", [{"kind": "event", "of": {"types": [CONCERN]}, "unless": [ANSWER]}, dict(THREE), {"any_of": [THREE]}]
)
def test_refused_where_no_answer_could_close_what_is_counted(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="`answered` is for a count or distinct that has `unless`"):
        rule(**said, answered="closed")


# In any order, against a reading of the definition that shares no code with it.

START = at("03-01T00:00")
DAYS = st.integers(0, 40)
PIECES = st.lists(st.tuples(DAYS, st.integers(0, 10), st.integers(0, 3)), max_size=8)
"""When each happened, how many days later it was known, and what kind of sign it is."""
ANSWERS = st.lists(DAYS, max_size=4, unique=True)
KINDS_NEEDED = 2


def day(n: int) -> datetime:
    return START + timedelta(days=n)


def piece(n: int, happened: int, lag: int, sign: int) -> Raw:
    known = day(happened + lag)
    told_of = fact(f"{n}", CONCERN, known.strftime("%m-%dT%H:%M"))
    return Raw(day(happened), known, (told_of,), sign=str(sign))


def complete(raws: Sequence[Raw]) -> tuple[Raw, ...]:
    """Two kinds of sign, ever: each that makes it so."""
    ordered = sorted(raws, key=lambda raw: (raw.start, raw.facts[0].ref))
    return tuple(raw for n, raw in enumerate(ordered) if len({one.sign for one in ordered[: n + 1]}) >= KINDS_NEEDED)


def split(pieces: Sequence[Raw], answers: Sequence[int], how: Answered) -> list[tuple[Raw, ...]]:
    closers = [Closer(day(n), day(n), State.ANSWERED) for n in answers]
    found = Found(Situation(1), complete(pieces), pieces=tuple(pieces), complete=complete)
    return [tuple(raws) for raws, _ in strands(found, closers, how) if raws] if found.raws else []


@given(PIECES, ANSWERS, st.sampled_from(["closed", "closed once enough"]), st.randoms())
def test_any_order_of_arrival_gives_the_same_strands(
    made: list[tuple[int, int, int]], answers: list[int], how: Answered, chance: Random
) -> None:
    pieces = [piece(n, *each) for n, each in enumerate(made)]
    expected = split(pieces, answers, how)
    chance.shuffle(pieces)
    chance.shuffle(answers)
    assert split(pieces, answers, how) == expected


@given(PIECES, ANSWERS)
def test_closed_is_what_is_complete_between_two_answers_and_nothing_else(
    made: list[tuple[int, int, int]], answers: list[int]
) -> None:
    pieces = [piece(n, *each) for n, each in enumerate(made)]
    bounds = [-1, *sorted(answers), 1_000]
    between = [
        complete([raw for raw in pieces if day(after) < raw.received <= day(until)])
        for after, until in pairwise(bounds)
    ]
    assert split(pieces, answers, "closed") == [raws for raws in between if raws]


@given(PIECES, ANSWERS)
def test_once_enough_never_loses_what_nobody_was_asked_about(
    made: list[tuple[int, int, int]], answers: list[int]
) -> None:
    pieces = [piece(n, *each) for n, each in enumerate(made)]
    closed = [raw for raws in split(pieces, answers, "closed") for raw in raws]
    once = [raw for raws in split(pieces, answers, "closed once enough") for raw in raws]
    assert bool(once) == bool(complete(pieces)), "there was enough: an answer closed it, or it stands"
    assert bool(closed) <= bool(once)
