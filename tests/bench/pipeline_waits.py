"""How long events wait until everybody they mark has been judged, by the commit times that the database keeps."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.db import Pool

KEEP_COMMIT_TIMES: Final = {"track_commit_timestamp": "on"}
"""Setting of PostgreSQL that this needs."""
ALWAYS_MARK: Final = ["prison.visit.held", "police.incident.logged", "childrens-social-care.visit.made"]
"""Types of the traffic after which all whom they name are judged each time."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from a given moment until the judgement that saw the event was committed."""

    seconds: tuple[float, ...]
    """In order."""
    unseen: int
    """Events for which no judgement was found."""

    def within(self, share: float) -> float:
        """Return the seconds within which this share of the events was judged."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


async def waits(pool: Pool, since: Mapping[str, datetime]) -> Waits:
    """Return how long those of these events waited that always mark somebody; `since` is from when on, by id.

    An event counts as judged when the last of the people it names has been: in the first evaluation of each that began
    after the event was stored.
    """
    asked = await pool.fetch(
        """
        SELECT e.id, pg_xact_commit_timestamp(e.xmin) AS stored, array_agg(DISTINCT b.person_id) AS persons
        FROM unnest($1::text[]) AS g (id) JOIN events e USING (id) JOIN mentions m USING (event_key)
        JOIN membership b USING (record_id)
        WHERE e.type = ANY($2::text[]) GROUP BY e.id, stored
        """,
        list(since),
        ALWAYS_MARK,
    )
    begun, ended = await _judgements(pool, min(since.values()))
    found = []
    for event, stored, persons in asked:
        places = [(person, bisect_left(begun[person], stored)) for person in persons]
        if all(place < len(begun[person]) for person, place in places):
            judged = max(ended[person][place] for person, place in places)
            found.append((judged - since[event]).total_seconds())
    return Waits(tuple(sorted(found)), len(asked) - len(found))


Moments = Mapping[int, list[datetime]]
"""By person, in order."""


async def _judgements(pool: Pool, since: datetime) -> tuple[Moments, Moments]:
    """Return when the evaluations of each person began, and when they were committed."""
    rows = await pool.fetch(
        """
        SELECT clock, pg_xact_commit_timestamp(xmin) AS done, persons FROM evaluations WHERE clock >= $1 ORDER BY clock
        """,
        since,
    )
    begun: dict[int, list[datetime]] = defaultdict(list)
    ended: dict[int, list[datetime]] = defaultdict(list)
    for clock, done, persons in rows:
        for person in persons:
            begun[person].append(clock)
            ended[person].append(done)
    return begun, ended
