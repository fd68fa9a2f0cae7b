"""The client of one web API, shared by all attempts of a worker: keeps connections open, adds credentials."""

from __future__ import annotations

import base64
from urllib.parse import quote, quote_plus

import httpx

from fanfold.connectors.http.config import HttpConfig, HttpSecrets
from fanfold.sdk.outbound import origin_of

_SHORTEST_CONCEALED = 4


class HttpClient:
    """Sends requests; what is not for the connection's own origin goes without credentials."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport, *, config: HttpConfig, secrets: HttpSecrets
    ) -> None:
        self.base_url = config.base_url
        self.probe_path = config.probe_path
        self._transport = transport
        self._config = config
        self._secret = secrets.secret
        self._home = origin_of(httpx.URL(config.base_url))

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send once and follow nothing; the body is left unread. Raises `Refused` and what httpx raises."""
        if origin_of(request.url) == self._home:
            self._sign(request)
        return await self._transport.handle_async_request(request)

    def conceal(self, text: str) -> str:
        """Return *text* without the secret, however it may be written."""
        secret = self._secret.get_secret_value()
        if len(secret) < _SHORTEST_CONCEALED:
            return text
        for form in sorted(self._forms(secret), key=len, reverse=True):
            text = text.replace(form, "[redacted]")
        return text

    def _sign(self, request: httpx.Request) -> None:
        secret = self._secret.get_secret_value()
        match self._config.auth:
            case "none":
                return
            case "bearer":
                request.headers["Authorization"] = f"Bearer {secret}"
            case "basic":
                request.headers["Authorization"] = f"Basic {self._basic(secret)}"
            case "header":
                request.headers[self._config.name] = secret
            case "query":
                request.url = request.url.copy_set_param(self._config.name, secret)

    def _forms(self, secret: str) -> set[str]:
        encoded = base64.b64encode(secret.encode()).decode()
        return {secret, quote(secret, safe=""), quote_plus(secret), encoded, self._basic(secret)}

    def _basic(self, secret: str) -> str:
        return base64.b64encode(f"{self._config.username}:{secret}".encode()).decode()
