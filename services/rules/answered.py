"""What an answer does to evidence that rings only together: whether what was known before it goes on counting.

"An answer closes the evidence known before it; evidence known after it reopens the same alert, judged on the new evidence
alone" (domain A3a). A rule that counts says how it takes that, in `answered`:

* `closed`, which holds where nothing is said: whatever was known before any answer counts no more.
* `closed once enough`: only an answer that had enough before it closes. One given to a single voice cannot have weighed
  what several say together, and must not silence the next.
* `counts on`: the answer ends what stands, and all of it counts again with whatever follows.

An answer closes by its own clock what was known by then, whenever either arrived, so that any order of arrival gives the
same strands; an answer that is withdrawn joins them again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.rules.findings import State
from services.rules.model import Answered
from services.rules.registry import Found, Raw
from services.rules.situation import Closer

Strand = tuple[Sequence[Raw], Sequence[Closer]]
"""What is complete between two answers, and what may close it."""


def strands(found: Found, closers: Sequence[Closer], answered: Answered) -> Iterator[Strand]:
    """Yield what is complete without anything that an answer closed before it: all in one where none did."""
    answers = sorted({closer.at for closer in closers if _is_answer(closer)})
    if found.complete is None or answered == "counts on" or not answers or answers[0] >= max(map(_known, found.pieces)):
        yield found.raws, closers
        return
    left, since = found.pieces, None
    for at in answers:
        complete = found.complete([raw for raw in left if _known(raw) <= at])
        if complete:
            yield complete, _after(closers, since)
        if complete or answered == "closed":
            left, since = tuple(raw for raw in left if _known(raw) > at), at
    yield found.complete(left), _after(closers, since)


def _is_answer(closer: Closer) -> bool:
    """A lapse says that a condition ended, not that anybody weighed the evidence; what is final closes all that follows."""
    return closer.state is State.ANSWERED and not closer.final and not closer.dated


def _after(closers: Sequence[Closer], since: datetime | None) -> Sequence[Closer]:
    return closers if since is None else [closer for closer in closers if closer.at > since or closer.final]


def _known(raw: Raw) -> datetime:
    """When all of it was known, and not before what it says had happened."""
    return max([raw.start, *(fact.known_at for fact in raw.facts)])
