"""The topics: what is on them, who may read them, how long, and in which order.

Names are without the installation's prefix (settings.topic_prefix). PostgreSQL is the record: a topic only has to keep
an event until every reader has surely had it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from schemas.events.declared import SECTORS

EVENT_PARTITIONS: Final = 4
"""Workers that can share one sector. More later is possible, but then one person's events change partition once."""

RETENTION: Final = timedelta(days=7)
"""A week's outage of all correlators loses nothing. The day keys are kept for as long, then destroyed."""

EVENT_KEY: Final = (
    "HMAC of agency and its own person id, else of a valid identifier of the subject, else of the event id"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One Kafka topic as declared."""

    name: str
    partitions: int
    retention: timedelta
    key: str
    """What decides the partition, hence the order."""
    carries: str
    owner: str
    """The process that writes it."""
    readers: tuple[str, ...]
    sealed: bool
    """Whether values are ciphertext under a day key."""
    compacted: bool = False
    """The newest message of each key is kept for ever, earlier ones are not: who replays it has the present state."""

    @property
    def config(self) -> Mapping[str, str]:
        """Settings of the topic on the broker."""
        return MappingProxyType(
            {
                "retention.ms": "-1" if self.compacted else str(int(self.retention.total_seconds() * 1_000)),
                "cleanup.policy": "compact" if self.compacted else "delete",
                "max.message.bytes": "1048588",
                "message.timestamp.type": "LogAppendTime",
            }
        )


def events_topic(sector: str) -> Topic:
    """The topic of one sector's events; KeyError if there is no such sector."""
    return _EVENT_TOPICS[sector]


def alerts_topic(agency: str) -> Topic:
    """The topic on which one agency's analysts see that agency's view of alerts."""
    return Topic(
        name=f"tocsin.alerts.{agency}",
        partitions=1,  # analysts read in order, and an agency has a few alerts an hour
        retention=RETENTION,
        key="alert id",
        carries="the agency's view of an alert, without names",
        owner="notifier",
        readers=(agency,),
        sealed=False,
    )


def notices_topic(agency: str) -> Topic:
    """The topic on which one agency is told what became of its own events, where nobody need ask."""
    return Topic(
        name=f"tocsin.notices.{agency}",
        partitions=1,
        retention=RETENTION,
        key="number of the notice",
        carries="which of the agency's own events were not taken in, as another stands under their source and id; by receipt",
        owner="correlator",
        readers=(agency,),
        sealed=False,
    )


_EVENT_TOPICS: Final = {
    sector: Topic(
        name=f"tocsin.events.{sector}",
        partitions=EVENT_PARTITIONS,
        retention=RETENTION,
        key=EVENT_KEY,
        carries=f"events from {who}",
        owner="gateway",
        readers=("correlator",),
        sealed=True,
    )
    for sector, (who, _) in SECTORS.items()
}

BACKFILL: Final = Topic(
    name="tocsin.backfill",
    partitions=EVENT_PARTITIONS,
    retention=RETENTION,
    key=EVENT_KEY,
    carries="history: it corroborates and never rings",
    owner="gateway",
    readers=("correlator",),
    sealed=True,
)

IDENTITY_CHANGES: Final = Topic(
    name="tocsin.identity.changes",
    partitions=1,  # merges and splits make sense only in order
    retention=RETENTION,
    key="person id",
    carries="what each person id stands for now, where that is not itself; ids only, and none that is sealed",
    owner="correlator",
    readers=("analysts",),
    sealed=False,
    compacted=True,
)

DEAD_LETTERS: Final = Topic(
    name="tocsin.dead-letter",
    partitions=1,
    retention=RETENTION,
    key="topic and partition it came from",
    carries="messages that cannot be taken in, as they were, with the reason in a header",
    owner="correlator",
    readers=("operators",),
    sealed=True,
)

TOPICS: Final = (*_EVENT_TOPICS.values(), BACKFILL, IDENTITY_CHANGES, DEAD_LETTERS)
"""Every topic that exists before there is an agency. Topics of alerts and of notices come with the agencies."""
