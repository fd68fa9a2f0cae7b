"""An httpx transport that connects to the very address it has checked.

The check stands in the connecting itself: each new connection, also after a redirect, resolves the name,
drops every address that is not allowed and dials one that is left. No second look-up can change the answer
in between (DNS rebinding). TLS still proves the name. Proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, cast

import httpcore
import httpx
from typing_extensions import override

from fanfold.kit.networks import OutboundRules, addresses_of
from fanfold.sdk.outbound.errors import NameUnknown, Refused

_ERRORS = (
    "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout", "ConnectError", "ReadError", "WriteError",
    "UnsupportedProtocol", "LocalProtocolError", "RemoteProtocolError",
)  # fmt: skip
_UNKNOWN = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
_HOST = re.compile(rb"[\w.-]+|[0-9A-Fa-f:.]+")
_WHY = "its address is not public, or the port is not among the allowed ones."
_ALLOW = "An operator may allow it with FANFOLD_HTTP_ALLOWED_NETWORKS."


class GuardedTransport(httpx.AsyncBaseTransport):
    """Carries requests to allowed addresses only. Raises `Refused`, `NameUnknown` and what httpx raises."""

    def __init__(self, rules: OutboundRules, *, max_connections: int = 32, keep_alive: float = 30.0) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=max_connections,
            keepalive_expiry=keep_alive,
            network_backend=_Guard(rules),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and return its answer, the body still to be read."""
        if request.url.scheme not in {"http", "https"}:
            raise Refused("Only http and https addresses can be called.")
        if not _HOST.fullmatch(request.url.raw_host):
            raise Refused("The address names no host.")
        if request.url.userinfo:
            raise Refused(
                "The address carries a user or a password.", hint="Keep credentials in a connection."
            )
        # `vars`, because both libraries declare their extensions without the types inside.
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=vars(request)["extensions"],
        )
        async with _translated():
            answer = await self._pool.handle_async_request(sent)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer), extensions=vars(answer)["extensions"]
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    """Return scheme, host and port: what two addresses share that may see the same credentials."""
    return url.scheme, url.host.lower().rstrip("."), url.port or (443 if url.scheme == "https" else 80)


class _Guard(httpcore.AsyncNetworkBackend):
    """Dials allowed addresses."""

    def __init__(self, rules: OutboundRules) -> None:
        self._rules = rules
        # httpcore defines it twice, the second time for machines without anyio, which httpx needs anyway.
        self._network = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, check, and connect to what was checked."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in await self._allowed(host, port, timeout=timeout):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait between the pool's own tries."""
        await self._network.sleep(seconds)

    async def _allowed(self, host: str, port: int, *, timeout: float | None) -> list[str]:
        found = await _resolved(host, port, timeout=timeout)
        if self._rules.trusts_host(host):
            return found
        checked = addresses_of(found)
        allowed = [str(address) for address in checked if self._rules.allows(address, port=port)]
        if not allowed:
            raise Refused(f"{host} may not be called on port {port}: {_WHY}", hint=_ALLOW)
        return allowed


async def _resolved(host: str, port: int, *, timeout: float | None) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno in _UNKNOWN:
            raise NameUnknown(f"There is no host {host}.", hint="Check the address for a typo.") from None
        raise httpcore.ConnectError(f"{host} cannot be resolved now") from error
    except UnicodeError:
        raise Refused(f"{host} is no host name.") from None
    except TimeoutError:
        raise httpcore.ConnectTimeout(f"{host} was not resolved in time") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with _translated():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        async with _translated():
            await self._answer.aclose()


@asynccontextmanager
async def _translated() -> AsyncGenerator[None]:
    try:
        yield
    except tuple(_translations()) as error:
        raise _translations()[type(error)](str(error)) from error


@cache
def _translations() -> dict[type[Exception], type[httpx.HTTPError]]:
    return {getattr(httpcore, name): getattr(httpx, name) for name in _ERRORS}


@cache
def _tls() -> ssl.SSLContext:
    # Made once: reading the certificates costs more than a request. SSL_CERT_FILE names the operator's own.
    return httpx.create_ssl_context()
