"""The endpoint we are measured against: FastAPI and aiokafka and nothing else. No token, no validation, no seal.

Run as `python -m tests.bench.bare PORT BOOTSTRAP TOPIC`.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI, Request, Response


def bare_app(bootstrap: str, topic: str) -> FastAPI:
    """POST /single and POST /batch; 202 when all in-sync replicas hold it, as ours."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=1, max_batch_size=1_000_000
        ) as producer:
            app.state.producer = producer
            yield

    app = FastAPI(lifespan=lifespan)

    @app.post("/single")
    async def single(request: Request) -> Response:
        await request.app.state.producer.send_and_wait(topic, await request.body())
        return Response(status_code=202)

    @app.post("/batch")
    async def batch(request: Request) -> Response:
        producer = request.app.state.producer
        sent = [await producer.send(topic, orjson.dumps(event)) for event in orjson.loads(await request.body())]
        await asyncio.gather(*sent)
        return Response(status_code=202)

    return app


if __name__ == "__main__":
    port, bootstrap, topic = sys.argv[1:]
    uvicorn.run(
        bare_app(bootstrap, topic),
        port=int(port),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
