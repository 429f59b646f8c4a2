import base64
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks

from services.clock import real_now
from services.sealing.cipher import SealBroken
from services.webhooks import sign, signing_keys

BODY = b'{"specversion": "1.0"}'


@pytest.mark.parametrize("number", range(5))
def test_a_receiver_with_the_reference_library_accepts_our_signature(number: int) -> None:
    secret = sign.new_secret()
    headers = sign.headers([sign.key_of(secret)], f"message.{number}", real_now(), BODY)
    received = standardwebhooks.Webhook(secret).verify(BODY, dict(headers))
    assert received == {"specversion": "1.0"}


def test_an_altered_body_is_refused() -> None:
    secret = sign.new_secret()
    headers = dict(sign.headers([sign.key_of(secret)], "m", real_now(), BODY))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(BODY + b" ", headers)


def test_both_secrets_sign_while_a_rotation_overlaps() -> None:
    old, new = sign.new_secret(), sign.new_secret()
    headers = dict(sign.headers([sign.key_of(new), sign.key_of(old)], "m", real_now(), BODY))
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(BODY, headers)


def test_a_try_later_has_another_time_and_the_same_id() -> None:
    key = sign.key_of(sign.new_secret())
    at = datetime(2024, 3, 4, tzinfo=UTC)
    first, second = (sign.headers([key], "m", at + timedelta(seconds=n), BODY) for n in (0, 30))
    assert first["webhook-id"] == second["webhook-id"]
    assert first["webhook-signature"] != second["webhook-signature"]
    assert first["webhook-timestamp"] == "1709510400"


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "hunter2",
        "whsk_" + base64.b64encode(b"k" * 32).decode(),
        "whsec_not base64",
        "whsec_" + base64.b64encode(b"k" * 23).decode(),
        "whsec_" + base64.b64encode(b"k" * 65).decode(),
    ],
)
def test_what_is_no_secret_is_refused_without_repeating_it(secret: str) -> None:
    with pytest.raises(sign.SecretRefused) as refused:
        sign.key_of(secret)
    assert not secret or secret not in str(refused.value)


def test_secrets_are_long_and_never_shown_by_accident() -> None:
    secret = sign.new_secret()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert secret[6:12] not in repr(sign.key_of(secret))


def test_a_sealed_secret_fits_no_other_endpoint() -> None:
    master, one, other, secret = bytes(32), uuid.uuid4(), uuid.uuid4(), sign.new_secret()
    sealed = signing_keys.seal(master, one, secret)
    assert secret.encode() not in sealed
    (key,) = signing_keys.keys(master, one, [sealed, None])
    assert key.sign(b"x") == sign.key_of(secret).sign(b"x")
    with pytest.raises(SealBroken):
        signing_keys.keys(master, other, [sealed])
