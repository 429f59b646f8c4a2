"""How every client of ours reaches Kafka: addresses, SASL and TLS, the cluster's id, and topics created as declared."""

import ssl
from collections.abc import Iterable
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.helpers import create_ssl_context

from schemas.topics import Topic
from services.errors import BusUnavailable
from services.settings import Settings
from services.telemetry import Log, note

REQUEST_TIMEOUT_MS = 10_000  # creating topics on a cold broker has taken 3 s


def connection_options(settings: Settings) -> dict[str, Any]:
    """The keyword arguments by which aiokafka's producer, consumer and admin client reach and trust the brokers."""
    password = settings.kafka_sasl_password
    return {
        "bootstrap_servers": settings.kafka_bootstrap_servers,
        "security_protocol": settings.kafka_security_protocol,
        "ssl_context": _ssl_context(settings),
        "sasl_mechanism": settings.kafka_sasl_mechanism or "PLAIN",
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": password.get_secret_value() if password else None,
    }


def _ssl_context(settings: Settings) -> ssl.SSLContext | None:
    if not settings.kafka_security_protocol.endswith("SSL"):
        return None
    context: ssl.SSLContext = create_ssl_context(
        cafile=settings.kafka_ssl_cafile, certfile=settings.kafka_ssl_certfile, keyfile=settings.kafka_ssl_keyfile
    )
    return context


async def create_topics(settings: Settings, topics: Iterable[Topic]) -> None:
    """Create what is missing, as declared; what exists is left as it is. Raises BusUnavailable."""
    wanted = [_new_topic(settings, topic) for topic in topics]
    admin = AIOKafkaAdminClient(request_timeout_ms=REQUEST_TIMEOUT_MS, **connection_options(settings))
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [topic for topic in wanted if topic.name not in existing]
        response = await admin.create_topics(missing) if missing else None
    except (KafkaError, OSError) as error:
        raise BusUnavailable("the topics could not be created") from error
    finally:
        await admin.close()
    for name, code, *_ in response.topic_errors if response else ():
        failure = for_code(code)
        if failure is TopicAlreadyExistsError:
            continue  # another process of ours was quicker
        if code:
            raise BusUnavailable(f"a topic could not be created: {failure.__name__}")
        note(Log.BUS_TOPIC_CREATED, topic=name)


async def cluster_id(settings: Settings) -> str:
    """The id of the cluster the brokers belong to: offsets mean nothing in another. Raises BusUnavailable."""
    admin = AIOKafkaAdminClient(request_timeout_ms=REQUEST_TIMEOUT_MS, **connection_options(settings))
    try:
        await admin.start()
        described = await admin.describe_cluster()
    except (KafkaError, OSError) as error:
        raise BusUnavailable("the cluster could not be asked for its id") from error
    finally:
        await admin.close()
    return str(described["cluster_id"])


def _new_topic(settings: Settings, topic: Topic) -> NewTopic:
    new = NewTopic(settings.topic_prefix + topic.name, topic.partitions, 1, topic_configs=dict(topic.config))
    # Set afterwards: the class refuses -1, "as the cluster is configured", which brokers have understood since Kafka 2.4.
    new.replication_factor = settings.topic_replication
    return new
