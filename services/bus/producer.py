"""The bus: the only Kafka producer. A publish returns only when all in-sync replicas hold the message."""

import asyncio
import contextlib
import logging
import zlib
from collections import deque
from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from services.bus.message import Message, Position
from services.clock import monotonic
from services.errors import BusUnavailable
from services.kafka import connection_options
from services.settings import Settings
from services.telemetry import Log, note

STOP_SECONDS: Final = 5.0  # for what is accepted to reach the broker when we stop
LOOK_SECONDS: Final = 1.0  # between two looks at the broker's metadata: readiness is at most this stale
LOOK_TIMEOUT_SECONDS: Final = 3.0  # a broker that is well answers in 2 ms
LOOKS_BEFORE_RENEWAL: Final = 30  # then connect anew from the bootstrap servers: the brokers may have moved
START_SECONDS: Final = 10.0  # connecting and fetching a producer id takes 50 ms on a broker that is well
MOST_UNDERWAY: Final = 50_000  # messages sent and not acknowledged; 10 s at full speed, some 100 MB: then 503
BATCH_BYTES: Final = 1_000_000  # of one partition's batch, below the broker's usual limit of 1 MiB
REQUEST_BYTES: Final = 1_000_000  # of one message: the same limit
REQUEST_TIMEOUT_MS: Final = 10_000  # for one request; after it the connection is given up and the batch sent again
RETRY_BACKOFF_MS: Final = 100
METADATA_MAX_AGE_MS: Final = 60_000  # new partitions and leaders are known at the latest after this


class _Ticket:
    """What one caller waits for: the outcome of each of its messages."""

    __slots__ = ("done", "missing", "outcomes")

    def __init__(self, messages: int) -> None:
        late = BusUnavailable("the broker did not acknowledge in time")
        self.outcomes: list[Position | BusUnavailable] = [late] * messages
        self.missing = messages
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, nth: int, outcome: Position | BusUnavailable) -> None:
        self.outcomes[nth] = outcome
        self.missing -= 1
        if not self.missing and not self.done.done():  # done already: the caller gave up
            self.done.set_result(None)


class _Lane:
    """One partition. One record batch is under way at a time; what arrives meanwhile makes up the next."""

    __slots__ = ("partition", "pump", "sent_at", "topic", "waiting")

    def __init__(self, topic: str, partition: int) -> None:
        self.topic = topic
        self.partition = partition
        self.waiting: deque[tuple[Message, _Ticket, int]] = deque()
        self.pump: asyncio.Task[None] | None = None
        self.sent_at: float | None = None
        """When the batch under way was sent, by the monotonic clock."""


