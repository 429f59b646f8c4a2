"""The bus: the only Kafka producer, the topics as declared, and the one pair of functions that seals and opens events.

On Kafka an event is ciphertext: AES-256-GCM under the random key of its day, so that Kafka, its disks and its backups
never hold a name. The nonce is the first 12 bytes of the value; the associated data bind the ciphertext to the event's
source, id and type, which travel in the headers. A publish returns only when all in-sync replicas hold the message.
"""

import asyncio
import contextlib
import hmac
import logging
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest
from aiokafka.structs import RecordMetadata
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.errors import BusUnavailable, Poison
from services.kafka import connection_options
from services.settings import Settings
from services.telemetry import Log, note

Headers = list[tuple[str, bytes]]  # a list, because aiokafka insists on one

NONCE_BYTES: Final = 12  # what AES-GCM is specified for; random, and a day's key sees far fewer than 2^32 messages
STOP_SECONDS: Final = 5.0  # for what is accepted to reach the broker when we stop
LOOK_SECONDS: Final = 1.0  # between two looks at the broker's metadata: readiness is at most this stale
LOOK_TIMEOUT_SECONDS: Final = 3.0  # a broker that is well answers in 2 ms
LOOKS_BEFORE_RENEWAL: Final = 30  # then connect anew from the bootstrap servers: the brokers may have moved
START_SECONDS: Final = 10.0  # connecting and fetching a producer id takes 50 ms on a broker that is well
MOST_UNDERWAY: Final = 50_000  # messages sent and not acknowledged; 10 s at full speed, some 100 MB: then 503
LINGER_MS: Final = 1  # gathers what arrives together into one request; costs a single post at most this
BATCH_BYTES: Final = 1_000_000  # of one partition's batch, below the broker's usual limit of 1 MiB
REQUEST_BYTES: Final = 1_000_000  # of one message: the same limit
REQUEST_TIMEOUT_MS: Final = 10_000  # for one request; after it the connection is given up and the batch sent again
RETRY_BACKOFF_MS: Final = 100
METADATA_MAX_AGE_MS: Final = 60_000  # new partitions and leaders are known at the latest after this


class Message(NamedTuple):
    """One record to publish."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class Position(NamedTuple):
    """Where a message stands on the bus."""

    topic: str
    partition: int
    offset: int


class DayKey(NamedTuple):
    """The key of one day (of real time, UTC), under which that day's events are sealed."""

    id: str
    cipher: AESGCM


def partition_key(secret: bytes, agency: str, event_id: str, people: Iterable[Mapping[str, Any]]) -> bytes:
    """What keeps one agency's events about one person, and all duplicates of an event, in one partition.

    An HMAC, so that the key in clear on Kafka names nobody: of the agency with its own id of the subject, else with
    an identifier of the subject, else with the event id.
    """
    about = f"{agency}|event|{event_id}"
    for person in people:
        if person.get("role") == "subject":
            if own_id := person.get("own_id"):
                about = f"{agency}|own|{own_id}"
            elif identifiers := person.get("identifiers"):
                # The least one, so that the order in which a system lists them does not matter.
                about = "|".join((agency, "id", *min((i["system"], i["value"]) for i in identifiers)))
            break
    return hmac.digest(secret, about.encode(), "sha256")[:16]


def seal_event(event: Mapping[str, Any], *, topic: str, key: bytes, day_key: DayKey, received_at: str) -> Message:
    """Make the Kafka message of a whole structured CloudEvent. `received_at` is an ISO instant in UTC."""
    source, event_id, event_type = event["source"].encode(), event["id"].encode(), event["type"].encode()
    nonce = os.urandom(NONCE_BYTES)
    sealed = day_key.cipher.encrypt(nonce, orjson.dumps(event), b"|".join((source, event_id, event_type)))
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", event_type),
        ("ce_source", source),
        ("ce_id", event_id),
        ("receivedat", received_at.encode()),
        ("key_id", day_key.id.encode()),
        ("content-type", b"application/cloudevents+json"),
    ]
    return Message(topic, key, nonce + sealed, headers)


