"""The worker's clients: each connection is opened once, shared by all attempts, and closed at the end."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from fanfold.catalog.catalog import Catalog
from fanfold.connections import store
from fanfold.connections.errors import ConnectionNotFound
from fanfold.connections.prepared import Prepared, prepare
from fanfold.credentials.service import Credentials
from fanfold.db.database import Database
from fanfold.kit.clock import Clock
from fanfold.sdk.errors import Permanent

LOOK_AGAIN = timedelta(seconds=10)
"""How long an edit of a connection may go unnoticed by a worker."""


@dataclass(slots=True)
class _Open:
    client: Any
    updated_at: datetime
    looked_at: datetime


class Connections:
    """Opens clients; use it as `async with Connections(...)` around the worker's life.

    A client whose connection was edited stays open until the end, because attempts may still hold it.
    """

    def __init__(
        self, database: Database, *, catalog: Catalog, credentials: Credentials, clock: Clock
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._credentials = credentials
        self._clock = clock
        self._open: dict[UUID, _Open] = {}
        self._turns: defaultdict[UUID, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._stack.aclose()
        self._open.clear()

    async def client(self, connection_id: UUID) -> Any:
        """Return the shared client. Raises `Permanent` when the connection is gone or incomplete."""
        known = self._fresh(connection_id)
        if known is not None:
            return known.client
        async with self._turns[connection_id]:
            known = self._fresh(connection_id) or await self._look(connection_id)
            return known.client

    def _fresh(self, connection_id: UUID) -> _Open | None:
        known = self._open.get(connection_id)
        if known is None or self._clock.now() - known.looked_at >= LOOK_AGAIN:
            return None
        return known

    async def _look(self, connection_id: UUID) -> _Open:
        prepared = await self._prepared(connection_id)
        known = self._open.get(connection_id)
        if known is not None and known.updated_at == prepared.updated_at:
            known.looked_at = self._clock.now()
            return known
        client = await self._stack.enter_async_context(prepared.open())
        opened = _Open(client, prepared.updated_at, self._clock.now())
        self._open[connection_id] = opened
        return opened

    async def _prepared(self, connection_id: UUID) -> Prepared:
        try:
            async with self._database.transaction() as transaction:
                connection = await store.find(transaction, connection_id)
                return await prepare(
                    transaction, connection, catalog=self._catalog, credentials=self._credentials
                )
        except ConnectionNotFound as error:
            message = "The connection of this target was deleted."
            raise Permanent(message, hint="Give the target another connection and submit again.") from error
