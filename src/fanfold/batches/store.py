"""Runs the statements of control; `submitting` writes batches; the engine has its own store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from fanfold.batches.errors import BatchNotFound
from fanfold.batches.lifecycle import PauseMode
from fanfold.batches.model import Batch
from fanfold.batches.rows import batch_from, policy_columns
from fanfold.db.database import Transaction
from fanfold.db.statements import Statements
from fanfold.kit.ids import uuid_or_none
from fanfold.limits import store as limits
from fanfold.limits.bounds import Bounds, BoundsChange, told_rate
from fanfold.sdk.kind import Rate

sql = Statements("fanfold.batches")


async def unfinished_count(transaction: Transaction, *, user_id: UUID) -> int:
    """Return how many batches of the user have not ended; exact, because submissions of a user queue here."""
    await transaction.execute(sql("lock_user"), user_id=user_id)
    return await transaction.value(sql("unfinished_batches"), user_id=user_id)


async def find(transaction: Transaction, reference: str, *, lock: bool = False) -> Batch:
    """Return the batch by public id or uuid; raise `BatchNotFound`."""
    statement = sql("lock_batch" if lock else "find_batch")
    row = await transaction.fetch_one(statement, reference=reference, id=uuid_or_none(reference))
    if row is None:
        raise BatchNotFound(reference)
    return batch_from(row)


async def cancel(transaction: Transaction, batch: Batch, *, reason: str | None) -> None:
    """Note the cancel, end what has not begun, wake what snoozes."""
    await transaction.execute(sql("cancel_batch"), id=batch.id, reason=reason)
    await transaction.execute(sql("cancel_pending"), batch_id=batch.id)
    await wake(transaction, [batch.id])


async def wake(transaction: Transaction, batch_ids: Sequence[UUID]) -> None:
    """End every snooze of some batches now, so that a worker tells the remote sides to stop."""
    await transaction.execute(sql("wake_snoozed"), batch_ids=list(batch_ids))


async def pause(
    transaction: Transaction,
    batch: Batch,
    *,
    mode: PauseMode,
    reason: str | None,
    resume_at: datetime | None,
) -> None:
    """Rest the batch; a frozen one that is to drain goes on first."""
    if batch.pause is not None and mode is PauseMode.DRAIN:
        await transaction.execute(sql("thaw_operations"), batch_id=batch.id)
    given = {"mode": mode, "reason": reason, "resume_at": resume_at}
    await transaction.execute(sql("pause_batch"), id=batch.id, **given)


async def resume(transaction: Transaction, batch_uuid: UUID) -> None:
    """End the batch's pause, if it has one."""
    await transaction.execute(sql("thaw_operations"), batch_id=batch_uuid)
    await transaction.execute(sql("resume_batch"), id=batch_uuid)


async def change(transaction: Transaction, batch: Batch, *, changed: Batch) -> None:
    """Write name, description, tags and live policies of *changed*; the next claim is bound by them."""
    columns = policy_columns(changed.policy)
    live = ("max_parallel", "priority", "stop_on_error", "tolerated_count", "tolerated_percent",
            "strict_budget", "timeout_ms", "quiet_hours")  # fmt: skip
    given = {name: columns[name] for name in live}
    words = {"name": changed.name, "description": changed.description, "tags": list(changed.tags)}
    await transaction.execute(sql("change_batch"), id=batch.id, **words, **given)
    if changed.policy.rate != batch.policy.rate:
        await set_rate(transaction, batch.id, rate=changed.policy.rate)
        rates = {"before": told_rate(batch.policy.rate), "after": told_rate(changed.policy.rate)}
        async with transaction.as_service():
            await transaction.execute(sql("tell_rate"), id=batch.id, **rates)


async def set_rate(transaction: Transaction, batch_uuid: UUID, *, rate: Rate | None) -> None:
    """Bound how many operations of a batch may start per time; None bounds nothing."""
    key = f"batch:{batch_uuid}"
    async with transaction.as_service():
        if rate is None:
            await limits.drop(transaction, key)
        else:
            change = BoundsChange(Bounds(rate=rate), frozenset({"rate"}))
            await limits.set_bounds(transaction, key, change=change)


async def with_rate(transaction: Transaction, batch: Batch) -> Batch:
    """Return the batch with the rate that its limit holds."""
    row = await transaction.fetch_one(sql("find_rate"), key=f"batch:{batch.id}")
    if row is None:
        return batch
    rate = Rate(row["rate_count"], timedelta(milliseconds=row["rate_ms"]))
    return replace(batch, policy=replace(batch.policy, rate=rate))


async def delete(transaction: Transaction, batch: Batch) -> bool:
    """Remove the batch if it has ended; return whether it had."""
    await set_rate(transaction, batch.id, rate=None)
    return await transaction.value(sql("delete_batch"), id=batch.id) is not None
