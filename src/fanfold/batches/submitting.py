"""Writes a submission: the batch, the shared limits that its operations count against, the operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import LockMode
from fanfold.batches.rows import frozen_target, policy_columns
from fanfold.batches.store import set_rate, sql
from fanfold.db.database import Transaction
from fanfold.kit.ids import new_batch_id, uuid7, uuid7_series
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Kind, Limit

LOCK_UNITS = 1_000_000
"""What a target's lock holds: who shares takes one unit, who excludes takes all."""

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
    "limit_weights",
    "priority",
    "attempts_allowed",
    "status",
    "reason",
    "summary",
    "finished_at",
)


async def insert_batch(
    transaction: Transaction, submission: Submission, *, limits: Sequence[Sequence[Limit]], user_id: UUID
) -> UUID:
    """Write the batch, without its operations; return its uuid."""
    batch_uuid = uuid7()
    batch_id = submission.batch_id or new_batch_id()
    # The seeds' view shows both; a list of 100,000 other targets is kept by its operations alone.
    shown = submission.items if submission.workflow_id else []
    given = {
        "user_id": user_id,
        "kind": submission.kind,
        "workflow_id": submission.workflow_id,
        "name": submission.name,
        "description": submission.description,
        "tags": list(submission.tags),
        "definition": submission.definition,
        "selection": [item.target.key for item in shown],
        "base_parameters": submission.parameters,
        "overrides": {item.target.key: item.overrides for item in shown if item.overrides},
        "common_keys": common_keys(limits),
        "draft": submission.draft,
        **policy_columns(submission.policy),
    }
    while await transaction.value(sql("insert_batch"), id=batch_uuid, batch_id=batch_id, **given) is None:
        batch_id = new_batch_id()
    if submission.policy.rate is not None:
        await set_rate(transaction, batch_uuid, rate=submission.policy.rate)
    return batch_uuid


async def insert_operations(
    transaction: Transaction,
    items: Sequence[Item],
    *,
    limits: Sequence[Sequence[Limit]],
    batch_uuid: UUID,
    user_id: UUID,
    attempts: int,
    first_ordinal: int = 0,
) -> None:
    """Append operations to a batch, in the order of *items*, and declare their limits."""
    await _add_limits(transaction, (limit for keys in limits for limit in keys))
    skips = any(item.skip_reason is not None for item in items)
    now = await transaction.value(sql("read_moment")) if skips else None
    rows = (
        (identifier, batch_uuid, user_id, ordinal, *_columns(item, keys, attempts, now))
        for ordinal, (identifier, item, keys) in enumerate(
            zip(uuid7_series(len(items)), items, limits, strict=True), start=first_ordinal
        )
    )
    await transaction.copy("operations", columns=_OPERATION_COLUMNS, rows=rows)


def limits_of(submission: Submission, *, kind: Kind, user_id: UUID) -> list[Sequence[Limit]]:
    """Return what each operation counts against: what the kind declares, its target, and the target's lock.

    Raises `BadInput` when an operation needs more units than its limit ever has.
    """
    lock = submission.policy.lock
    found = [[*kind.limits(item.target), *_target_limits(item.target)] for item in submission.items]
    if lock is not None:
        scope = f"{submission.kind}:{user_id}"
        for item, limits in zip(submission.items, found, strict=True):
            limits.append(_lock_of(item.target, lock, scope=scope))
    problems = [
        Problem(f"/items/{index}", f"{limit.key} never has the {limit.weight} units that it needs.")
        for index, limits in enumerate(found)
        for limit in limits
        if limit.weight > min(_most_units(limit))
    ]
    if problems:
        raise BadInput(problems)
    return list(found)


def common_keys(limits: Sequence[Sequence[Limit]]) -> list[str]:
    """Return the keys that all operations hold: when one is full, the whole batch waits."""
    if not limits:
        return []
    common = {limit.key for limit in limits[0]}
    for keys in limits:
        if not common:
            break
        common &= {limit.key for limit in keys}
    return sorted(common)


def _most_units(limit: Limit) -> list[float]:
    caps = [limit.max_running, limit.rate.count if limit.rate else None]
    return [cap for cap in caps if cap is not None] or [float("inf")]


def _target_limits(target: Target) -> list[Limit]:
    own = [Limit(f"target:{target.id}", guarded=True)] if target.id else []
    return [*own, Limit(f"connection:{target.connection_id}")] if target.connection_id else own


def _lock_of(target: Target, mode: LockMode, *, scope: str) -> Limit:
    name = str(target.id) if target.id else f"{scope}:{target.key}"
    units = LOCK_UNITS if mode is LockMode.EXCLUSIVE else 1
    return Limit(f"lock:{name}", LOCK_UNITS, weight=units)


async def _add_limits(transaction: Transaction, limits: Iterable[Limit]) -> None:
    by_key = {limit.key: limit for limit in limits}
    if not by_key:
        return
    # Limits are everyone's, so no user's role may write them.
    async with transaction.as_service():
        # As one value: the driver looks at each element of an array more often than JSON takes to write.
        await transaction.execute(sql("add_limits"), limits=[_declared(limit) for limit in by_key.values()])


def _declared(limit: Limit) -> dict[str, Any]:
    rate = limit.rate
    return {
        "key": limit.key,
        "max_running": limit.max_running,
        "rate_count": rate.count if rate else None,
        "rate_ms": int(rate.per.total_seconds() * 1000) if rate else None,
        "guarded": limit.guarded,
    }


def _columns(item: Item, limits: Sequence[Limit], attempts: int, now: Any) -> tuple[Any, ...]:
    skipped = item.skip_reason is not None
    weighted = any(limit.weight != 1 for limit in limits)
    return (
        item.target.key,
        item.target.id,
        frozen_target(item.target),
        dict(item.overrides) if item.overrides else None,
        [limit.key for limit in limits],
        [limit.weight for limit in limits] if weighted else None,
        item.priority,
        attempts,
        "skipped" if skipped else "pending",
        "condition" if skipped else None,
        {"reason": item.skip_reason} if skipped else None,
        now if skipped else None,
    )
