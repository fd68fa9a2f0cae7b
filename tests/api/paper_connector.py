"""A connector whose systems are made of paper: it opens, closes and fails as a test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, SecretStr

from fanfold.sdk.connector import Connector


class PaperConfig(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    port: int = 443


class PaperSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    refresh_token: SecretStr


class PaperClient:
    def __init__(self, config: PaperConfig, secrets: PaperSecrets) -> None:
        self.host = config.host
        self.token = secrets.refresh_token.get_secret_value()
        self.closed = False


class PaperConnector(Connector):
    name: ClassVar[str] = "amc"
    title: ClassVar[str] = "Paper"
    config: ClassVar[type[BaseModel]] = PaperConfig
    secrets: ClassVar[type[BaseModel]] = PaperSecrets

    def __init__(self) -> None:
        self.clients: list[PaperClient] = []
        self.open_error: Exception | None = None
        self.probe_error: Exception | None = None

    @asynccontextmanager
    async def open(self, config: BaseModel, secrets: BaseModel) -> AsyncIterator[PaperClient]:
        if self.open_error is not None:
            raise self.open_error
        assert isinstance(config, PaperConfig)
        assert isinstance(secrets, PaperSecrets)
        client = PaperClient(config, secrets)
        self.clients.append(client)
        try:
            yield client
        finally:
            client.closed = True

    async def probe(self, client: Any) -> None:
        assert not client.closed
        if self.probe_error is not None:
            raise self.probe_error
