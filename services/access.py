"""Who a caller is and what they may do: permission by agency and event type, and scopes. Pure.

A caller is what a verified token says, nothing more. Permissions come from the token, because the path of an event
touches no database; what a caller may *see* is another matter, and services.disclosure decides it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.errors import Fault, NotFound, NotPermitted

SOURCE_PREFIX = "urn:tocsin:agency:"
MOST_SOURCES_REMEMBERED = 10_000  # of one caller: a token names few systems, and a hostile one must not fill memory


class Scope(StrEnum):
    """What a token lets its bearer do."""

    WRITE_EVENTS = "events:write"
    BACKFILL = "events:backfill"
    """History: corroborates, never rings."""
    REPLAY = "replay"
    """Under a manual clock, say when an event was received."""
    READ_ALERTS = "alerts:read"
    ACKNOWLEDGE = "alerts:acknowledge"
    MANAGE_WEBHOOKS = "webhooks:manage"
    READ_REVIEWS = "reviews:read"
    """See who might be who: for staff trained for it."""
    DECIDE_REVIEWS = "reviews:decide"
    SUPERVISE_REVIEWS = "reviews:supervise"
    """Withdraw what others decided."""
    PROTECTED = "identity:protected"
    """The named role for sealed identities: say that one is sealed, see it, and link it to another."""
    REVIEW_DEATHS = "chronology:review"
    """A statutory review: see of a person what agreements for that purpose grant, told of or not."""


TRAINED: Final = frozenset(
    {Scope.READ_REVIEWS, Scope.DECIDE_REVIEWS, Scope.SUPERVISE_REVIEWS, Scope.PROTECTED, Scope.REVIEW_DEATHS}
)
"""Given by name only, to clients whose users are trained for it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The bearer of a verified token."""

    client: str
    """Who asked for the token: fit for logs and audit."""
    publishes: Mapping[str, tuple[str, ...]]
    """For each agency it speaks for, the event types: `police.*`, or one type without its version."""
    sources: tuple[str, ...]
    """The sources it may use: each that source and everything below it."""
    scopes: frozenset[str]
    _allowed: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)
    """Agency by (source, type) already found allowed: the same few pairs come again with every event."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """The agencies it speaks for."""
        return tuple(self.publishes)

    def require(self, scope: Scope) -> None:
        """Raise NotPermitted unless the token has the scope."""
        if scope not in self.scopes:
            raise NotPermitted(
                f"The token lacks the scope {scope}.",
                faults=[Fault("", "scope-missing", f"Ask for a token with the scope {scope}.")],
            )

    def publisher(self, source: str, event_type: str) -> str:
        """The agency in whose name this event is published. Raises NotPermitted.

        `event_type` is the full type with its version, already known to the registry.
        """
        agency = self._allowed.get((source, event_type))
        if agency is None:
            agency = self._publisher(source, event_type)
            if len(self._allowed) < MOST_SOURCES_REMEMBERED:
                self._allowed[source, event_type] = agency
        return agency

    def _publisher(self, source: str, event_type: str) -> str:
        agency = agency_of(source)
        if agency is None or agency not in self.publishes or not any(_is_below(source, own) for own in self.sources):
            raise NotPermitted(
                "The source does not belong to this token.",
                faults=[
                    Fault("/source", "foreign-source", f"Use a source of your own: {', '.join(self.sources[:5])}.")
                ],
            )
        name = event_type.rpartition(".v")[0]
        if not any(covers(pattern, name) for pattern in self.publishes[agency]):
            raise NotPermitted(
                "This agency may not publish events of this type.",
                faults=[
                    Fault("/type", "type-not-permitted", f"This agency publishes: {', '.join(self.publishes[agency])}.")
                ],
            )
        return agency

    def acting_agency(self, asked: str | None) -> str:
        """The agency a question is asked for: the one named, or the only one there is.

        A foreign agency is NotFound, not NotPermitted: whether it exists is not told.
        """
        if asked is not None:
            if asked not in self.publishes:
                raise NotFound("No such agency for this token.")
            return asked
        if len(self.publishes) != 1:
            raise NotPermitted(
                "The token speaks for several agencies.",
                faults=[Fault("agency", "agency-needed", "Say for which agency you ask: ?agency=…")],
            )
        return next(iter(self.publishes))


def agency_of(source: str) -> str | None:
    """The agency id in a source `urn:tocsin:agency:<id>` or `urn:tocsin:agency:<id>:<system>`; None if it is neither."""
    if not source.startswith(SOURCE_PREFIX):
        return None
    return source[len(SOURCE_PREFIX) :].partition(":")[0] or None


def default_sources(agencies: Iterable[str]) -> tuple[str, ...]:
    """Every source of these agencies."""
    return tuple(SOURCE_PREFIX + agency for agency in agencies)


def _is_below(source: str, own: str) -> bool:
    # With the colon: `...:police-west` must not open `...:police-west-midlands`.
    return source == own or source.startswith(own + ":")


def covers(pattern: str, name: str) -> bool:
    """Say whether `police.*`, or a type without its version, is or holds this type."""
    if pattern.endswith(".*"):
        return name.startswith(pattern[:-1])
    return name == pattern
