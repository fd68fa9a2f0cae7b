"""HTTP and server-sent events; turns every failure into a `ClientError`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import httpx

from fanfold.client.errors import Unreachable, refusal
from fanfold.client.models import Answer

A = TypeVar("A", bound=Answer)

_ERROR = 400
_UNWELL = 503
_EVENTS_SILENCE = 45.0
"""The server breathes every 15 seconds; three missed breaths are a lost connection."""


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    name: str
    text: str


class Transport:
    """One connection pool to one server, with one token."""

    def __init__(
        self, url: str, token: str, *, timeout: float = 30.0, inner: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
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
        """Ask for a change."""
        return await self._send("POST", path, body=body or {})

    async def put(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        """Replace."""
        return await self._send("PUT", path, body=body)

    async def delete(self, path: str) -> None:
        """Remove."""
        await self._send("DELETE", path)

    async def pages(self, path: str, model: type[A], *, limit: int = 200, **query: Any) -> AsyncIterator[A]:
        """Yield every item of a list, page by page."""
        offset = 0
        while True:
            page = (await self.get(path, limit=limit, offset=offset, **query)).json()
            for item in page["items"]:
                yield model.model_validate(item)
            offset += len(page["items"])
            if not page["items"] or offset >= page["total"]:
                return

    async def download(self, path: str, **query: Any) -> AsyncIterator[bytes]:
        """Yield the body in pieces, however long it is."""
        async with self._open(path, query=query, timeout=httpx.Timeout(30.0, read=300.0)) as response:
            async for piece in response.aiter_bytes():
                yield piece

    async def events(self, path: str) -> AsyncIterator[Event]:
        """Yield server-sent events until the server ends the stream. Raises `Unreachable` when it breaks."""
        timeout = httpx.Timeout(30.0, read=_EVENTS_SILENCE)
        async with self._open(path, headers={"Accept": "text/event-stream"}, timeout=timeout) as response:
            name, lines = "message", list[str]()
            async for line in response.aiter_lines():
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line and lines:
                    yield Event(name, "\n".join(lines))
                    name, lines = "message", []
                elif field == "event":
                    name = value
                elif field == "data":
                    lines.append(value)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        accepted: int | None = None,
    ) -> httpx.Response:
        try:
            response = await self._http.request(method, path, params=_given(query), json=body)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if response.status_code >= _ERROR and response.status_code != accepted:
            raise refusal(response.status_code, response.content)
        return response

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


def _given(query: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (query or {}).items() if value is not None}