class Bus:
    """The producer, and the truth about whether the broker takes messages.

    Idempotent and acks=all, so a retry inside the producer never doubles or reorders. An outage does not lose what was
    accepted here: it goes out when the broker is back, while its caller, told 503, repeats under the same id.

    Records are put into batches here rather than by the producer's own `send`, which costs four times as much for each.
    """

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._patience = settings.publish_timeout_seconds
        self._producer: AIOKafkaProducer | None = None
        self._lanes: dict[str, list[_Lane]] = {}
        self.underway = 0
        """Messages handed over and not yet answered."""
        self._broken = False
        self._unreachable_looks = 0
        self._watch: asyncio.Task[None] | None = None
        self.healthy = False
        """Metadata is reachable, the producer works, and no message has waited for its acknowledgement too long."""
        self.cluster_id = ""
        """Of the Kafka cluster; empty before the first contact."""

    async def start(self) -> None:
        """Connect. A broker that is down is no error: `healthy` says so, and the watch goes on trying."""
        await self._renew()
        self._watch = asyncio.create_task(self._watch_broker(), name="bus-watch")

    async def stop(self) -> None:
        """Send what was accepted, within STOP_SECONDS, and disconnect."""
        await _cancel(self._watch)
        if pumps := [lane.pump for lanes in self._lanes.values() for lane in lanes if lane.pump is not None]:
            await asyncio.wait(pumps, timeout=STOP_SECONDS)
        await self._let_go()

    async def publish(self, message: Message) -> Position:
        """Send one message and return when all in-sync replicas hold it. Raises BusUnavailable."""
        (outcome,) = await self.publish_batch((message,))
        if isinstance(outcome, BusUnavailable):
            raise outcome
        return outcome

    async def publish_batch(self, messages: Sequence[Message]) -> list[Position | BusUnavailable]:
        """Send all before waiting for any; for each message its position, or why it is not known to be held.

        Raises BusUnavailable where nothing was sent.
        """
        if not self.healthy:
            raise BusUnavailable("the broker does not take messages at present")
        if self.underway + len(messages) > MOST_UNDERWAY:
            raise BusUnavailable("too many messages wait for the broker")
        self.underway += len(messages)
        ticket = _Ticket(len(messages))
        try:
            async with asyncio.timeout(self._patience):
                for nth, message in enumerate(messages):
                    lanes = self._lanes.get(message.topic) or await self._open_lanes(message.topic)
                    # Any stable hash of the key will do, and this one is in C, unlike aiokafka's.
                    lane = lanes[zlib.crc32(message.key) % len(lanes)]
                    lane.waiting.append((message, ticket, nth))
                    if lane.pump is None:
                        lane.pump = asyncio.create_task(self._pump(lane))
                await ticket.done
        except TimeoutError:
            self.healthy = False  # the watch will know when it is better
        finally:
            self.underway -= len(messages)
        return ticket.outcomes

    async def _open_lanes(self, topic: str) -> list[_Lane]:
        producer = self._producer
        if producer is None:
            raise BusUnavailable("not connected")
        try:
            partitions = await producer.partitions_for(topic)
        except KafkaError as error:
            raise BusUnavailable("the topic is not there") from error
        if self._producer is not producer:
            raise BusUnavailable("the connection was given up")
        return self._lanes.setdefault(topic, [_Lane(topic, partition) for partition in sorted(partitions)])

    async def _pump(self, lane: _Lane) -> None:
        """Send what waits in a lane until nothing does."""
        try:
            while lane.waiting and self._producer is not None:
                await self._send_batch(self._producer, lane)
        finally:
            lane.pump = None

    async def _send_batch(self, producer: AIOKafkaProducer, lane: _Lane) -> None:
        batch = producer.create_batch()
        taken: list[tuple[_Ticket, int]] = []
        while lane.waiting:
            (_, key, value, headers), ticket, nth = lane.waiting[0]
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                break
            lane.waiting.popleft()
            taken.append((ticket, nth))
        batch.close()
        lane.sent_at = monotonic()
        base_offset = -1
        try:
            held = await (await producer.send_batch(batch, lane.topic, partition=lane.partition))
            base_offset = held.offset
        except KafkaError as error:
            # A producer whose batch failed for good has a hole in its sequence: the next batch would be refused too.
            self._broken, self.healthy = True, False
            note(Log.BUS_AWAY, level=logging.ERROR, error=error, topic=lane.topic, partition=lane.partition)
        finally:
            # Cancelled too: whoever waits is told at once.
            lane.sent_at = None
            for index, (ticket, nth) in enumerate(taken):
                ticket.settle(nth, _outcome(lane, base_offset, index))

    async def _watch_broker(self) -> None:
        """Look at the broker for ever; replace a producer that is broken, or that has not reached it for long."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            was_healthy = self.healthy
            reachable = await self._look()
            self._unreachable_looks = 0 if reachable else self._unreachable_looks + 1
            if self._producer is None or self._broken or self._unreachable_looks >= LOOKS_BEFORE_RENEWAL:
                await self._renew()
            else:
                self.healthy = reachable and not self._overdue()
            if self.healthy != was_healthy:
                level = logging.INFO if self.healthy else logging.ERROR
                note(Log.BUS_BACK if self.healthy else Log.BUS_AWAY, level=level, reachable=reachable)

    def _overdue(self) -> bool:
        now = monotonic()
        sent = [lane.sent_at for lanes in self._lanes.values() for lane in lanes if lane.sent_at is not None]
        return bool(sent) and now - min(sent) > self._patience

    async def _look(self) -> bool:
        if self._producer is None:
            return False
        client = self._producer.client
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_SECONDS):
                reached = bool(await client.force_metadata_update())
        except TimeoutError:
            return False
        for topic, lanes in self._lanes.items():
            # A topic may have grown. It cannot shrink.
            known = client.cluster.partitions_for_topic(topic) or ()
            lanes.extend(_Lane(topic, partition) for partition in range(len(lanes), len(known)))
        return reached

    async def _renew(self) -> None:
        """Put a new producer in place of the old one. What the old one still held was, or is now, answered with 503."""
        await self._let_go()
        producer = AIOKafkaProducer(
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            compression_type=None,  # ciphertext does not compress
            linger_ms=0,  # batches are made here, and ready when sent
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            retry_backoff_ms=RETRY_BACKOFF_MS,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
            **connection_options(self._settings),
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await producer.start()
                metadata = await producer.client.send(producer.client.get_random_node(), MetadataRequest([]))
        except (KafkaError, OSError, TimeoutError) as error:
            note(Log.BUS_AWAY, level=logging.WARNING, error=error)
            await _stop(producer)
            return
        self._producer, self.cluster_id = producer, metadata.cluster_id
        self._broken, self._unreachable_looks, self.healthy = False, 0, True

    async def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        lanes, self._lanes = self._lanes, {}
        self.healthy = False
        for lane in (lane for of_topic in lanes.values() for lane in of_topic):
            await _cancel(lane.pump)
            for _, ticket, nth in lane.waiting:
                ticket.settle(nth, BusUnavailable("the connection was given up"))
        await _stop(producer)


def _outcome(lane: _Lane, base_offset: int, index: int) -> Position | BusUnavailable:
    if base_offset < 0:
        # Also where the broker knows the batch as one it has, but no longer where it stands: there can be no receipt.
        return BusUnavailable("the broker did not say where it holds the message")
    return Position(lane.topic, lane.partition, base_offset + index)


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait([task])


async def _stop(producer: AIOKafkaProducer | None) -> None:
    """Stop, but not for ever: with the broker gone, aiokafka would wait for it to take what is pending."""
    if producer is None:
        return
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
