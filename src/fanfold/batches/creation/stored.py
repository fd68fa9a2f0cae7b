"""Reads back what a draft holds, a part at a time, as it would run under the conditions of its start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fanfold.batches.creation.conditions import Condition, skip_reason
from fanfold.batches.creation.digests import digest_over
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.rows import target_from
from fanfold.batches.store import sql
from fanfold.db.database import Transaction

_AT_ONCE = 5_000


def header_of(batch: Batch) -> Submission:
    """Return the submission that a batch is, without its items."""
    return Submission(
        batch.kind,
        batch.name,
        items=[],
        definition=batch.definition,
        parameters=batch.parameters,
        policy=batch.policy,
    )


async def stored_items(
    transaction: Transaction, batch: Batch, *, conditions: Sequence[Condition]
) -> AsyncIterator[list[tuple[UUID, Item]]]:
    """Yield the batch's items in their order, each with its operation's id."""
    ordinal = 0
    while rows := await transaction.fetch(
        sql("read_selection"), batch_id=batch.id, from_ordinal=ordinal, limit=_AT_ONCE
    ):
        yield [(row["id"], _judged(_item(row), batch, conditions=conditions)) for row in rows]
        ordinal = rows[-1]["ordinal"] + 1


async def settle(transaction: Transaction, batch: Batch, *, conditions: Sequence[Condition]) -> str:
    """Skip what the conditions leave out, and return the digest of what the batch then does."""
    digest = digest_over(header_of(batch))
    async for part in stored_items(transaction, batch, conditions=conditions):
        digest.add([item for _, item in part])
        skipped = [(each, item.skip_reason) for each, item in part if item.skip_reason is not None]
        if skipped:
            ids, reasons = zip(*skipped, strict=True)
            await transaction.execute(sql("skip_operations"), ids=list(ids), reasons=list(reasons))
    return digest.text()


def _item(row: Mapping[str, Any]) -> Item:
    target = target_from(row["item_key"], row["target"], target_id=row["target_id"])
    return Item(target, row["overrides"], row["priority"], row["skip_reason"])


def _judged(item: Item, batch: Batch, *, conditions: Sequence[Condition]) -> Item:
    if not conditions or item.skip_reason is not None:
        return item
    merged = {**batch.parameters, **(item.overrides or {})}
    reason = skip_reason(conditions, item.target, merged=merged)
    return item if reason is None else replace(item, skip_reason=reason)
