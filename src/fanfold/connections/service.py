"""The connections of a user: stored, replaced, probed. Secrets go in and never come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from fanfold.catalog.catalog import Catalog
from fanfold.connections import store
from fanfold.connections.forms import fill
from fanfold.connections.model import Connection, Draft, ProbeReport, ProbeStep
from fanfold.connections.prepared import NotReady, Prepared, prepare
from fanfold.credentials.service import Credentials
from fanfold.db.database import Database, Transaction
from fanfold.kit.ids import uuid7
from fanfold.sdk.connector import Connector
from fanfold.sdk.errors import BadInput, Failure, Problem

_PROBE_SECONDS = 30.0


class ConnectionService:
    """What users do with connections."""

    def __init__(self, database: Database, *, catalog: Catalog, credentials: Credentials) -> None:
        self._database = database
        self._catalog = catalog
        self._credentials = credentials

    async def page(self, *, user_id: UUID, limit: int, offset: int) -> tuple[list[Connection], int]:
        """Return a page by name, and how many there are."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.listed(transaction, limit=limit, offset=offset)

    async def get(self, connection_id: UUID, *, user_id: UUID) -> Connection:
        """Return one. Raises `ConnectionNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.find(transaction, connection_id)

    async def create(self, connector: str, draft: Draft, *, user_id: UUID) -> Connection:
        """Store a new connection. Raises `BadInput` naming every bad field, `ConnectionNameTaken`."""
        door = self._connector(connector)
        _refuse_bad_fields(door, draft, secrets_needed=True)
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.add(
                transaction,
                uuid7(),
                connector=connector,
                name=draft.name,
                config=draft.config,
                secret_id=await self._sealed(transaction, draft),
            )

    async def replace(self, connection_id: UUID, draft: Draft, *, user_id: UUID) -> Connection:
        """Replace what a connection says, its secrets only if some are given. Raises as `create` does."""
        async with self._database.transaction(user_id=user_id) as transaction:
            old = await store.find(transaction, connection_id)
            _refuse_bad_fields(self._connector(old.connector), draft, secrets_needed=old.secret_id is None)
            secret_id = await self._sealed(transaction, draft) or old.secret_id
            new = await store.replace(
                transaction, connection_id, name=draft.name, config=draft.config, secret_id=secret_id
            )
            if old.secret_id is not None and old.secret_id != secret_id:
                await self._credentials.delete(transaction, old.secret_id)
        return new

    async def delete(self, connection_id: UUID, *, user_id: UUID) -> None:
        """Remove a connection with its secrets. Raises `ConnectionNotFound`, `ConnectionInUse`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            old = await store.find(transaction, connection_id)
            await store.delete(transaction, connection_id)
            if old.secret_id is not None:
                await self._credentials.delete(transaction, old.secret_id)

    async def probe(self, connection_id: UUID, *, user_id: UUID) -> ProbeReport:
        """Try the connection from here and tell at which step it fails. Raises `ConnectionNotFound`."""
        try:
            prepared = await self._prepared(connection_id, user_id=user_id)
        except NotReady as error:
            return ProbeReport(error.step, error.message, error.hint)
        return await _probe(prepared)

    @asynccontextmanager
    async def opened(self, connection_id: UUID, *, user_id: UUID) -> AsyncGenerator[Any]:
        """Open a client for one use in this process. Raises `ConnectionNotFound`, `Failure`."""
        prepared = await self._prepared(connection_id, user_id=user_id)
        async with prepared.open() as client:
            yield client

    def _connector(self, name: str) -> Connector:
        connector = self._catalog.connectors.get(name)
        if connector is None:
            installed = ", ".join(sorted(self._catalog.connectors))
            message = f"There is no connector {name!r}; installed are: {installed}."
            raise BadInput([Problem("/connector", message)])
        return connector

    async def _sealed(self, transaction: Transaction, draft: Draft) -> UUID | None:
        if draft.secrets is None:
            return None
        return await self._credentials.add(transaction, draft.secrets, purpose="connection")

    async def _prepared(self, connection_id: UUID, *, user_id: UUID) -> Prepared:
        async with self._database.transaction(user_id=user_id) as transaction:
            connection = await store.find(transaction, connection_id)
            async with transaction.as_service():
                return await prepare(
                    transaction, connection, catalog=self._catalog, credentials=self._credentials
                )


async def _probe(prepared: Prepared) -> ProbeReport:
    step = ProbeStep.CONNECT
    try:
        async with asyncio.timeout(_PROBE_SECONDS), prepared.open() as client:
            step = ProbeStep.CALL
            await prepared.connector.probe(client)
    except Failure as error:
        return ProbeReport(step, error.message, error.hint)
    except TimeoutError:
        return ProbeReport(step, f"No answer within {_PROBE_SECONDS:.0f} s.")
    except OSError as error:
        return ProbeReport(step, f"The network says: {error.strerror or type(error).__name__}.")
    return ProbeReport(None, "The connection works.")


def _refuse_bad_fields(connector: Connector, draft: Draft, *, secrets_needed: bool) -> None:
    problems: list[Problem] = []
    forms = [("config", connector.config, draft.config)]
    if secrets_needed or draft.secrets is not None:
        forms.append(("secrets", connector.secrets, draft.secrets or {}))
    for part, form, given in forms:
        filled = fill(form, given, part=part)
        problems.extend([] if isinstance(filled, BaseModel) else filled)
    if problems:
        raise BadInput(problems)
