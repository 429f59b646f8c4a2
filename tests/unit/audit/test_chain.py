"""The chain shows every change to what it holds, and erasure leaves it whole."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from services.audit.chain import Checkpoint, Head, chain, holds, sign, signing_key
from services.audit.record import START, Action, Row, details_text
from services.audit.verify import Report, finish, follow, trusted

AT = datetime(2013, 4, 2, 9, tzinfo=UTC)
KEY = signing_key(bytes(range(32)))
PUBLIC = KEY.public_key()


def unplaced(n: int, *, thing: str | None = None, action: str = Action.COLLECTION) -> Row:
    return Row(
        position=0,
        written_at=AT + timedelta(seconds=n),
        at=AT,
        actor="process:correlator",
        action=action,
        purpose="safeguarding",
        basis="CA2004-s10",
        thing=thing or f"event:{n}",
        details=details_text({"n": n}),
        salt=None,
        commitment=b"",
        hash=b"",
    )


def check(rows: Iterable[Row], checkpoints: Sequence[Checkpoint], public: Ed25519PublicKey) -> Report:
    report = Report()
    expected = trusted(checkpoints, public, report)
    follow(report, rows, expected)
    finish(report, expected)
    return report


def sealed(count: int) -> tuple[Head, list[Row]]:
    return chain(Head(0, START), [unplaced(n) for n in range(count)])


def kinds(report: Report) -> list[tuple[int, str]]:
    return [(problem.position, problem.kind) for problem in report.problems]


def test_positions_run_from_1_without_gaps_over_batches() -> None:
    head, first = sealed(3)
    head, second = chain(head, [unplaced(n) for n in (7, 8)])
    assert [row.position for row in first + second] == [1, 2, 3, 4, 5]
    assert head.position == 5
    report = check(first + second, [], PUBLIC)
    assert report.valid
    assert report.rows == 5


def test_equal_details_have_different_commitments() -> None:
    _, rows = chain(Head(0, START), [unplaced(1), unplaced(1)])
    assert rows[0].commitment != rows[1].commitment


@pytest.mark.parametrize("field", ["at", "written_at", "actor", "action", "purpose", "basis", "thing"])
def test_an_altered_field_is_found(field: str) -> None:
    _, rows = sealed(4)
    value: Any = AT + timedelta(days=1) if field in {"at", "written_at"} else "another"
    rows[1] = replace(rows[1], **{field: value})
    assert kinds(check(rows, [], PUBLIC)) == [(2, "altered")]


def test_altered_details_are_found() -> None:
    _, rows = sealed(4)
    rows[2] = replace(rows[2], details=details_text({"n": 99}))
    assert kinds(check(rows, [], PUBLIC)) == [(3, "details-altered")]


@given(st.integers(0, 7))
def test_a_removed_row_is_found(gone: int) -> None:
    head, rows = sealed(8)
    checkpoint = sign(head, AT, KEY)
    del rows[gone]
    found = kinds(check(rows, [checkpoint], PUBLIC))
    assert found == ([(8, "cut-off")] if gone == 7 else [(gone + 2, "removed"), (gone + 2, "altered")])


@given(st.permutations(range(6)))
def test_reordered_rows_are_found(order: list[int]) -> None:
    _, rows = sealed(6)
    moved = [replace(rows[was], position=now + 1) for now, was in enumerate(order)]
    assert check(moved, [], PUBLIC).valid == (order == sorted(order))


def test_a_chain_rewritten_from_a_row_on_breaks_the_checkpoint() -> None:
    head, rows = sealed(5)
    checkpoint = sign(head, AT, KEY)
    start = Head(rows[1].position, rows[1].hash)
    _, rewritten = chain(start, [replace(rows[2], thing="event:other"), rows[3], rows[4]])
    assert kinds(check(rows[:2] + rewritten, [checkpoint], PUBLIC)) == [(5, "checkpoint-broken")]


def test_a_checkpoint_holds_only_as_signed_and_by_its_key() -> None:
    head, rows = sealed(2)
    genuine = sign(head, AT, KEY)
    forged = [
        replace(genuine, position=1),
        replace(genuine, hash=rows[0].hash),
        replace(genuine, signed_at=AT + timedelta(seconds=1)),
        sign(head, AT, Ed25519PrivateKey.generate()),
    ]
    assert holds(genuine, PUBLIC)
    assert not any(holds(checkpoint, PUBLIC) for checkpoint in forged)
    report = check(rows, [genuine, forged[3]], PUBLIC)
    assert kinds(report) == [(2, "checkpoint-forged")]


def test_erasure_leaves_the_chain_valid_where_it_is_accounted_for() -> None:
    head, rows = sealed(3)
    rows[1] = replace(rows[1], details=None, salt=None)
    assert kinds(check(rows, [], PUBLIC)) == [(2, "erased-unaccounted")]
    _, told = chain(head, [unplaced(9, thing="audit:2", action=Action.ERASURE)])
    report = check(rows + told, [sign(head, AT, KEY)], PUBLIC)
    assert report.valid
    assert report.erased == {2}


def test_the_signing_key_is_one_per_master_key() -> None:
    again = signing_key(bytes(range(32))).public_key().public_bytes_raw()
    other = signing_key(bytes(32)).public_key().public_bytes_raw()
    assert PUBLIC.public_bytes_raw() == again != other


def test_an_empty_chain_is_valid_and_one_cut_off_entirely_is_not() -> None:
    head, _ = sealed(1)
    checkpoint: Checkpoint = sign(head, AT, KEY)
    assert check([], [], PUBLIC).valid
    assert kinds(check([], [checkpoint], PUBLIC)) == [(1, "cut-off")]
