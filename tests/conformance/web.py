"""A real HTTP server on localhost that answers as a test lays out and keeps what it was asked."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from fanfold.sdk.outbound import OutboundRules

LOCALHOST = OutboundRules.of(["127.0.0.0/8"])


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """One answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False

    def content(self) -> bytes:
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return gzip.compress(raw) if self.packed else raw


Answerer = Callable[[Asked], Says]


class Web:
    """What the server does; paths that nobody laid out get 200 and an empty object."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.host = "127.0.0.1"
        self.asked: list[Asked] = []
        self._seen = asyncio.Condition()
        self._answers: dict[str, list[Says | Answerer]] = {}
        self._silent: set[str] = set()

    def lay(self, path: str, *answers: Says | Answerer) -> None:
        """Answer so at *path*, one after the other; the last stays."""
        self._answers[path] = list(answers)

    def be_silent(self, path: str) -> None:
        """Never answer at *path*."""
        self._silent.add(path)

    async def until_asked(self, path: str) -> None:
        """Return when *path* was asked for."""
        async with self._seen:
            await self._seen.wait_for(lambda: any(one.path == path for one in self.asked))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        asked = await _read(scope, receive)
        self.asked.append(asked)
        async with self._seen:
            self._seen.notify_all()
        if asked.path in self._silent:
            await _until_gone(receive)
            return
        says = self._next(asked)
        headers = {"content-type": "application/json", **says.headers}
        if says.packed:
            headers["content-encoding"] = "gzip"
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": says.status, "headers": raw})
        await send({"type": "http.response.body", "body": says.content()})

    def _next(self, asked: Asked) -> Says:
        waiting = self._answers.get(asked.path) or [Says(body={})]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer if isinstance(answer, Says) else answer(asked)


async def _read(scope: Any, receive: Any) -> Asked:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    return Asked(scope["method"], scope["raw_path"].decode(), query, headers, body)


async def _until_gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@asynccontextmanager
async def running_web() -> AsyncIterator[Web]:
    """Serve for the length of the block, in this event loop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        web = Web(listener.getsockname()[1])
        config = uvicorn.Config(web, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[listener])
        try:
            yield web
        finally:
            await server.shutdown(sockets=[listener])
