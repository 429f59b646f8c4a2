"""Running the app: uvicorn with every option that matters stated."""

import socket
from typing import Final

import uvicorn

from gateway.app import create_app, in_front
from services.memory import settle
from services.settings import Settings

BACKLOG: Final = 2048  # connections the kernel holds while we are busy: a burst waits instead of being refused
IDLE_SECONDS: Final = 75  # a kept connection; longer than a load balancer's 60, so that it is not we who hang up first
DRAIN_SECONDS: Final = 15  # for requests under way when we are told to stop; a publish gives up after ten


class OwnProcess(uvicorn.Server):
    """uvicorn's server, with the memory that lives as long as the process put out of the collector's sight."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then settle."""
        await super().startup(sockets)
        settle()


def server(settings: Settings, *, own_process: bool = True) -> uvicorn.Server:
    """The HTTP server, not yet started: `await server.serve()` runs until SIGTERM, then drains.

    `own_process`: nothing else runs here, so the garbage collector may be set for it.
    """
    config = uvicorn.Config(
        in_front(create_app(settings)),
        host=settings.gateway_host,
        port=settings.gateway_port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,  # gateway.front writes one that holds no paths
        log_config=None,  # services.telemetry is set up by then
        server_header=False,
        proxy_headers=False,  # nothing here believes a header about where a request came from
        backlog=BACKLOG,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    return OwnProcess(config) if own_process else uvicorn.Server(config)
