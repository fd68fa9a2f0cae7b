"""Who carries a request: a connection's client, or a transport of the attempt's own when there is none."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

import httpx

from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outbound import GuardedTransport, OutboundRules, origin_of


class HttpRemote(Protocol):
    """What this kind needs from a client; the connector `http` offers it, and so may another."""

    @property
    def base_url(self) -> str:
        """What relative addresses continue; empty when there is nothing to continue."""
        ...

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send once, with credentials if they belong to its origin; follow nothing; leave the body unread.

        Raises the SDK's failures, or what httpx raises.
        """
        ...

    def conceal(self, text: str) -> str:
        """Return *text* without the connection's secrets."""
        ...


class _Anonymous:
    """Sends without credentials."""

    base_url = ""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)

    def conceal(self, text: str) -> str:
        return text


@asynccontextmanager
async def remote_of(context: Context, rules: OutboundRules) -> AsyncGenerator[HttpRemote]:
    """Open what carries the attempt's requests."""
    if context.target.connection_id is not None:
        yield await context.connect()
        return
    async with GuardedTransport(rules, max_connections=2) as transport:
        yield _Anonymous(transport)


def absolute(address: str, remote: HttpRemote) -> httpx.URL:
    """Return the whole address. Raises `Permanent` when it is no web address, or not the connection's."""
    base = remote.base_url.rstrip("/")
    if address.startswith("//") or not (address.startswith("/") or "://" in address):
        raise Permanent("The address begins neither with http(s):// nor with a slash.")
    url = httpx.URL(address if "://" in address else f"{base}{address}")
    if url.scheme not in {"http", "https"} or not url.host:
        hint = "Write the whole address, or give the target a connection of the connector http."
        raise Permanent("The address names no host that http or https could reach.", hint=hint)
    if url.userinfo:
        raise Permanent("The address carries a user or a password.", hint="Keep them in a connection.")
    if base and not _within(url, httpx.URL(base)):
        raise Permanent(
            "The address lies outside of the target's connection.",
            hint="Write it as a path that continues the connection's address, such as /items.",
        )
    return url


def _within(url: httpx.URL, base: httpx.URL) -> bool:
    # Paths as they are sent: an encoded slash is none.
    path, home = (one.raw_path.partition(b"?")[0].rstrip(b"/") for one in (url, base))
    return origin_of(url) == origin_of(base) and (path == home or path.startswith(home + b"/"))
