"""What is declared once is used: no topic without an owner, no setting nobody reads, no log line nobody writes."""

import re

import pytest

from schemas.topics import TOPICS, alerts_topic, notices_topic
from services.settings import Settings
from services.telemetry import Log
from tests.structure.sources import PACKAGES, ROOT, modules

PROCESSES = {"gateway", "correlator", "evaluator", "notifier"}
OUTSIDE = {"analysts", "operators"}
VERSIONS = sorted((ROOT / "services/db/migrations/versions").glob("*.py"))


@pytest.fixture(scope="module")
def product() -> str:
    """All code that ships but the two files of declarations, as one text."""
    declared = {ROOT / "services/settings.py", ROOT / "services/telemetry.py"}
    return "\n".join(path.read_text(encoding="utf-8") for path in modules(*PACKAGES) if path not in declared)


@pytest.mark.parametrize(
    "topic", [*TOPICS, alerts_topic("some-agency"), notices_topic("some-agency")], ids=lambda topic: topic.name
)
def test_every_topic_has_one_owner_and_its_readers(topic: object) -> None:
    assert getattr(topic, "owner", None) in PROCESSES
    readers = set(getattr(topic, "readers", ()))
    assert readers
    assert readers <= PROCESSES | OUTSIDE | {"some-agency"}


def test_no_two_topics_share_a_name() -> None:
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_what_people_report_is_sealed_on_the_bus() -> None:
    assert all(topic.sealed for topic in TOPICS if topic.owner == "gateway")


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_read_somewhere(name: str, product: str) -> None:
    inside = (ROOT / "services/settings.py").read_text().count(f"self.{name}")
    assert inside or re.search(rf"\.{name}\b", product), f"nobody reads {name}"


@pytest.mark.parametrize("log", list(Log), ids=lambda log: log.value)
def test_every_log_line_is_written_somewhere(log: Log, product: str) -> None:
    assert f"Log.{log.name}" in product, f"nobody writes {log.value}"


def test_the_migrations_are_one_chain_with_one_file_of_sql_each() -> None:
    before = None
    for version in VERSIONS:
        text = version.read_text()
        revision = version.name[:4]
        assert f'revision = "{revision}"' in text
        assert f"down_revision = {f'{before!r}'.replace(chr(39), chr(34))}" in text
        assert (version.parents[1] / "sql" / f"{version.stem}.sql").read_text().strip(), "an empty migration"
        before = revision


def test_the_gate_runs_what_the_makefile_offers() -> None:
    offered = set(re.findall(r"^([a-z0-9]+):.*## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    gate = (ROOT / ".ci/run").read_text()
    wanted = re.search(r"for target in ([a-z ]+);", gate)
    assert wanted
    assert {"test", "check"} <= set(wanted.group(1).split()) <= offered


def test_whoever_catches_what_a_server_may_answer_catches_all_of_it() -> None:
    kinds = re.compile(r"except.*asyncpg\.(InterfaceError|InternalClientError)")
    said = [
        str(path.relative_to(ROOT))
        for path in modules("services", "gateway", "consumers")
        if kinds.search(path.read_text(encoding="utf-8"))
    ]
    assert not said, "services.db.FAILURES: a task that leaves one out ends when a server dies on an idle connection"
