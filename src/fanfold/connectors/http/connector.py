"""The connector `http`: opens one client per configured web API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from fanfold.connectors.http.client import HttpClient
from fanfold.connectors.http.config import HttpConfig, HttpSecrets
from fanfold.sdk.connector import Connector
from fanfold.sdk.errors import Permanent, TargetUnavailable
from fanfold.sdk.outbound import GuardedTransport, OutboundRules, outbound_rules

_PROBE_SECONDS = 15.0


class HttpConnector(Connector):
    """A web API with a token, a password, a header or a key in its query."""

    name: ClassVar[str] = "http"
    title: ClassVar[str] = "Web API"
    config: ClassVar[type[BaseModel]] = HttpConfig
    secrets: ClassVar[type[BaseModel]] = HttpSecrets

    def __init__(self, rules: OutboundRules | None = None) -> None:
        self._rules = rules or outbound_rules()

    @asynccontextmanager
    async def open(self, config: BaseModel, secrets: BaseModel) -> AsyncGenerator[HttpClient]:
        """Open a client; nothing is sent before its first request."""
        async with GuardedTransport(self._rules) as transport:
            yield HttpClient(
                transport,
                config=HttpConfig.model_validate(config),
                secrets=HttpSecrets.model_validate(secrets),
            )

    async def probe(self, client: Any) -> None:
        """Ask for the probe path; any answer below 500 that accepts the credentials will do."""
        if not isinstance(client, HttpClient):
            raise TypeError(f"HttpConnector probes its own clients, not {type(client).__name__}")
        request = httpx.Request("GET", f"{client.base_url}{client.probe_path}")
        status = await _status_of(client, request)
        host = request.url.host
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Permanent(f"{host} refuses the credentials ({status}).", hint="Enter the secret again.")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TargetUnavailable(f"{host} answered {status}.", hint="The other side is at fault.")


async def _status_of(client: HttpClient, request: httpx.Request) -> int:
    host = request.url.host
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            response = await client.send(request)
            await response.aclose()
    except httpx.ConnectError:
        raise TargetUnavailable(f"Nobody answers at {host}.", reached=False) from None
    except TimeoutError:
        raise TargetUnavailable(f"{host} did not answer within {_PROBE_SECONDS:.0f} s.") from None
    except httpx.HTTPError as error:
        raise TargetUnavailable(f"{host} broke off ({type(error).__name__}).") from None
    return response.status_code
