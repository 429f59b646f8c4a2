"""What is sealed opens only whole, under its key, and where it belongs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sealing import cipher

KEY = cipher.derive(bytes(32), "event keys")


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_was_sealed_opens(plain: bytes, bound: bytes) -> None:
    assert cipher.unseal(KEY, cipher.seal(KEY, plain, bound), bound) == plain


@given(st.binary(min_size=1, max_size=60), st.data())
def test_any_altered_byte_breaks_the_seal(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(cipher.seal(KEY, plain, b"event 1"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(cipher.SealBroken):
        cipher.unseal(KEY, bytes(sealed), b"event 1")


def test_it_does_not_open_elsewhere_or_with_another_key() -> None:
    sealed = cipher.seal(KEY, b"07700 900417", b"event 1")
    with pytest.raises(cipher.SealBroken):
        cipher.unseal(KEY, sealed, b"event 2")
    with pytest.raises(cipher.SealBroken):
        cipher.unseal(cipher.derive(bytes(32), "day keys"), sealed, b"event 1")
    with pytest.raises(cipher.SealBroken):
        cipher.unseal(KEY, sealed[:20], b"event 1")


def test_sealing_twice_gives_different_bytes() -> None:
    assert cipher.seal(KEY, b"same", b"") != cipher.seal(KEY, b"same", b"")
