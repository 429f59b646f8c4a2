"""Fixtures everybody has: a real database of one's own, a real broker with a prefix of one's own, and settings for both.

Nothing here is ever skipped: a test that cannot have its server fails and says why.
"""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretBytes

from deploy.embedded.servers import Servers, embedded_servers
from services.db import Pool, open_pool
from services.db.migrate import migrate
from services.identity.scoring import model
from services.identity.scoring.model import PEOPLE, assume_people
from services.replay.logs import delete_topics
from services.settings import Settings
from tests.servers import (
    POSTGRES_SETTINGS,
    KafkaForTest,
    drop_database,
    finish,
    folder_of_our_own,
    kafka_for_session,
    make_database,
    make_template,
    postgres_for_session,
    url_of,
)

TESTS = Path(__file__).parent
# Not "chaos": of its runs only the long ones stay out of `make test`, and they say so themselves.
MARKED_BY_FOLDER = ("unit", "integration", "e2e", "contract", "structure", "bench")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's folder is its marker, so that the two cannot disagree."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        if folder in MARKED_BY_FOLDER:
            item.add_marker(folder)


@pytest.fixture(autouse=True)
def people_assumed() -> Iterator[None]:
    """Scores assume again what they assume by default: an evaluation sets it for its whole process."""
    yield
    if model.current() is not model.MODEL:
        assume_people(PEOPLE)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server where databases may be made."""
    with postgres_for_session() as url:
        yield url


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database to copy from."""
    name = finish(make_template(postgres_server))
    yield name
    finish(drop_database(postgres_server, name))


@pytest.fixture
def database(postgres_server: str, template_database: str) -> Iterator[str]:
    """The URL of a fresh, migrated database for this test alone."""
    name = finish(make_database(postgres_server, template_database))
    yield url_of(postgres_server, name)
    finish(drop_database(postgres_server, name))


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[str]:
    """Bootstrap servers of a real broker."""
    with kafka_for_session() as bootstrap:
        yield bootstrap


@pytest.fixture
def kafka(kafka_server: str) -> Iterator[KafkaForTest]:
    """The broker with a prefix for this test alone; its topics are deleted afterwards."""
    prefix = f"t{secrets.token_hex(4)}."
    yield KafkaForTest(bootstrap=kafka_server, topic_prefix=prefix)
    finish(delete_topics(Settings(kafka_bootstrap_servers=kafka_server), prefix))


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Settings over a fresh database; no broker behind them."""
    return Settings(
        database_url=database,
        kafka_bootstrap_servers="127.0.0.1:1",  # nobody listens there
        state=tmp_path,
        master_key=SecretBytes(secrets.token_bytes(32)),
        webhook_private_addresses=True,
        log_format="console",
    )


@pytest.fixture
def live_settings(settings: Settings, kafka: KafkaForTest) -> Settings:
    """Settings over a fresh database and a broker with a prefix of its own."""
    return settings.model_copy(update={"kafka_bootstrap_servers": kafka.bootstrap, "topic_prefix": kafka.topic_prefix})


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    """A pool on this test's database."""
    opened = await open_pool(settings, task="test")
    yield opened
    await opened.close()


@pytest.fixture
async def killable_servers() -> AsyncIterator[Servers]:
    """Both servers, migrated, for a test that kills and restarts them: `kafka_pid`, `postgres_pid`, `restart_...`."""
    with folder_of_our_own() as folder:
        async with embedded_servers(folder, postgres_settings=POSTGRES_SETTINGS) as servers:
            await migrate(servers.database_url)
            yield servers
