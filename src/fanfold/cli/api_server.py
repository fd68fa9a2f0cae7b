"""The API and the UI, served by uvicorn in this process and event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import uvicorn

from fanfold.cli.exits import CannotStart

_CLOSING_SECONDS = 3
"""How long requests under way may take at the end."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- read, not listened on
"""Who listens on every address is reached from here by the local one."""


@asynccontextmanager
async def serving(
    app: Callable[..., Any], listener: socket.socket, *, before_stop: Callable[[], None]
) -> AsyncGenerator[str]:
    """Serve *app* while the block runs; yield its URL. Raises `CannotStart`.

    *before_stop* ends what never ends by itself, for the server waits for requests under way.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.ready_or_ended(task)
        yield _url(*listener.getsockname()[:2])
    finally:
        before_stop()
        server.should_exit = True
        with suppress(SystemExit):
            await task


class _Server(uvicorn.Server):
    """Leaves the signals to the process that it is a part of, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._serving = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as error:
            # How uvicorn ends when the start fails, which it has logged; no task may raise it.
            raise CannotStart("The API did not start; see its messages above.") from error
        self._serving.set()

    async def ready_or_ended(self, task: asyncio.Task[None]) -> None:
        waiting = asyncio.create_task(self._serving.wait())
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if task.done():
            task.result()


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound; port 0 takes a free one. Raises `CannotStart`."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or error
        raise CannotStart(f"Cannot listen on {host} port {port}: {reason}; choose another --port.") from error


def _url(host: str, port: int) -> str:
    if host in _EVERYWHERE:
        host = _EVERYWHERE[host]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
