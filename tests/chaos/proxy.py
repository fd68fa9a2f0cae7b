"""A TCP proxy that breaks on command: cuts, resets, holds bytes back for ever, slows down, loses answers.

It stands before a TCP address, or before PostgreSQL's socket file; there it reads as much of the protocol as
it needs to know which statement a client has just run or committed.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

CHUNK = 1 << 16


class Mode(StrEnum):
    """What happens to bytes."""

    OPEN = "open"
    HELD = "held"
    """They are taken and not passed on, both ways, and nobody is told: half-open."""
    CUT = "cut"
    """Connections are closed at once."""


@dataclass(slots=True)
class Frontend:
    """What a client of PostgreSQL says, message by message; transactions begin and end by simple queries."""

    buffer: bytes = b""
    begun: bool = False
    statements: dict[bytes, bytes] = field(default_factory=dict)
    running: list[bytes] = field(default_factory=list)
    """The texts that were run since the last commit."""
    in_transaction: bool = False
    unanswered: bool = False
    """Whether the answer to its last commit is to be lost."""

    def commits(self, chunk: bytes) -> list[bytes] | None:
        """Take what the client sent; return the texts that it now commits, None when it does not."""
        self.buffer += chunk
        committed = None
        while (message := self._next()) is not None:
            kind, body = message
            if kind == b"P":
                name, text = body.split(b"\0")[:2]
                self.statements[name] = text
            elif kind == b"B":
                self.running.append(self.statements.get(body.split(b"\0")[1], b""))
            elif kind == b"Q" and body.startswith(b"begin"):
                self.in_transaction = True
            elif kind == b"Q" and body.startswith((b"commit", b"rollback")):
                committed = self.running if body.startswith(b"commit") else committed
                self.in_transaction, self.running = False, []
            elif kind == b"Q":
                self.running.append(body)
        return committed

    def _next(self) -> tuple[bytes, bytes] | None:
        head = 1 if self.begun else 0
        if len(self.buffer) < head + 4:
            return None
        (length,) = struct.unpack_from("!I", self.buffer, head)
        if len(self.buffer) < head + length:
            return None
        kind, body = self.buffer[:head], self.buffer[head + 4 : head + length]
        self.buffer, self.begun = self.buffer[head + length :], True
        return kind, body


Loses = Callable[[list[bytes]], bool]


class FaultProxy:
    """Passes bytes between clients and one server until it is told to misbehave."""

    def __init__(self, upstream: str | tuple[str, int]) -> None:
        self._upstream = upstream
        self._mode = Mode.OPEN
        self._opened = asyncio.Event()
        self._opened.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._delay = 0.0
        self._loses: Loses | None = None
        self._hold_at: bytes | None = None
        self.lost = 0
        """How many commits were carried out whose answers never arrived."""
        self.held = asyncio.Event()
        """Set when `hold_at` has struck."""

    def cut(self) -> None:
        """Close every connection, and every new one at once, until `open`."""
        self._mode = Mode.CUT
        self._drop()

    def hold(self) -> None:
        """Let no byte through and tell nobody, until `open`; then all arrive late.

        Before PostgreSQL a transaction that has begun comes to its end first; see `hold_at` for the others.
        """
        self._mode = Mode.HELD
        self._opened.clear()

    def hold_at(self, word: bytes) -> None:
        """Let a statement in which *word* stands be the last that passes; see `held`."""
        self._hold_at = word

    def open(self) -> None:
        """Pass bytes again, those held back first."""
        self._mode = Mode.OPEN
        self._opened.set()

    def reset(self) -> None:
        """Reset every connection; new ones work."""
        for writer in self._writers:
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._drop()

    def slow(self, delay: float) -> None:
        """Let every chunk take *delay* seconds on its way."""
        self._delay = delay

    def lose_answers(self, loses: Loses) -> None:
        """Close a connection instead of answering its commit when *loses* says so of the statements in it."""
        self._loses = loses

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one client's bytes."""
        frontend = Frontend() if isinstance(self._upstream, str) else None
        ends = {writer}
        with suppress(OSError):
            if self._mode is not Mode.CUT:
                up_reader, up_writer = await self._connect()
                ends.add(up_writer)
                self._writers |= ends
                there = asyncio.create_task(self._pass(reader, up_writer, asks=frontend))
                back = asyncio.create_task(self._pass(up_reader, writer, answers=frontend))
                await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
                there.cancel()
                back.cancel()
        self._writers -= ends
        for end in ends:
            end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, str):
            return await asyncio.open_unix_connection(self._upstream)
        return await asyncio.open_connection(*self._upstream)

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        asks: Frontend | None = None,
        answers: Frontend | None = None,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                frontend = asks or answers
                if frontend is None or not frontend.in_transaction or self.held.is_set():
                    await self._opened.wait()
                if self._delay:
                    await pause(self._delay)
                if answers is not None and answers.unanswered:
                    self.lost += 1
                    return
                if asks is not None:
                    self._listen(asks, asks.commits(chunk))
                writer.write(chunk)
                await writer.drain()

    def _listen(self, client: Frontend, committed: list[bytes] | None) -> None:
        client.unanswered = committed is not None and self._loses is not None and self._loses(committed)
        if self._hold_at is not None and any(self._hold_at in text for text in client.running):
            self._hold_at = None
            self.hold()
            self.held.set()

    def _drop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def proxied(proxy: FaultProxy, *, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Let *proxy* listen while the block runs; yield its port."""
    server = await asyncio.start_server(proxy.serve, host, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        proxy.cut()
        proxy.open()
        server.close()


def before_database(url: str) -> FaultProxy:
    """Return a proxy before the embedded server of *url*."""
    folder = parse_qs(urlsplit(url).query)["host"][0]
    return FaultProxy(f"{folder}/.s.PGSQL.5432")


def before_host(url: str) -> FaultProxy:
    """Return a proxy before an HTTP server."""
    parts = urlsplit(url)
    return FaultProxy((parts.hostname or "", parts.port or 80))


def database_url(url: str, port: int, *, host: str = "127.0.0.1") -> str:
    """Return the address of the embedded server of *url* by way of a proxy."""
    parts = urlsplit(url)
    return f"postgresql://{parts.username}:{parts.password}@{host}:{port}{parts.path}?sslmode=disable"


async def pause(seconds: float) -> None:
    """Let time pass: the one thing that a slow or absent network does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.Event().wait()
