"""HTTP and server-sent events; turns every failure into a `ClientError`.

A request that nobody answered, or that a server could not take just now, is sent again: reads and changes
that may be repeated as they are, creations with one Idempotency-Key for all tries.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx

from fanfold.client.answer import Answer
from fanfold.client.errors import Conflict, NotFound, Refused, Unreachable, refusal

A = TypeVar("A", bound=Answer)

_ERROR = 400
_UNWELL = 503
PAUSES = (0.1, 0.3, 0.9)
"""Seconds before the second, third and fourth try: a server that restarts is back by then."""
_LONGEST_PAUSE = 10.0
"""A server that asks for a longer one is told to the caller instead."""
_KEY_AT_WORK = "idempotency_key_unfinished"
_EVENTS_SILENCE = 45.0
"""The server breathes every 15 seconds; three missed breaths are a lost connection."""


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    name: str
    text: str
    id: str = ""


Request = Callable[[], Awaitable[httpx.Response]]


class Transport:
    """One connection pool to one server, with one token."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 30.0,
        inner: httpx.AsyncBaseTransport | None = None,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.url = url.rstrip("/")
        self._pauses = tuple(pauses)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self._http = httpx.AsyncClient(
                base_url=self.url, headers=headers, timeout=timeout, transport=inner
            )
        except httpx.InvalidURL as error:
            raise Unreachable(f"{url} is not an address: {error}.") from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """Read; None in the query is left out."""
        return await self._send("GET", path, query=query)

    async def report(self, path: str) -> httpx.Response:
        """Read what a server says of itself, which it says with 503 when something is wrong."""
        return await self._send("GET", path, accepted=_UNWELL)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        """Ask for a change; what is sent again is done once."""
        return await self._send("POST", path, body=body or {}, headers={"Idempotency-Key": str(uuid4())})

    async def put(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Replace."""
        return await self._send("PUT", path, body=body)

    async def patch(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Change a part."""
        return await self._send("PATCH", path, body=body)

    async def delete(self, path: str) -> None:
        """Remove."""
        await self._send("DELETE", path)

    async def upload(
        self, path: str, parts: Callable[[], AsyncIterable[bytes]], *, content_type: str
    ) -> httpx.Response:
        """Send a body in pieces, however long it is; *parts* begins it anew for each try."""
        timeout = httpx.Timeout(30.0, read=300.0)

        def request() -> Awaitable[httpx.Response]:
            headers = {"Content-Type": content_type}
            return self._http.put(path, content=parts(), headers=headers, timeout=timeout)

        return await self._persist(request)

    async def pages(
        self, path: str, model: type[A], *, limit: int = 200, counted: str = "total", **query: Any
    ) -> AsyncIterator[A]:
        """Yield every item of a list, page by page; *counted* is the field that says how many there are."""
        offset = 0
        while True:
            page = (await self.get(path, limit=limit, offset=offset, **query)).json()
            for item in page["items"]:
                yield model.model_validate(item)
            offset += len(page["items"])
            if not page["items"] or offset >= page[counted]:
                return

    async def download(self, path: str, **query: Any) -> AsyncGenerator[bytes]:
        """Yield the body in pieces, however long it is."""
        async with self._open(path, query=query, timeout=httpx.Timeout(30.0, read=300.0)) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def events(self, path: str, *, after: str | None = None) -> AsyncGenerator[Event]:
        """Yield server-sent events until the server ends the stream. Raises `Unreachable` when it breaks."""
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        timeout = httpx.Timeout(30.0, read=_EVENTS_SILENCE)
        async with self._open(path, headers=headers, timeout=timeout) as response:
            name, number, lines = "message", "", list[str]()
            async for line in response.aiter_lines():
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line and lines:
                    yield Event(name, "\n".join(lines), number)
                    name, lines = "message", []
                elif field == "event":
                    name = value
                elif field == "id":
                    number = value
                elif field == "data":
                    lines.append(value)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        accepted: int | None = None,
    ) -> httpx.Response:
        content = None if body is None else json.dumps(body, default=str).encode()
        sent = {**(headers or {}), **({} if body is None else {"Content-Type": "application/json"})}

        def request() -> Awaitable[httpx.Response]:
            return self._http.request(method, path, params=_given(query), content=content, headers=sent)

        return await self._persist(request, accepted=accepted, is_removal=method == "DELETE")

    async def _persist(
        self, request: Request, *, accepted: int | None = None, is_removal: bool = False
    ) -> httpx.Response:
        """Return the answer to *request*, which is made anew for each try and may be done twice."""
        pauses, was_lost = iter(self._pauses), False
        while True:
            try:
                response = await request()
            except httpx.TransportError as error:
                pause = next(pauses, None)
                if pause is None or isinstance(error, httpx.TimeoutException):
                    raise self._unreachable(error) from error
                was_lost = True
                await asyncio.sleep(pause)
                continue
            if response.status_code < _ERROR or response.status_code == accepted:
                return response
            refused = refusal(response.status_code, response.content)
            if is_removal and was_lost and isinstance(refused, NotFound):
                # What was lost was the answer to a try before, not the removal.
                return response
            pause, asked = next(pauses, None), _asked_pause(response, refused)
            if pause is None or asked is None:
                raise refused
            await asyncio.sleep(max(asked, pause))

    @asynccontextmanager
    async def _open(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout,
    ) -> AsyncGenerator[httpx.Response]:
        try:
            async with self._http.stream(
                "GET", path, params=_given(query), headers=headers, timeout=timeout
            ) as response:
                if response.status_code >= _ERROR:
                    raise refusal(response.status_code, await response.aread())
                yield response
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.TransportError) -> Unreachable:
        return Unreachable(f"{self.url} does not answer: {error or type(error).__name__}.")


def _asked_pause(response: httpx.Response, refused: Refused) -> float | None:
    """Return for how long to rest before the same may be asked again; None: it would be in vain."""
    if isinstance(refused, Conflict) and refused.code == _KEY_AT_WORK:
        return 0.0
    if response.status_code != _UNWELL:
        return None
    text = response.headers.get("Retry-After", "0")
    asked = float(text) if text.isdecimal() else 0.0
    return asked if asked <= _LONGEST_PAUSE else None


def _given(query: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (query or {}).items() if value is not None}
