"""Settings: bounds, names, what production refuses, and that nothing secret is shown."""

import base64
from pathlib import Path

import pytest
from pydantic import SecretBytes, SecretStr, ValidationError

from services.settings import Settings

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TOCSIN_{name.upper()}", raising=False)
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_SECURITY_PROTOCOL"):
        monkeypatch.delenv(name, raising=False)


def test_servers_have_the_names_everybody_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@there/tocsin")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "open sesame")
    monkeypatch.setenv("TOCSIN_GATEWAY_PORT", "9000")
    settings = Settings()
    assert settings.database_url == "postgresql://somebody@there/tocsin"
    assert settings.kafka_bootstrap_servers == "one:9092,two:9092"
    assert settings.kafka_sasl_password == SecretStr("open sesame")
    assert settings.gateway_port == 9000


def test_an_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_TOKEN_JWKS_URL", "")
    assert Settings().token_jwks_url is None


def test_a_master_key_is_32_bytes_in_base64(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MASTER_KEY", base64.b64encode(KEY).decode())
    assert Settings().master_key_bytes == KEY
    for wrong in (base64.b64encode(KEY[:16]).decode(), "not base64!"):
        monkeypatch.setenv("TOCSIN_MASTER_KEY", wrong)
        with pytest.raises(ValidationError) as caught:
            Settings()
        assert wrong not in str(caught.value)


def test_development_makes_a_key_once_and_keeps_it(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    with pytest.raises(ValueError, match="no master key"):
        _ = settings.master_key_bytes
    first = settings.with_keys().master_key_bytes
    assert len(first) == 32
    assert Settings(state=tmp_path).with_keys().master_key_bytes == first
    assert (tmp_path / "master.key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_production_needs_a_key_and_an_issuer() -> None:
    with pytest.raises(ValidationError, match="TOCSIN_MASTER_KEY"):
        Settings(mode="production")
    with pytest.raises(ValidationError, match="TOCSIN_TOKEN_JWKS_URL"):
        Settings(mode="production", master_key=SecretBytes(KEY))
    with pytest.raises(ValidationError, match="WEBHOOK_PRIVATE_ADDRESSES"):
        Settings(
            mode="production",
            master_key=SecretBytes(KEY),
            token_jwks_url="https://issuer.example/keys",
            webhook_private_addresses=True,
        )


def test_sasl_is_complete_or_refused() -> None:
    with pytest.raises(ValidationError, match="KAFKA_SASL_MECHANISM"):
        Settings(kafka_security_protocol="SASL_SSL", kafka_sasl_username="tocsin")


def test_nothing_secret_is_shown() -> None:
    settings = Settings(
        database_url="postgresql://tocsin:kestrel@db.example:5432/tocsin",
        kafka_sasl_password=SecretStr("kestrel"),
        master_key=SecretBytes(b"kestrel" + bytes(25)),
    )
    for shown in (repr(settings), str(settings), str(settings.shown())):
        assert "kestrel" not in shown
    assert settings.shown()["database_url"] == "postgresql://***@db.example/tocsin"


def test_what_a_process_started_with_is_what_it_runs_with() -> None:
    with pytest.raises(ValidationError):
        Settings().gateway_port = 1  # type: ignore[misc]  # frozen: that is the test
