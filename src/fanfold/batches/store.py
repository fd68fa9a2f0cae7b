"""Runs the statements of submission and control; the engine has its own store for what workers do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from fanfold.batches.errors import BatchNotFound
from fanfold.batches.model import Batch, Policy, Submission
from fanfold.batches.rows import batch_from, frozen_target
from fanfold.db.database import Transaction
from fanfold.db.statements import Statements
from fanfold.kit.ids import new_batch_id, uuid7, uuid7_series, uuid_or_none
from fanfold.sdk.kind import Kind, Limit

sql = Statements("fanfold.batches")

_OPERATION_COLUMNS = (
    "id",
    "batch_id",
    "user_id",
    "ordinal",
    "item_key",
    "target_id",
    "target",
    "overrides",
    "limit_keys",
    "attempts_allowed",
)


async def unfinished_count(transaction: Transaction, *, user_id: UUID) -> int:
    """Return how many batches of the user have not ended; exact, because submissions of a user queue here."""
    await transaction.execute(sql("lock_user"), user_id=user_id)
    return await transaction.value(sql("unfinished_batches"), user_id=user_id)


async def insert(transaction: Transaction, submission: Submission, *, kind: Kind, user_id: UUID) -> Batch:
    """Write batch, limits and operations."""
    batch_uuid = await _insert_batch(transaction, submission, user_id)
    limits = [kind.limits(item.target) for item in submission.items]
    await _add_limits(transaction, (limit for keys in limits for limit in keys))
    rows = _operation_rows(submission, limits, batch_uuid=batch_uuid, user_id=user_id)
    await transaction.copy("operations", columns=_OPERATION_COLUMNS, rows=rows)
    return await find(transaction, str(batch_uuid))


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
    await transaction.execute(sql("wake_snoozed"), batch_id=batch.id)


async def retry(
    transaction: Transaction,
    batch: Batch,
    *,
    states: Sequence[str],
    reasons: Sequence[str],
    operation_ids: Sequence[UUID] | None,
    max_attempts: int,
) -> int:
    """Send the chosen operations back to the queue and return how many there were."""
    count = await transaction.execute(
        sql("retry_operations"),
        batch_id=batch.id,
        states=list(states),
        reasons=list(reasons),
        operation_ids=None if operation_ids is None else list(operation_ids),
        max_attempts=max_attempts,
    )
    if count:
        await transaction.execute(sql("resume_cancelled"), id=batch.id)
    return count


async def delete(transaction: Transaction, batch: Batch) -> bool:
    """Remove the batch if it has ended; return whether it had."""
    return await transaction.value(sql("delete_batch"), id=batch.id) is not None


async def _insert_batch(transaction: Transaction, submission: Submission, user_id: UUID) -> UUID:
    batch_uuid = uuid7()
    batch_id = submission.batch_id or new_batch_id()
    # The seeds' view shows both; a list of 100,000 other targets is kept by its operations alone.
    shown = submission.items if submission.workflow_id else []
    selection = [item.target.key for item in shown]
    overrides = {item.target.key: item.overrides for item in shown if item.overrides}
    given = {
        "user_id": user_id,
        "kind": submission.kind,
        "workflow_id": submission.workflow_id,
        "name": submission.name,
        "description": submission.description,
        "tags": list(submission.tags),
        "definition": submission.definition,
        "selection": selection,
        "base_parameters": submission.parameters,
        "overrides": overrides,
        **_policy_columns(submission.policy),
    }
    while await transaction.value(sql("insert_batch"), id=batch_uuid, batch_id=batch_id, **given) is None:
        batch_id = new_batch_id()
    return batch_uuid


def _policy_columns(policy: Policy) -> dict[str, int]:
    return {
        "priority": policy.priority,
        "max_parallel": policy.max_parallel,
        "max_attempts": policy.max_attempts,
        "backoff_base_ms": int(policy.backoff_base.total_seconds() * 1000),
        "attempt_timeout_ms": int(policy.attempt_timeout.total_seconds() * 1000),
        "operation_timeout_ms": int(policy.operation_timeout.total_seconds() * 1000),
    }


async def _add_limits(transaction: Transaction, limits: Iterable[Limit]) -> None:
    caps = {limit.key: limit.max_running for limit in limits}
    if caps:
        # Limits are everyone's, so no user's role may write them.
        async with transaction.as_service():
            await transaction.execute(sql("add_limits"), keys=list(caps), caps=list(caps.values()))


def _operation_rows(
    submission: Submission, limits: list[Sequence[Limit]], *, batch_uuid: UUID, user_id: UUID
) -> Iterable[tuple[Any, ...]]:
    identifiers = uuid7_series(len(submission.items))
    for ordinal, (item, identifier, keys) in enumerate(
        zip(submission.items, identifiers, limits, strict=True)
    ):
        yield (
            identifier,
            batch_uuid,
            user_id,
            ordinal,
            item.target.key,
            item.target.id,
            frozen_target(item.target),
            dict(item.overrides) if item.overrides else None,
            [limit.key for limit in keys],
            submission.policy.max_attempts,
        )
