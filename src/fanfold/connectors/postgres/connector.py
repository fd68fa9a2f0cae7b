"""The connector `postgres`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel

from fanfold.connectors.postgres.addresses import database_rules
from fanfold.connectors.postgres.client import PostgresClient
from fanfold.connectors.postgres.config import PostgresConfig, PostgresSecrets
from fanfold.kit.networks import OutboundRules
from fanfold.sdk.connector import Connector

_PROBE_SECONDS = 15


class PostgresConnector(Connector):
    """A PostgreSQL database, for reading."""

    name: ClassVar[str] = "postgres"
    title: ClassVar[str] = "PostgreSQL"
    config: ClassVar[type[BaseModel]] = PostgresConfig
    secrets: ClassVar[type[BaseModel]] = PostgresSecrets

    def __init__(self, rules: OutboundRules | None = None) -> None:
        self._rules = rules or database_rules()

    @asynccontextmanager
    async def open(self, config: BaseModel, secrets: BaseModel) -> AsyncGenerator[PostgresClient]:
        """Open a client; nothing is dialled before its first query."""
        yield PostgresClient(
            PostgresConfig.model_validate(config),
            PostgresSecrets.model_validate(secrets),
            rules=self._rules,
        )

    async def probe(self, client: Any) -> None:
        """Sign in and ask for a one."""
        if not isinstance(client, PostgresClient):
            raise TypeError(f"PostgresConnector probes its own clients, not {type(client).__name__}")
        await client.query("select 1", most_rows=1, within=timedelta(seconds=_PROBE_SECONDS))
