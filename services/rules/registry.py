"""The words and predicates that rule files may use, by the name they use them by.

Words are the engine's own vocabulary ("subject is flagged"); predicates are what one rule needs and the kinds cannot
say, under a name and a version (`order_eligible@1`). Both are typed, reviewed Python, pure over a `View`. A name that
is not here is an error when the rule is loaded.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from services.chronology.facts import Fact
from services.rules.situation import Closer, Holding, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.words.times import Clock

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Raw:
    """Evidence as a source finds it, before windows and conditions are applied."""

    start: datetime
    received: datetime
    facts: tuple[Fact, ...]
    possible: bool = False
    wake: datetime | None = None
    """Given where the source knows it; else start and the rule's window decide."""
    anew: bool = False
    """It answers what came before, and begins the next window."""
    grounds: tuple[Fact, ...] = ()
    """Facts it needs beside what is reported, e.g. the question that was answered."""
    sign: str = ""
    """What kind of sign it is, where a rule counts different kinds."""


@dataclass(frozen=True, slots=True)
class Found:
    """One candidate: a situation and its evidence."""

    situation: Situation
    raws: tuple[Raw, ...]
    tag: str = ""
    steps: tuple[tuple[str, datetime], ...] = ()
    closers: tuple[Closer, ...] = ()
    """What closes this candidate by its own nature, e.g. a date that was moved."""
    pieces: tuple[Raw, ...] = ()
    """Where evidence rings only together: each by itself, of which `raws` are what is complete."""
    complete: "Complete | None" = None
    """Says what is complete of some of the pieces; None where each rings by itself."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of `for_each`: what it is, and the facts that make it one."""

    value: object
    received: datetime | None = None
    facts: tuple[Fact, ...] = ()


Complete = Callable[[Sequence[Raw]], tuple[Raw, ...]]
Possible = Callable[[View], bool]

# The last argument of each is the value the rule file gives with the word; None if it gives none.

Source = Callable[[View, Clock, Any], Iterable[Found]]
"""Finds candidates."""
State = Callable[[View, Situation, datetime, Any], Holding | None]
"""Says whether a condition holds at a moment, or from when on."""
OfEvent = Callable[[View, Fact, datetime, Any], Holding | None]
"""Says whether something is true of an event at its own moment."""
Closing = Callable[[View, Situation, object, Clock, Any], Iterable[Closer]]
"""Finds answers or lapses of a situation; the third argument is the element of `for_each`."""
Each = Callable[[View, Situation, Any], Sequence[Element]]
"""Lists what a rule looks at one by one."""
Answerers = Callable[[View, Situation, datetime, Any], Sequence[str]]
"""Names the agencies that would have to publish an answer, at a moment."""
Test = Callable[[Standing, Any], bool]
"""Says whether a condition holds of a finding in the making."""
Agencies = Callable[[Standing, Any], Sequence[str]]
"""Names the agencies a rule speaks of."""
Detail = Callable[[Standing], Sequence[str]]
"""Gives a list that views may show: refs of the anchor's event, or record ids as text."""


@dataclass(slots=True)
class Registry(Generic[F]):
    """Names to functions of one sort."""

    sort: str
    known: dict[str, F] = field(default_factory=dict)
    possible: dict[str, Possible] = field(default_factory=dict)
    """Of some: a cheap look at a case that says whether it can say anything there at all."""
    needs: dict[str, Types] = field(default_factory=dict)
    """Of some: what must be in a case, one of these at least, for it to say anything there."""

    def __call__(self, name: str, *, possible: Possible | None = None, needs: Types | None = None) -> Callable[[F], F]:
        """Register a function under the name rule files use.

        Where none of `needs` is in a case, or `possible` says no of it, the function holds never and finds nothing; rules
        that ask for it are not run then.

        Raises:
            ValueError: the name is taken.
        """

        def register(function: F) -> F:
            if name in self.known:
                raise ValueError(f"{self.sort} {name!r} is defined twice")
            self.known[name] = function
            if possible is not None:
                self.possible[name] = possible
            if needs is not None:
                self.needs[name] = needs
            return function

        return register

    def find(self, name: str) -> F:
        """Return the function of this name.

        Raises:
            LookupError: there is none; the message lists those there are.
        """
        try:
            return self.known[name]
        except KeyError:
            raise LookupError(f"unknown {self.sort} {name!r}; known are: {', '.join(sorted(self.known))}") from None


over_findings: set[str] = set()
"""Words that read what other rules found: only rules of the second stratum may use them."""

sources: Registry[Source] = Registry("source")
states: Registry[State] = Registry("state")
of_event: Registry[OfEvent] = Registry("word for an event")
closings: Registry[Closing] = Registry("answer or lapse")
answerers: Registry[Answerers] = Registry("set of answering agencies")
eachs: Registry[Each] = Registry("list for for_each")
tests: Registry["Test"] = Registry("condition")
agencies: Registry["Agencies"] = Registry("set of agencies")
details: Registry["Detail"] = Registry("detail")
