"""The envelope of an event: CloudEvents 1.0 around data that every type shares a part of."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, StringConstraints
from pydantic_core import from_json

from schemas.clocks import UNKNOWN, Instant, KnownWhen, When
from schemas.closed import Closed, many, written
from schemas.handling import Grade, Handling, SealedText
from schemas.people import MAX_PEOPLE, Person, PersonMention
from schemas.relations import MAX_RELATIONSHIPS, AgencySource, Cites, EventId, Relationship

MAX_EVENT_BYTES: Final = 65_536
"""Bytes of one event. CloudEvents promises that 64 KiB passes every intermediary, and no more than that."""
MAX_BATCH_EVENTS: Final = 100
"""Events in one batch: where the cost of a request has stopped to matter, and little to send again after a lost answer."""
MAX_BATCH_BYTES: Final = 1_048_576
"""Bytes of one batch: a hundred events of ten times the usual size."""
MAX_DEPTH: Final = 16
"""Levels of nesting. The deepest type has 8; more is a mistake or an attack on the parser."""

TYPE_PATTERN: Final = r"^[a-z]+(?:-[a-z]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*){2}\.v[1-9][0-9]{0,3}$"


class JsonRefused(ValueError):
    """Bytes that are no JSON we read. `code` and `fix` never repeat the input."""

    def __init__(self, code: str, fix: str) -> None:
        super().__init__(fix)
        self.code = code
        self.fix = fix


def read_json(body: bytes, *, limit: int) -> Any:  # noqa: ANN401 - JSON is anything until a model has read it
    """Parse strict JSON (UTF-8, no NaN) of at most `limit` bytes.

    Nesting is bounded by the parser (about 200 levels); models then refuse whatever they do not define.

    Raises:
        JsonRefused: too large, not JSON, or nested beyond reason.
    """
    if len(body) > limit:
        raise JsonRefused("too-large", f"Send at most {limit} bytes.")
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        if "recursion" in str(error):
            raise JsonRefused("too-deep", f"Nest at most {MAX_DEPTH} levels.") from None
        raise JsonRefused("not-json", "Send one JSON value in UTF-8.") from None


def depth(value: object) -> int:
    """Levels of nesting, counted without recursion."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
    return deepest


class CloudEvent(Closed):
    """An event as it is posted: who says it (`source`), under which name (`id`), and what (`type`, `data`).

    `source` and `id` together name the event for ever: the same pair with the same content is the same event.
    """

    specversion: Literal["1.0"]
    id: EventId
    source: AgencySource
    type: Annotated[str, written(TYPE_PATTERN, "Write sector.subject.happened.v1.", most=120)]
    """`sector.subject.happened.vN`, such as `police.message.reported.v1`."""
    time: Instant | None = None
    """When the sending system made the event. The clocks that count are in `data`."""
    subject: (
        Annotated[
            str, written(r"^[A-Za-z0-9][A-Za-z0-9 ._~:/-]*$", "Write letters, digits and . _ ~ : / - only.", most=100)
        ]
        | None
    ) = None
    """The sender's own reference, if it wants one back. Never a name."""
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Annotated[str, StringConstraints(max_length=200)] | None = None
    traceparent: Annotated[str, StringConstraints(max_length=100)] | None = None
    tracestate: Annotated[str, StringConstraints(max_length=512)] | None = None
    receivedat: Instant | None = None
    """Replays only: when the gateway is to have received it. Needs a manual clock and the `replay` scope."""
    data: dict[str, Any]


StaffRef = Annotated[str, written(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "Write letters, digits and . _ - only.", most=40)]
"""The agency's own reference for a member of staff. Never a name."""


class Informant(Closed):
    """From whom the sending agency has it at first hand, if not from its own act.

    A person of this event or a member of staff by the agency's own reference, not both. An agency told by another agency names
    that one's informant and that agency as `origin`.
    """

    ref: Person | None = None
    """The `ref` of somebody in `people`."""
    staff: StaffRef | None = None
    """Your own reference for a member of staff, never a name."""
    origin: AgencySource | None = None
    """The agency the informant belongs to, where that is not the sender: its `source`."""


def _with_examples(schema: dict[str, Any], model: type["EventData"]) -> None:
    schema["examples"] = list(model.examples)


class EventData(Closed):
    """What every event says, whatever its type. Times: see schemas.clocks."""

    model_config = ConfigDict(json_schema_extra=_with_examples)

    wire_type: ClassVar[str] = ""
    """`sector.subject.happened`, set by schemas.events.declared.event, as are the others here."""
    wire_version: ClassVar[int] = 1
    is_report: ClassVar[bool] = False
    """Whether rules treat it as a report by somebody about a subject (then it has exactly one `subject`)."""
    answers: ClassVar[frozenset[str]] = frozenset()
    """What events of this type can answer: `csc-decision`, `checks` ... (schemas.events.declared.Answer)."""
    carries_flags: ClassVar[bool] = False
    """Whether the record should show the flags that stand, so that leaving one out is a contradiction."""
    examples: ClassVar[tuple[dict[str, Any], ...]] = ()
    """Valid, invented data of this type, as published in its JSON Schema."""

    occurred: When = UNKNOWN
    """When it happened. Left out or null: not known. It is never taken to be known_at: say so if it is."""
    known_at: KnownWhen
    """When the agency learned it. Live events: an instant. Later than it is received: counts as known then."""
    recorded_at: KnownWhen
    """When it was put on the agency's system. Live events: an instant."""
    people: Annotated[tuple[PersonMention, ...], many(MAX_PEOPLE, least=1)]
    """Everybody the event is about or names, each under a `ref` of its own."""
    relationships: Annotated[tuple[Relationship, ...], many(MAX_RELATIONSHIPS)] = ()
    """What they are said to be to each other, one claim each."""
    grade: Grade | None = None
    """3x5x2 of the information, such as `2C`. Left out: not graded."""
    informant: Informant | None = None
    """Left out: the sender's own act or observation."""
    recorded_by: Literal["lead"] | None = None
    """`lead`: recorded by the officer or team that holds a lead role for the subject, hence not a report."""
    handling: Handling
    """What it may be used for, on what legal basis."""
    cites: Cites = ()
    """Earlier events this one rests on or answers."""
    text: SealedText | None = None
    """Free text. Sealed: no rule reads it and no view shows it."""
    origin: AgencySource | None = None
    """The agency that had it first, if another one."""
