"""The connector `amc`: opens one client per login."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from urllib.request import getproxies

import httpx
from pydantic import BaseModel

from fanfold.connectors.amc.client import AmcClient, Surroundings
from fanfold.connectors.amc.config import AmcConfig, AmcSecrets
from fanfold.connectors.amc.downloads import LINK_FILTER, Downloader
from fanfold.connectors.amc.tokens import TokenSource
from fanfold.connectors.amc.transport import Pause, Transport
from fanfold.kit.clock import Clock, SystemClock
from fanfold.sdk.connector import Connector

_TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=60.0)
# What AMC has not acknowledged after so long is dropped: on a line that comes back it would still arrive,
# when another worker has long submitted it anew. Linux alone can do this.
_ARRIVAL_MS = 5000
_SOCKET_OPTIONS = (
    [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _ARRIVAL_MS)]
    if hasattr(socket, "TCP_USER_TIMEOUT")
    else None
)
_LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30.0)


class AmcConnector(Connector):
    """Amazon Marketing Cloud by Login with Amazon."""

    name: ClassVar[str] = "amc"
    title: ClassVar[str] = "Amazon Marketing Cloud"
    config: ClassVar[type[BaseModel]] = AmcConfig
    secrets: ClassVar[type[BaseModel]] = AmcSecrets

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        pause: Pause = asyncio.sleep,
        http_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._pause = pause
        self._http_transport = http_transport

    @asynccontextmanager
    async def open(self, config: BaseModel, secrets: BaseModel) -> AsyncGenerator[AmcClient]:
        """Open a client; nothing is sent before its first call."""
        amc_config = AmcConfig.model_validate(config)
        amc_secrets = AmcSecrets.model_validate(secrets)
        logging.getLogger("httpx").addFilter(LINK_FILTER)
        endpoints = amc_config.endpoints
        async with self._http(endpoints.base_url) as api, self._http("") as storage:
            tokens = TokenSource(
                api,
                token_url=endpoints.token_url,
                client_id=amc_config.client_id,
                secrets=amc_secrets,
                clock=self._clock,
            )
            transport = Transport(
                api, tokens, client_id=amc_config.client_id, clock=self._clock, pause=self._pause
            )
            yield AmcClient(
                transport,
                downloader=Downloader(storage, pause=self._pause, clock=self._clock),
                tokens=tokens,
                surroundings=Surroundings(amc_config.region, self._clock, self._pause),
            )

    async def probe(self, client: Any) -> None:
        """Sign in, then list the accounts; the failure's text names the step."""
        if not isinstance(client, AmcClient):
            raise TypeError(f"AmcConnector probes its own clients, not {type(client).__name__}")
        await client.sign_in()
        await client.list_accounts()

    def _http(self, base_url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=base_url,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            transport=self._http_transport or _direct_transport(),
        )


def _direct_transport() -> httpx.AsyncBaseTransport | None:
    # A transport of our own would pass by the proxies of the environment; to a proxy the line is short.
    if getproxies():
        return None
    return httpx.AsyncHTTPTransport(limits=_LIMITS, socket_options=_SOCKET_OPTIONS)
