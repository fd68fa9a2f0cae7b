"""What surrounds every request: its id, its line in the log, its last resort, the headers for browsers."""

from __future__ import annotations

import logging
import re
import time
from types import TracebackType
from typing import Any
from uuid import UUID, uuid4

import structlog
from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fanfold.web.errors import answer_http, answer_unexpected

log = logging.getLogger("fanfold.http")

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_STREAM_BYTES = 1024 * 1024 * 1024
"""Of what is read piece by piece and never held as a whole."""
_STREAMED = re.compile(r"/batch/jobs/[^/]+/operations")
_ID_HEADER = "x-request-id"
_SLOW_MS = 1_000
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LEAST_ERROR = 400
_RAW_HEADERS = [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class RequestScope:
    """Gives each request an id, logs its end, and answers what nobody else did."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive=receive, send=send)
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            async with exchange:
                exchange.refuse_large_body()
                await self._app(scope, exchange.receive, exchange.send)


class _Exchange:
    """One request and what became of it."""

    def __init__(self, scope: Scope, *, receive: Receive, send: Send) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._started = time.perf_counter()
        self._status: int | None = None
        self._received = 0
        streamed = scope["method"] == "PUT" and _STREAMED.fullmatch(scope["path"])
        self._most = MAX_STREAM_BYTES if streamed else MAX_BODY_BYTES
        self._headers = Headers(scope=scope)
        self.request_id = _request_id(self._headers.get(_ID_HEADER))
        scope["request_id"] = self.request_id

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        answered = isinstance(error, Exception) and await self._answer(error)
        self._log_end()
        return answered

    def refuse_large_body(self) -> None:
        """Refuse a body that is announced as too large before any of it is read."""
        announced = self._headers.get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._most:
            raise HTTPException(413)

    async def receive(self) -> Message:
        """Pass a message on, as long as the body is not too large."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._most:
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        """Pass a message on, its headers completed."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [*message["headers"], *_RAW_HEADERS, (_ID_HEADER.encode(), self.request_id.encode())]
            if not any(name == b"cache-control" for name, _ in headers):
                headers.append((b"cache-control", b"no-store"))
            message = {**message, "headers": headers}
        await self._send(message)

    async def _answer(self, error: Exception) -> bool:
        # Once an answer has begun, nothing better can be sent than its sudden end.
        request, begun = Request(self._scope), self._status is not None
        if isinstance(error, HTTPException) and not begun:
            response = await answer_http(request, error)
        else:
            log.error("http.failed", exc_info=error, extra=self._fields())
            response = answer_unexpected(request)
        if not begun:
            await response(self._scope, self._receive, self.send)
        return not begun

    def _log_end(self) -> None:
        milliseconds = round((time.perf_counter() - self._started) * 1000, 1)
        # Polls are many and say little: they are told only to who asks for DEBUG.
        quiet = (
            self._scope["method"] in _SAFE_METHODS
            and (self._status or 0) < _LEAST_ERROR
            and milliseconds < _SLOW_MS
        )
        level = logging.DEBUG if quiet else logging.INFO
        if log.isEnabledFor(level):
            log.log(
                level,
                "http.request",
                extra={**self._fields(), "status": self._status, "duration_ms": milliseconds},
            )

    def _fields(self) -> dict[str, Any]:
        # The path alone: a query may hold a one-time code.
        client = self._scope.get("client")
        return {
            "method": self._scope["method"],
            "path": self._scope["path"],
            "client": client[0] if client else None,
        }


def _request_id(given: str | None) -> str:
    try:
        return str(UUID(given)) if given else str(uuid4())
    except ValueError:
        return str(uuid4())