def open_event(value: bytes | None, headers: Headers, keys: Mapping[str, AESGCM]) -> dict[str, Any]:
    """The whole CloudEvent of a message, with `receivedat` as its header says; `keys` by key id.

    Raises Poison: header-missing, no-content, key-unknown (destroyed after retention, or never ours), seal-broken
    (it was altered, or its headers were) or not-json.
    """
    named = dict(headers)
    try:
        bound = b"|".join((named["ce_source"], named["ce_id"], named["ce_type"]))
        key_id, received_at = named["key_id"].decode(), named["receivedat"].decode()
    except (KeyError, UnicodeDecodeError):
        raise Poison("header-missing") from None
    if value is None or len(value) <= NONCE_BYTES:
        raise Poison("no-content")
    cipher = keys.get(key_id)
    if cipher is None:
        raise Poison("key-unknown")
    try:
        event: dict[str, Any] = orjson.loads(cipher.decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], bound))
    except InvalidTag:
        raise Poison("seal-broken") from None
    except orjson.JSONDecodeError:
        raise Poison("not-json") from None
    event["receivedat"] = received_at
    return event


class Bus:
    """The producer, and the truth about whether the broker takes messages.

    Idempotent and acks=all, so a retry inside the producer never doubles or reorders. An outage does not lose what the
    producer has accepted: it goes out when the broker is back, while its caller, told 503, repeats under the same id.
    """

    def __init__(self, settings: Settings, *, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._patience = settings.publish_timeout_seconds
        self._producer: AIOKafkaProducer | None = None
        self.cluster_id = ""
        """Of the Kafka cluster; empty before the first contact."""
        self._partitions: dict[str, int] = {}
        self._underway = 0
        self._overdue: set[asyncio.Future[RecordMetadata]] = set()
        self._broken = False
        self._reachable = False
        self._unreachable_looks = 0
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect. A broker that is down is no error: `healthy` says so, and the watch goes on trying."""
        await self._renew()
        self._watch = asyncio.create_task(self._watch_broker(), name="bus-watch")

    async def stop(self) -> None:
        """Send what was accepted, within STOP_SECONDS, and disconnect."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await _stop(self._producer)
        self._producer = None

    @property
    def healthy(self) -> bool:
        """Metadata is reachable, the producer works, and no message has waited for its acknowledgement too long."""
        return self._reachable and not self._broken and not self._overdue

    async def publish(self, message: Message) -> Position:
        """Send one message and return when all in-sync replicas hold it. Raises BusUnavailable."""
        producer = self._usable()
        self._underway += 1
        sent: asyncio.Future[RecordMetadata] | None = None
        try:
            async with asyncio.timeout(self._patience):
                partition = await self._partition(producer, message)
                sent = await producer.send(
                    message.topic, message.value, message.key, partition=partition, headers=message.headers
                )
                # Shielded: at a time-out the message stays with the producer, and its fate tells when we are well again.
                held = await asyncio.shield(sent)
        except (KafkaError, TimeoutError) as error:
            raise self._failed(error, sent) from error
        finally:
            self._underway -= 1
        return self._position(held)

    async def publish_batch(self, messages: Sequence[Message]) -> list[Position | BusUnavailable]:
        """Send all before waiting for any; for each message its position, or why it is not known to be held."""
        producer = self._usable()
        groups: dict[tuple[str, int], list[int]] = {}
        try:
            async with asyncio.timeout(self._patience):
                for index, message in enumerate(messages):
                    place = message.topic, await self._partition(producer, message)
                    groups.setdefault(place, []).append(index)
        except (KafkaError, TimeoutError) as error:
            raise self._failed(error, None) from error
        self._underway += len(messages)
        outcomes: list[Position | BusUnavailable] = [BusUnavailable("not sent")] * len(messages)
        try:
            await asyncio.gather(
                *(
                    self._publish_group(producer, place, indexes, messages, outcomes)
                    for place, indexes in groups.items()
                )
            )
        finally:
            self._underway -= len(messages)
        return outcomes

    async def _publish_group(
        self,
        producer: AIOKafkaProducer,
        place: tuple[str, int],
        indexes: Sequence[int],
        messages: Sequence[Message],
        outcomes: list[Position | BusUnavailable],
    ) -> None:
        """Send the messages of one partition as record batches of our own making: a quarter of the cost of send()."""
        topic, partition = place
        done = 0
        sent: asyncio.Future[RecordMetadata] | None = None
        try:
            async with asyncio.timeout(self._patience):
                while done < len(indexes):
                    batch = producer.create_batch()
                    for index in indexes[done:]:
                        _, key, value, headers = messages[index]
                        if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                            break
                    batch.close()
                    sent = await producer.send_batch(batch, topic, partition=partition)
                    held = await asyncio.shield(sent)
                    for nth in range(batch.record_count()):
                        outcomes[indexes[done + nth]] = self._position(held, nth)
                    done += batch.record_count()
        except (KafkaError, TimeoutError) as error:
            failure = self._failed(error, sent)
            for index in indexes[done:]:
                outcomes[index] = failure
        except BusUnavailable as failure:
            for index in indexes[done:]:
                outcomes[index] = failure

    def _usable(self) -> AIOKafkaProducer:
        if self._producer is None or not self.healthy:
            raise BusUnavailable("the broker does not take messages at present")
        if self._underway >= MOST_UNDERWAY:
            raise BusUnavailable("too many messages are waiting for the broker")
        return self._producer

    async def _partition(self, producer: AIOKafkaProducer, message: Message) -> int:
        """The partition of the message's key: any stable hash will do, and this one is in C, unlike aiokafka's."""
        count = self._partitions.get(message.topic)
        if count is None:
            count = self._partitions[message.topic] = len(await producer.partitions_for(message.topic))
        return zlib.crc32(message.key) % count

    @staticmethod
    def _position(held: RecordMetadata, nth: int = 0) -> Position:
        if held.offset < 0:
            # The broker knows the batch as an earlier one of ours but no longer where it stands: no receipt without that.
            raise BusUnavailable("the broker holds the message but cannot say where")
        return Position(held.topic, held.partition, held.offset + nth)

    def _failed(self, error: Exception, sent: asyncio.Future[RecordMetadata] | None) -> BusUnavailable:
        if isinstance(error, TimeoutError):
            if sent is not None and not sent.done():
                self._overdue.add(sent)
                sent.add_done_callback(self._arrived_late)
            return BusUnavailable("the broker did not acknowledge in time")
        # A producer whose batch failed for good has a hole in its sequence: the next batch would be refused too.
        self._broken = True
        return BusUnavailable(f"the broker refused: {type(error).__name__}")

    def _arrived_late(self, sent: asyncio.Future[RecordMetadata]) -> None:
        self._overdue.discard(sent)
        if not sent.cancelled() and sent.exception() is not None:
            self._broken = True

    async def _watch_broker(self) -> None:
        """Look at the broker for ever; replace a producer that is broken, or that has not reached it for long."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            was_healthy = self.healthy
            self._reachable = await self._look()
            self._unreachable_looks = 0 if self._reachable else self._unreachable_looks + 1
            if self._producer is None or self._broken or self._unreachable_looks >= LOOKS_BEFORE_RENEWAL:
                await self._renew()
            if self.healthy != was_healthy:
                level = logging.INFO if self.healthy else logging.ERROR
                log = Log.BUS_BACK if self.healthy else Log.BUS_AWAY
                note(log, level=level, reachable=self._reachable, overdue=len(self._overdue))

    async def _look(self) -> bool:
        if self._producer is None:
            return False
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_SECONDS):
                reached = bool(await self._producer.client.force_metadata_update())
        except TimeoutError:
            return False
        if reached:
            self._partitions.clear()  # a topic may have grown
        return reached

    async def _renew(self) -> None:
        """Put a new producer in place of the old one. What the old one still held was answered with 503."""
        old, self._producer = self._producer, None
        self._partitions.clear()
        await _stop(old)
        self._overdue.clear()
        self._unreachable_looks = 0
        producer = AIOKafkaProducer(
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            compression_type=None,  # ciphertext does not compress
            linger_ms=LINGER_MS,
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
            self._reachable = False
            return
        self._producer, self._reachable, self._broken = producer, True, False
        self.cluster_id = metadata.cluster_id


async def _stop(producer: AIOKafkaProducer | None) -> None:
    """Stop, but not for ever: with the broker gone, aiokafka would wait for it to take what is pending."""
    if producer is None:
        return
    with contextlib.suppress(TimeoutError, KafkaError):
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
