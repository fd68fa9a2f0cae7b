"""Uvicorn with three additions: it tells when it is up, leaves signals alone, and lets a fault cut a
connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from amcsim.http.operation import DROP, ConnectionDropped

_NO_LINGER = struct.pack("ii", 1, 0)


class CuttableProtocol(H11Protocol):
    """HTTP/1.1 whose application finds a function in its scope that resets the connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        inner = self.app

        async def app(scope: Any, *channels: Any) -> None:
            scope[DROP] = self._cut
            with contextlib.suppress(ConnectionDropped):
                await inner(scope, *channels)

        self.app = app

    def _cut(self) -> None:
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self.transport.abort()


class Server(uvicorn.Server):
    """A server whose `ready` event is set once it listens; signals belong to whoever runs it."""

    def __init__(self, config: uvicorn.Config, *, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening and say so."""
        await super().startup(sockets)
        self._on_ready()

    def stop(self) -> None:
        """Finish what is under way, then leave `serve`."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield


def build_server(app: Any, *, on_ready: Callable[[], None]) -> Server:
    """Return a quiet server for *app*."""
    config = uvicorn.Config(
        app,
        http=CuttableProtocol,
        log_level="error",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )
    return Server(config, on_ready=on_ready)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one."""
    # Named TCP, so that asyncio switches off Nagle's delay: without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    listener.settimeout(0)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the base URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{host}:{port}"


async def serve(server: Server, listener: socket.socket) -> None:
    """Serve until `server.should_exit`."""
    try:
        await server.serve(sockets=[listener])
    finally:
        listener.close()
        await asyncio.sleep(0)
