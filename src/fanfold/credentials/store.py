"""Runs the statements over secrets: the API's role may add and delete, the service's alone may read."""

from __future__ import annotations

from uuid import UUID

from fanfold.db.database import Transaction
from fanfold.db.statements import Statements
from fanfold.kit.ids import uuid7

sql = Statements("fanfold.credentials")


async def add(transaction: Transaction, *, purpose: str, sealed: bytes) -> UUID:
    """Store a sealed secret of the acting user and return its id."""
    secret_id = uuid7()
    await transaction.execute(sql("add_secret"), id=secret_id, purpose=purpose, sealed=sealed)
    return secret_id


async def delete(transaction: Transaction, secret_id: UUID) -> None:
    """Remove a secret of the acting user."""
    await transaction.execute(sql("delete_secret"), id=secret_id)


async def sealed(transaction: Transaction, secret_id: UUID) -> bytes | None:
    """Return the sealed bytes; only as the service."""
    return await transaction.value(sql("find_sealed"), id=secret_id)


async def sealed_after(transaction: Transaction, secret_id: UUID, *, limit: int) -> list[tuple[UUID, bytes]]:
    """Return the next secrets in the order of their ids, locked; only as the service."""
    rows = await transaction.fetch(sql("lock_sealed_after"), id=secret_id, limit=limit)
    return [(row["id"], row["sealed"]) for row in rows]


async def replace(transaction: Transaction, secret_ids: list[UUID], *, sealed: list[bytes]) -> None:
    """Replace sealed bytes; only as the service."""
    await transaction.execute(sql("replace_sealed"), ids=secret_ids, sealed=sealed)
