"""Runs the statements over connections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from fanfold.connections.errors import ConnectionInUse, ConnectionNameTaken, ConnectionNotFound
from fanfold.connections.model import Connection
from fanfold.db.database import Row, Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.connections")


async def listed(transaction: Transaction, *, limit: int, offset: int) -> tuple[list[Connection], int]:
    """Return a page of the acting user's connections by name, and how many there are."""
    rows = await transaction.fetch(sql("list_connections"), limit=limit, offset=offset)
    return [_connection(row) for row in rows], await transaction.value(sql("count_connections"))


async def find(transaction: Transaction, connection_id: UUID) -> Connection:
    """Return a connection; raise `ConnectionNotFound`."""
    row = await transaction.fetch_one(sql("find_connection"), id=connection_id)
    if row is None:
        raise ConnectionNotFound(connection_id)
    return _connection(row)


async def add(
    transaction: Transaction,
    connection_id: UUID,
    *,
    connector: str,
    name: str,
    config: Mapping[str, Any],
    secret_id: UUID | None,
) -> Connection:
    """Store a connection of the acting user; raise `ConnectionNameTaken`."""
    row = await transaction.fetch_one(
        sql("add_connection"),
        id=connection_id,
        connector=connector,
        name=name,
        config=config,
        secret_id=secret_id,
    )
    if row is None:
        raise ConnectionNameTaken(name)
    return _connection(row)


async def replace(
    transaction: Transaction,
    connection_id: UUID,
    *,
    name: str,
    config: Mapping[str, Any],
    secret_id: UUID | None,
) -> Connection:
    """Replace what a connection says; raise `ConnectionNotFound`, `ConnectionNameTaken`."""
    try:
        row = await transaction.fetch_one(
            sql("replace_connection"), id=connection_id, name=name, config=config, secret_id=secret_id
        )
    except asyncpg.UniqueViolationError as error:
        raise ConnectionNameTaken(name) from error
    if row is None:
        raise ConnectionNotFound(connection_id)
    return _connection(row)


async def delete(transaction: Transaction, connection_id: UUID) -> None:
    """Remove a connection; raise `ConnectionNotFound`, `ConnectionInUse`."""
    try:
        if not await transaction.execute(sql("delete_connection"), id=connection_id):
            raise ConnectionNotFound(connection_id)
    except asyncpg.ForeignKeyViolationError as error:
        raise ConnectionInUse from error


def _connection(row: Row) -> Connection:
    return Connection(
        id=row["id"],
        connector=row["connector"],
        name=row["name"],
        config=row["config"],
        secret_id=row["secret_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
