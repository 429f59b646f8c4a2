"""Logs that help an operator and betray nobody.

Every line has a name from `Log` and a few plain fields. A CloudEvents `id` or `subject`, a name, or anything a sender
wrote never stands in a log: field names that would carry them are withheld, and of an exception only its type and place
are written, because messages of pydantic and PostgreSQL quote the value they dislike.
"""

import logging
import sys
import traceback
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Literal, TypeAlias

import orjson

from services.clock import real_now

Value = str | int | float | bool | datetime | None

WITHHELD_FIELDS = frozenset(
    {"id", "subject", "event_id", "data", "body", "input", "value", "name", "names", "address", "telephone", "text"}
)
TEXT_LIMIT = 200  # characters: our own codes and names are shorter, somebody's free text is not


class Log(StrEnum):
    """Every log line there is. Sorted by process; add yours here with a sentence."""

    PROCESS_STARTED = "process.started"  # with the settings as shown()
    PROCESS_STOPPED = "process.stopped"  # drained
    PROCESS_CUT_SHORT = "process.cut-short"  # told to stop, it waited for a server that is away; rolled back
    PROCESS_FAILED = "process.failed"  # ended by an error nobody expected

    DATABASE_AWAY = "database.away"  # a worker waits for PostgreSQL; said once a minute
    DATABASE_CONFLICT = "database.conflict"  # two transactions met; rerun
    DATABASE_SLOW = "database.slow"  # a statement ran into its time limit; rerun a few times

    BUS_AWAY = "bus.away"  # Kafka did not answer
    BUS_BACK = "bus.back"  # Kafka answers again
    BUS_BEHIND = "bus.behind"  # events wait to be taken in or resolved: pages an operator
    BUS_TOPIC_CREATED = "bus.topic-created"
    BUS_KEY_MADE = "bus.key-made"  # the day key of a coming day
    BUS_KEY_DESTROYED = "bus.key-destroyed"

    GATEWAY_REQUEST = "gateway.request"  # one request: route, status, client, milliseconds
    GATEWAY_REQUESTS = "gateway.requests"  # a count of the same: route, status, client
    GATEWAY_UNLISTED = (
        "gateway.unlisted"  # a count of words that no rule reads: client, type, field. Their sender is told
    )
    GATEWAY_FAILED = "gateway.failed"  # a 500
    GATEWAY_IDS_TRIED = "gateway.ids-tried"  # a client asked for many ids that are not there for it: pages an operator

    INTAKE_BATCH = "intake.batch"  # counts
    INTAKE_POISON = "intake.poison"  # reason, topic, partition, offset
    INTAKE_STOPPED = "intake.stopped"  # too much poison: somebody has to look
    INTAKE_GAP = "intake.gap"  # an offset is missing

    IDENTITY_CROWD = "identity.crowd"  # so many records hang together that only strong links join: somebody has to look
    IDENTITY_COUNTS = "identity.counts"  # by which count of the bus's own names this process scores from now on
    IDENTITY_OUTDATED = "identity.outdated"  # who is held waits to be judged anew by this release: pages an operator

    QUEUE_WORK_FAILED = "queue.work-failed"  # will be tried again

    JUDGE_INCOMPLETE = "judge.incomplete"  # pages an operator
    JUDGE_RELEASE = "judge.release"  # these rules are in force now; everybody is judged again
    JUDGE_STOOD_DOWN = "judge.stood-down"  # other rules are in force than this process was started with
    REVIEW_OVERDUE = "review.overdue"  # items of the review queue that nobody decided in time
    ALERT_RAISED = "alert.raised"
    ALERT_ENDED = "alert.ended"
    ALERT_UNHEARD = "alert.unheard"  # pressing, it stands, and was told to nobody

    COURIER_SENT = "courier.sent"
    COURIER_FAILED = "courier.failed"
    COURIER_BREAKER_OPEN = "courier.breaker-open"  # an endpoint fails again and again
    LADDER_CLIMBED = "ladder.climbed"  # the next rung is told; above the last one it is an error
    LADDER_STUCK = "ladder.stuck"  # the auditor found alerts that nothing would have driven on
    AUDIT_SEALED = "audit.sealed"


def note(log: Log, *, level: int = logging.INFO, error: BaseException | None = None, **fields: Value) -> None:
    """Write one line."""
    logger = logging.getLogger("tocsin")
    if logger.isEnabledFor(level):
        place = (type(error), error, error.__traceback__) if error else None
        logger.log(
            level, log.value, extra={"fields": {key: _fit(key, value) for key, value in fields.items()}}, exc_info=place
        )


def _fit(key: str, value: Value) -> Value:
    if key in WITHHELD_FIELDS:
        return "[withheld]"
    if isinstance(value, str) and len(value) > TEXT_LIMIT:
        return f"[withheld: {len(value)} characters]"
    return value


ExceptionInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Plain(logging.Formatter):
    """What both formats share: exceptions without their messages."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        """Type and place only."""
        return _type_and_place(ei[0], ei[2])

    def fields(self, record: logging.LogRecord) -> dict[str, Value]:
        found: dict[str, Value] = getattr(record, "fields", {})
        return found


def _type_and_place(kind: type[BaseException] | None, where: TracebackType | None) -> str:
    frames = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(where)
    ]
    return f"{kind.__name__ if kind else 'no exception'} at {' > '.join(frames)}"


class JsonLines(_Plain):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": real_now(),
            "level": record.levelname.lower(),
            "log": record.getMessage(),
            "logger": record.name,
            **self.fields(record),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class ConsoleLines(_Plain):
    """Short lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        fields = " ".join(f"{key}={value}" for key, value in self.fields(record).items())
        error = f" {self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{real_now():%H:%M:%S} {record.levelname.lower():7} {record.getMessage()} {fields}{error}".rstrip()


def set_up(log_format: Literal["json", "console"], level: str) -> None:
    """Send all logs to standard error; the libraries only when they warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else ConsoleLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("tocsin").setLevel(level.upper())
