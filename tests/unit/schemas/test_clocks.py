from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.clocks import (
    LONDON,
    UNKNOWN,
    KnownWhen,
    PartialDate,
    Span,
    TimeRefused,
    When,
    instant,
    span,
    written_span,
)

WHEN: TypeAdapter[Span] = TypeAdapter(When)
KNOWN: TypeAdapter[Span] = TypeAdapter(KnownWhen)
BORN: TypeAdapter[str] = TypeAdapter(PartialDate)

DAYS = st.dates(date(1901, 1, 1), date(2198, 12, 31))
MOMENTS = st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds hypothesis wants


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # a moment as its parts


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ("2013-04-02T10:40:00+01:00", utc(2013, 4, 2, 9, 40), utc(2013, 4, 2, 9, 40)),
        ("2013-04-02T10:40Z", utc(2013, 4, 2, 10, 40), utc(2013, 4, 2, 10, 40)),
        ("2013-01-15", utc(2013, 1, 15), utc(2013, 1, 16)),
        ("2013-07-15", utc(2013, 7, 14, 23), utc(2013, 7, 15, 23)),  # British Summer Time
        ("2013-03-31", utc(2013, 3, 31), utc(2013, 3, 31, 23)),  # the day the clocks go forward has 23 hours
        ("2013-10-27", utc(2013, 10, 26, 23), utc(2013, 10, 28)),  # and the day they go back has 25
        ("2012-12", utc(2012, 12, 1), utc(2013, 1, 1)),
        ("1994", utc(1994, 1, 1), utc(1995, 1, 1)),
        (
            {"earliest": "2013-03-25", "latest": "2013-03-31", "text": "late March 2013"},
            utc(2013, 3, 25),
            utc(2013, 3, 31, 23),
        ),
        ({"earliest": "1999", "latest": "2002"}, utc(1999, 1, 1), utc(2003, 1, 1)),
        ({"earliest": None, "latest": "2011"}, None, utc(2012, 1, 1)),
        ({"earliest": "2011", "latest": None}, utc(2011, 1, 1), None),
        ({"text": "some time in spring"}, None, None),
        (None, None, None),
    ],
)
def test_each_form_is_a_span(written: Any, earliest: datetime | None, latest: datetime | None) -> None:
    assert span(written) == Span(earliest, latest)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2013-04-02T10:40:00", "time-naive"),
        ("2013-04-02 10:40:00", "time-naive"),
        ("2013-02-30T10:40:00Z", "date-impossible"),
        ("2013-02-30", "date-impossible"),
        ("2013-13", "date-impossible"),
        ("0001", "date-impossible"),
        ("1899-12-31", "date-impossible"),
        ("2200", "date-impossible"),
        ("9999-12-31T23:59:59-23:59", "date-impossible"),
        ("2013-04-02T24:00:00Z", "date-impossible"),
        ("2013-04-02T10:40:00+0100", "time-form"),
        ("2013-W14-2T10:40:00Z", "time-form"),
        ("20130402T104000Z", "time-form"),
        ("02/04/2013", "time-form"),
        ("yesterday", "time-form"),
        ("2013-4-2", "time-form"),
        ("２０１３", "time-form"),
        ("", "time-form"),
        (1364899200, "time-form"),
        (True, "time-form"),
        (["2013"], "time-form"),
        ({}, "missing"),
        ({"earliest": None, "latest": None}, "missing"),
        ({"earliest": "2013-04-03", "latest": "2013-04-01"}, "time-backwards"),
        ({"earliest": "2013", "until": "2014"}, "unknown-field"),
        ({"earliest": 2013}, "time-form"),
        ({"earliest": {"earliest": "2013"}}, "time-form"),
        ({"earliest": "2013-04-02T10:40:00"}, "time-naive"),
        ({"earliest": "2013", "text": "when Maren rang"}, "time-text"),
        ({"earliest": "2013", "text": "March " * 20}, "time-text"),
        ({"earliest": "2013", "text": "07 70 09 00 12 31"}, "time-text"),
        ({"earliest": "2013", "text": 7}, "time-text"),
    ],
)
def test_what_is_no_time_is_refused_with_its_reason(written: Any, code: str) -> None:
    with pytest.raises(TimeRefused) as refused:
        span(written)
    assert refused.value.code == code


def test_a_fault_in_an_interval_says_on_which_side() -> None:
    with pytest.raises(TimeRefused) as refused:
        span({"earliest": "2013", "latest": "2013-02-30"})
    assert refused.value.within == "latest"


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_same_moment_however_its_offset_is_written(moment: datetime, offset: int) -> None:
    sign, minutes = "+" if offset >= 0 else "-", abs(offset)
    local = (moment + timedelta(minutes=offset)).replace(tzinfo=None)
    written = f"{local.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert instant(written) == moment
    assert instant(written).tzinfo is UTC


@given(DAYS)
def test_a_day_lies_in_its_month_and_its_month_in_its_year(day: date) -> None:
    spans = [span(form) for form in (f"{day.year}", f"{day.year}-{day.month:02}", day.isoformat())]
    for outer, inner in pairwise(spans):
        assert outer.earliest is not None
        assert outer.latest is not None
        assert inner.earliest is not None
        assert inner.latest is not None
        assert outer.earliest <= inner.earliest < inner.latest <= outer.latest


@given(DAYS)
def test_days_follow_each_other_without_gap(day: date) -> None:
    today, tomorrow = span(day.isoformat()), span((day + timedelta(days=1)).isoformat())
    assert today.latest == tomorrow.earliest
    assert today.earliest is not None
    assert today.earliest.astimezone(LONDON).date() == day
    assert today.earliest.astimezone(LONDON).hour == 0


@given(DAYS, DAYS)
def test_an_interval_of_bare_dates_includes_both_of_them(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    whole = span({"earliest": first.isoformat(), "latest": last.isoformat()})
    assert whole == Span(span(first.isoformat()).earliest, span(last.isoformat()).latest)


@given(st.one_of(MOMENTS.map(lambda m: m.isoformat()), DAYS.map(str), DAYS.map(lambda d: str(d)[:7]), st.none()))
def test_what_is_written_back_is_read_alike(written: str | None) -> None:
    assert span(written_span(span(written))) == span(written)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_sent_is_a_span_or_refused(value: Any) -> None:
    try:
        found = span(value)
    except TimeRefused:
        return
    assert isinstance(found, Span)


def test_unknown_is_honest_but_not_for_the_clocks_of_the_agency() -> None:
    assert WHEN.validate_python(None) == UNKNOWN
    for value in (None, {"earliest": "2013", "latest": None}):
        with pytest.raises(ValidationError):
            KNOWN.validate_python(value)


@given(st.text(alphabet="0123456789-", max_size=10))
def test_a_date_of_birth_is_taken_exactly_where_it_is_a_date(written: str) -> None:
    try:
        span(written)
    except TimeRefused:
        real = False
    else:
        real = True
    try:
        BORN.validate_python(written)
    except ValidationError:
        assert not real
    else:
        assert real


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_every_day_there_was_may_be_a_date_of_birth(day: date) -> None:
    assert BORN.validate_python(day.isoformat()) == day.isoformat()


@pytest.mark.parametrize("day", ["1900-02-29", "2100-02-29", "2013-02-29", "2013-04-31", "2013-00-01", "2013-01-00"])
def test_days_there_never_were_are_no_date_of_birth(day: str) -> None:
    with pytest.raises(ValidationError):
        BORN.validate_python(day)
