"""Reads why a batch's operations wait; the cost does not grow with the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fanfold.batches.reader import sql
from fanfold.batches.waiting import Around, Cause, Crew, Queued, Standing, grounds_of, key_cause
from fanfold.batches.waiting_words import Wait, Words
from fanfold.db.database import Row, Transaction
from fanfold.limits.store import oldest_holders, tight

LOOKED_AT = 200
"""Pending operations that are looked at, those that are claimed next."""
_HELD = {Cause.KEY, Cause.LOCK, Cause.THROTTLED, Cause.USER_LIMIT, Cause.KIND_LIMIT, Cause.GLOBAL_LIMIT}
"""Causes for which it helps to know who holds the key."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why operations wait."""

    waits: tuple[Wait, ...] = ()
    looked_at: int = 0
    """Pending operations that were looked at."""


async def waiting_of_batch(
    transaction: Transaction, standing: Standing, *, batch_uuid: UUID, owner_id: UUID
) -> Waiting:
    """Return why the pending operations of a batch wait."""
    queued = await _queued(transaction, batch_uuid)
    around = await _around(transaction, standing, queued)
    words = Words(standing, around, owner_id)
    return Waiting(words.waits(grounds_of(standing, queued, around=around)), len(queued))


async def waiting_of_operation(
    transaction: Transaction, standing: Standing, *, operation: Row, owner_id: UUID
) -> tuple[Wait, ...]:
    """Return why one pending operation waits; *operation* is its whole row."""
    chosen = _queued_from(operation, name=operation["target"].get("name", operation["item_key"]))
    queued = await _queued(transaction, operation["batch_id"])
    if chosen not in queued:
        queued = [*queued, chosen]
    around = await _around(transaction, standing, queued)
    return Words(standing, around, owner_id).waits(grounds_of(standing, queued, around=around), only=chosen)


async def _queued(transaction: Transaction, batch_uuid: UUID) -> list[Queued]:
    rows = await transaction.fetch(sql("list_pending"), batch_id=batch_uuid, limit=LOOKED_AT)
    return [_queued_from(row, name=row["name"]) for row in rows]


async def _around(transaction: Transaction, standing: Standing, queued: Sequence[Queued]) -> Around:
    [row] = await transaction.fetch(sql("count_crew"), kind=standing.kind)
    now = row["now"]
    heaviest = dict.fromkeys(standing.wide_keys, 1)
    for operation in queued:
        for key, weight in operation.weights.items():
            if weight > heaviest.get(key, 0):
                heaviest[key] = weight
    async with transaction.as_service():
        keys = await tight(transaction, heaviest)
        full = [key for key, state in keys.items() if key_cause(state, heaviest[key], now=now) in _HELD]
        holders = await oldest_holders(transaction, full)
    crew = Crew(row["workers"], row["places"], row["taken"], row["others"])
    return Around(now, crew, keys, holders)


def _queued_from(row: Mapping[str, Any], *, name: str) -> Queued:
    keys: Sequence[str] = row["limit_keys"]
    weights: Sequence[int | None] = row["limit_weights"] or [1] * len(keys)
    return Queued(
        id=row["id"],
        ordinal=row["ordinal"],
        due_at=row["due_at"],
        weights=dict(zip(keys, [weight or 1 for weight in weights], strict=True)),
        target_name=name,
    )
