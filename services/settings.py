"""Everything that differs between one installation and the next, read once from the environment.

Names are `TOCSIN_` and the field in capitals; for the servers, the names everybody uses (`DATABASE_URL`, `KAFKA_...`).
Constants that are reasons rather than choices stand beside the code they belong to, not here.
"""

import base64
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretBytes, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.envelope import MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES

MASTER_KEY_BYTES = 32  # AES-256


def _decode_key(value: object) -> object:
    if isinstance(value, str):
        value = base64.b64decode(value, validate=True)
    if isinstance(value, bytes) and len(value) != MASTER_KEY_BYTES:
        raise ValueError(f"needs {MASTER_KEY_BYTES} bytes in base64, not {len(value)}")
    return value


MasterKey = Annotated[SecretBytes, BeforeValidator(_decode_key)]
Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """One installation. Frozen: what a process started with is what it runs with."""

    model_config = SettingsConfigDict(
        env_prefix="TOCSIN_",
        env_ignore_empty=True,  # compose passes on variables nobody set as empty ones
        frozen=True,
        hide_input_in_errors=True,  # a mistyped key must not end up in a log
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
    )

    mode: Literal["development", "production"] = "development"
    """Development makes its own keys and tokens; production refuses to start without real ones."""
    state: Path = Path(".state")
    """Where the embedded servers and the development keys live."""

    # PostgreSQL
    database_url: str = Field(
        "postgresql://postgres@127.0.0.1:5432/tocsin", validation_alias="DATABASE_URL", repr=False
    )
    database_pool_size: int = Field(10, ge=1, le=100)
    """Connections for each pool; a process with separate tasks has one pool for each task."""
    database_statement_timeout_seconds: float = Field(30, gt=0, le=600)
    database_idle_timeout_seconds: float = Field(30, gt=0, le=600)
    """How long a transaction may sit idle before the server ends it: nothing may hold locks and sleep."""

    # Kafka
    kafka_bootstrap_servers: str = Field("127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, validation_alias="KAFKA_SASL_MECHANISM"
    )
    kafka_sasl_username: str | None = Field(None, validation_alias="KAFKA_SASL_USERNAME")
    kafka_sasl_password: SecretStr | None = Field(None, validation_alias="KAFKA_SASL_PASSWORD")
    kafka_ssl_cafile: Path | None = Field(None, validation_alias="KAFKA_SSL_CAFILE")
    kafka_ssl_certfile: Path | None = Field(None, validation_alias="KAFKA_SSL_CERTFILE")
    kafka_ssl_keyfile: Path | None = Field(None, validation_alias="KAFKA_SSL_KEYFILE")
    topic_prefix: str = Field("", pattern=r"^[a-z0-9.-]{0,40}$")
    """Stands before every topic and consumer group name: installations (and tests) can share a cluster."""
    topic_replication: int = Field(-1, ge=-1, le=5)
    """Replicas of each topic we create; -1 leaves it to the cluster, which is right for one broker and for three."""
    publish_timeout_seconds: float = Field(10, gt=0, le=60)
    """How long a sender waits for all in-sync replicas before it is told 503."""

    # Gateway
    gateway_host: str = "127.0.0.1"
    gateway_port: Port = 8080
    gateway_public_url: str = "http://127.0.0.1:8080"
    """What stands in links that leave us (alerts, problems, receipts)."""
    event_limit_bytes: int = Field(MAX_EVENT_BYTES, ge=1024, le=900 * 1024)
    """Largest single event; below the broker's 1 MB with room for sealing and headers."""
    batch_limit_events: int = Field(MAX_BATCH_EVENTS, ge=1, le=1_000)
    batch_limit_bytes: int = Field(MAX_BATCH_BYTES, ge=1024, le=8 * 1024 * 1024)
    rate_limit_events_per_second: float = Field(10_000, gt=0)
    """For each caller, averaged over `rate_limit_burst_seconds`."""
    rate_limit_burst_seconds: float = Field(5, gt=0, le=60)

    # Tokens
    token_issuer: str = "http://127.0.0.1:8080"
    token_audience: str = "tocsin"
    token_jwks_url: str | None = None
    """Where the issuer publishes its keys; none = the development issuer inside the gateway."""
    token_lifetime_seconds: int = Field(3600, ge=60, le=86_400)
    """Of tokens the development issuer gives out."""

    # Keys
    master_key: MasterKey | None = Field(None, repr=False)
    """32 bytes in base64: wraps the day keys of the bus and the keys of sealed fields. See `with_keys`."""
    bus_retention_days: int = Field(7, ge=1, le=30)
    """Kafka holds events this long, and a day key is destroyed when nothing under it can remain."""

    # Background work
    intake_batch_events: int = Field(200, ge=1, le=1_000)
    queue_poll_milliseconds: int = Field(75, ge=5, le=1_000)
    """How often an idle worker looks at its queue."""
    resolve_workers: int = Field(2, ge=1, le=64)
    judge_workers: int = Field(3, ge=1, le=64)
    """One for each lane (live, spread, backfill) or more; where there are fewer, the last looks at several."""
    courier_workers: int = Field(4, ge=1, le=64)
    webhook_timeout_seconds: float = Field(10, gt=0, le=30)
    webhook_private_addresses: bool = False
    """Whether webhooks may go to loopback and private networks: for demonstrations and tests only."""
    dead_letter_ratio_limit: float = Field(0.2, gt=0, le=1)
    """Share of poison in the last `dead_letter_window_events` beyond which a consumer stops and says so."""
    dead_letter_window_events: int = Field(100, ge=10, le=10_000)

    # Logs
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _production_is_explicit(self) -> Self:
        if self.mode == "production":
            if self.master_key is None:
                raise ValueError("TOCSIN_MASTER_KEY is needed in production")
            if self.token_jwks_url is None:
                raise ValueError(
                    "TOCSIN_TOKEN_JWKS_URL is needed in production: the development issuer is for trying out"
                )
            if self.webhook_private_addresses:
                raise ValueError("TOCSIN_WEBHOOK_PRIVATE_ADDRESSES must be off in production")
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_mechanism and self.kafka_sasl_username and self.kafka_sasl_password
        ):
            raise ValueError("SASL needs KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        return self

    def with_keys(self) -> Self:
        """These settings with a master key: in development, one made on the first start and kept in the state folder."""
        if self.master_key is not None:
            return self
        return self.model_copy(update={"master_key": SecretBytes(_development_key(self.state / "master.key"))})

    @property
    def master_key_bytes(self) -> bytes:
        """The master key; raises where no key was given and `with_keys` was not called."""
        if self.master_key is None:
            raise ValueError("no master key: give TOCSIN_MASTER_KEY, or call with_keys() in development")
        return self.master_key.get_secret_value()

    def shown(self) -> dict[str, Any]:
        """Every setting as text fit for a log: secrets masked, the database without user and password."""
        values = {name: str(value) for name, value in self if value is not None}
        parts = urlsplit(self.database_url)
        where = parts.hostname or "a socket"
        return {**values, "database_url": f"{parts.scheme}://***@{where}{parts.path}"}


def _development_key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside and linked: of two processes that start at once, the second must find the whole key of the first.
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_bytes(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return base64.b64decode(path.read_bytes(), validate=True)
