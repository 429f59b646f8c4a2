"""A gateway on real servers, and callers of it over real HTTP."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import uvicorn
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.structs import TopicPartition
from fastapi import FastAPI

from deploy.embedded.ports import free_ports
from gateway.front import Front
from gateway.serve import server
from gateway.state import Gateway
from services.access import Scope, default_sources
from services.bus.sealed import open_event
from services.db import Pool, hot_transaction
from services.issuer.store import Client, put_client
from services.receipts.sign import read_receipt, receipt_key
from services.sealing.store import day_keys
from services.settings import Settings
from tests.polling import until

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
WMP = "police-west-midlands"
CSC = "csc-birmingham"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def codes(self) -> set[tuple[str, str]]:
        """Pointer and code of each fault."""
        return {(fault["pointer"], fault["code"]) for fault in self.body.get("errors", ())}


@dataclass
class Caller:
    """Somebody with a token, or without."""

    session: aiohttp.ClientSession
    url: str
    token: str | None = None

    async def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = dict(headers or {})
        if self.token is not None:
            sent["authorization"] = f"Bearer {self.token}"
        content = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        data = io.BytesIO(content) if content is not None else None  # aiohttp warns of large bytes
        async with self.session.request(method, self.url + path, data=data, headers=sent) as response:
            content = await response.read()
            parsed = orjson.loads(content) if "json" in response.headers.get("content-type", "") else content
            return Answer(response.status, response.headers, parsed)

    async def get(self, path: str) -> Answer:
        return await self.call("GET", path)

    async def post(self, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        return await self.call("POST", path, body, headers or {"content-type": "application/json"})

    async def event(self, event: object, path: str = "/v1/events") -> Answer:
        return await self.post(path, event, STRUCTURED)

    async def batch(self, events: Sequence[object], path: str = "/v1/events") -> Answer:
        return await self.post(path, events, BATCH)


@dataclass
class Running:
    """One gateway, and what stands behind it."""

    settings: Settings
    server: uvicorn.Server
    app: FastAPI
    pool: Pool
    session: aiohttp.ClientSession
    url: str

    @property
    def gateway(self) -> Gateway:
        found: Gateway = self.app.state.gateway
        return found

    def nobody(self) -> Caller:
        return Caller(self.session, self.url)

    def bearer(self, token: str) -> Caller:
        return Caller(self.session, self.url, token)

    async def caller(
        self,
        publishes: Mapping[str, Sequence[str]] | None = None,
        *,
        scopes: Sequence[str] = tuple(Scope),
        sources: Sequence[str] | None = None,
        name: str = "records",
    ) -> Caller:
        """A client of the development issuer, with a token from it."""
        publishes = publishes or {WMP: ["police.*"]}
        client = Client(name, publishes, sources or default_sources(publishes), list(scopes))
        async with hot_transaction(self.pool) as connection:
            secret = await put_client(connection, client, replace=True)
        form = f"grant_type=client_credentials&client_id={name}&client_secret={secret}"
        answer = await self.nobody().post(
            "/oauth/token", form.encode(), {"content-type": "application/x-www-form-urlencoded"}
        )
        assert answer.status == 200, answer.body
        return self.bearer(answer.body["access_token"])

    async def record(self, answer: Answer, agency: str = WMP) -> ConsumerRecord[bytes, bytes]:
        """The Kafka record that a receipt stands for."""
        key = receipt_key(self.settings.master_key_bytes)
        position = read_receipt(key, self.gateway.bus.cluster_id, agency, answer.body["receipt"])
        assert position is not None
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            place = TopicPartition(position.topic, position.partition)
            consumer.assign([place])
            consumer.seek(place, position.offset)
            return await asyncio.wait_for(consumer.getone(), 10)
        finally:
            await consumer.stop()

    async def opened(self, record: ConsumerRecord[bytes, bytes]) -> dict[str, Any]:
        """The event of a record."""
        async with hot_transaction(self.pool) as connection:
            keys = await day_keys(connection, self.settings)
        return open_event(record.value, list(record.headers), keys)


@asynccontextmanager
async def running(settings: Settings, pool: Pool, *, ready: bool = True) -> AsyncIterator[Running]:
    """Serve until the block ends; unless told otherwise, wait until it would accept an event."""
    (port,) = free_ports(1)
    serving = server(settings.model_copy(update={"gateway_port": port}), own_process=False)
    task = asyncio.create_task(_serve(serving))
    try:
        await until(lambda: serving.started or task.done(), timeout_seconds=60, what="the gateway's start")
        async with aiohttp.ClientSession() as session:
            in_front = serving.config.app
            assert isinstance(in_front, Front)
            assert isinstance(in_front.app, FastAPI)
            made = Running(settings, serving, in_front.app, pool, session, f"http://127.0.0.1:{port}")
            if ready:
                await until(lambda: is_ready(made), timeout_seconds=60, what="readiness")
            yield made
    finally:
        serving.should_exit = True
        await task


async def _serve(serving: uvicorn.Server) -> None:
    try:
        await serving.serve()
    except SystemExit as left:  # which would end pytest
        raise RuntimeError("the gateway did not start; its log says why") from left


async def is_ready(gateway: Running) -> bool:
    return (await gateway.nobody().get("/health/ready")).status == 200
