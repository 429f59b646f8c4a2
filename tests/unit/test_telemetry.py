"""Logs name what happened and betray nobody."""

import io
import logging
from collections.abc import Iterator

import asyncpg
import orjson
import pytest

from services.telemetry import ConsoleLines, JsonLines, Log, note


@pytest.fixture(params=[JsonLines, ConsoleLines])
def lines(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(request.param())
    logger = logging.getLogger("tocsin")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_a_line_has_its_name_and_fields(lines: io.StringIO) -> None:
    note(Log.INTAKE_BATCH, events=200, partition=3)
    line = lines.getvalue()
    assert "intake.batch" in line
    assert "200" in line


def test_fields_that_could_tell_of_somebody_are_withheld(lines: io.StringIO) -> None:
    note(Log.INTAKE_POISON, code="invalid-event", subject="kestrel", id="kestrel", name="kestrel", input="kestrel")
    note(Log.INTAKE_POISON, code="kestrel " * 100)
    assert "kestrel" not in lines.getvalue()
    assert "invalid-event" in lines.getvalue()


def test_an_exception_is_written_without_its_message(lines: io.StringIO) -> None:
    try:
        raise asyncpg.UniqueViolationError("Key (name)=(kestrel) already exists")
    except asyncpg.UniqueViolationError as error:
        note(Log.QUEUE_WORK_FAILED, level=logging.ERROR, error=error)
    line = lines.getvalue()
    assert "kestrel" not in line
    assert "UniqueViolationError at test_telemetry.py" in line


def test_json_lines_are_json() -> None:
    record = logging.LogRecord("tocsin", logging.INFO, "", 0, Log.BUS_AWAY.value, None, None)
    record.fields = {"attempts": 2}
    assert (
        orjson.loads(JsonLines().format(record)).items() >= {"log": "bus.away", "attempts": 2, "level": "info"}.items()
    )


def test_every_log_has_a_name_of_its_own_and_a_process() -> None:
    assert len({log.value for log in Log}) == len(Log)
    assert all("." in log.value for log in Log)
