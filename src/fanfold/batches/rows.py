"""Turns database rows into the values of `model`; the only place that knows the columns' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from fanfold.batches.lifecycle import AttemptState, BatchState, OperationState, PauseMode, Reason
from fanfold.batches.model import Attempt, Batch, Call, Counts, Operation, Pause
from fanfold.batches.policy import AfterStatus, FailureBudget, LockMode, Policy, QuietHours, Waves
from fanfold.sdk.context import Target


def batch_from(row: Mapping[str, Any]) -> Batch:
    """Read a whole row of `batches`."""
    return Batch(
        id=row["id"],
        batch_id=row["batch_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        workflow_id=row["workflow_id"],
        name=row["name"],
        description=row["description"],
        tags=tuple(row["tags"]),
        status=BatchState(row["status"]),
        counts=counts_from(row),
        row_count=row["row_count"],
        policy=policy_from(row),
        definition=row["definition"],
        parameters=row["base_parameters"],
        selection=tuple(row["selection"]),
        overrides=row["overrides"],
        cancel_reason=row["cancel_reason"],
        pause=pause_from(row),
        stop_reason=Reason(row["stop_reason"]) if row["stop_reason"] else None,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def counts_from(row: Mapping[str, Any]) -> Counts:
    """Read the counters of a row of `batches`."""
    return Counts(
        total=row["total_count"],
        pending=row["pending_count"],
        running=row["running_count"],
        completed=row["completed_count"],
        failed=row["failed_count"],
        skipped=row["skipped_count"],
        cancelled=row["cancelled_count"],
    )


def pause_from(row: Mapping[str, Any]) -> Pause | None:
    """Read the pause of a row of `batches`, if it is paused."""
    if row["paused_at"] is None:
        return None
    return Pause(
        PauseMode(row["pause_mode"]), row["paused_at"], reason=row["pause_reason"], resume_at=row["resume_at"]
    )


def policy_from(row: Mapping[str, Any]) -> Policy:
    """Read the policies of a row of `batches`; its rate stands in `limits`."""
    ends = row["wave_ends"]
    sizes = tuple(end - begin for begin, end in zip([0, *ends], ends, strict=False))
    return Policy(
        max_parallel=row["max_parallel"],
        max_attempts=row["max_attempts"],
        backoff_base=_span(row["backoff_base_ms"]),
        attempt_timeout=_span(row["attempt_timeout_ms"]),
        operation_timeout=_span(row["operation_timeout_ms"]),
        priority=row["priority"],
        batch_timeout=_span(row["timeout_ms"]) if row["timeout_ms"] else None,
        stop_on_error=row["stop_on_error"],
        budget=FailureBudget(row["tolerated_count"], row["tolerated_percent"], row["strict_budget"]),
        sequential=row["ordering"] == "sequential",
        waves=Waves(sizes, row["wave_tolerated"]),
        lock=LockMode(row["lock_mode"]) if row["lock_mode"] else None,
        quiet_hours=tuple(QuietHours.from_stored(period) for period in row["quiet_hours"] or ()),
        after=row["after_id"],
        after_status=AfterStatus(row["after_status"]) if row["after_status"] else AfterStatus.COMPLETED,
    )


def policy_columns(policy: Policy) -> dict[str, Any]:
    """Return the columns of `batches` that `policy_from` reads."""
    timeout = policy.batch_timeout
    return {
        "priority": policy.priority,
        "max_parallel": policy.max_parallel,
        "max_attempts": policy.max_attempts,
        "backoff_base_ms": _milliseconds(policy.backoff_base),
        "attempt_timeout_ms": _milliseconds(policy.attempt_timeout),
        "operation_timeout_ms": _milliseconds(policy.operation_timeout),
        "timeout_ms": None if timeout is None else _milliseconds(timeout),
        "stop_on_error": policy.stop_on_error,
        "tolerated_count": policy.budget.count,
        "tolerated_percent": policy.budget.percent,
        "strict_budget": policy.budget.strict,
        "ordering": "sequential" if policy.sequential else "parallel",
        "wave_ends": policy.waves.ends(),
        "wave_tolerated": policy.waves.tolerated,
        "lock_mode": policy.lock,
        "quiet_hours": [period.stored() for period in policy.quiet_hours] or None,
        "after_id": policy.after,
        "after_status": policy.after_status if policy.after else None,
    }


def _span(milliseconds: int) -> timedelta:
    return timedelta(milliseconds=milliseconds)


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def target_from(key: str, frozen: Mapping[str, Any], *, target_id: UUID | None) -> Target:
    """Read a target as it was frozen at submit."""
    connection = frozen.get("connection_id")
    return Target(
        key=key,
        name=frozen.get("name", key),
        id=target_id,
        connection_id=UUID(connection) if connection else None,
        attributes=frozen.get("attributes", {}),
    )


def frozen_target(target: Target) -> dict[str, Any]:
    """Return what `target_from` reads."""
    frozen: dict[str, Any] = {"name": target.name}
    if target.connection_id:
        frozen["connection_id"] = str(target.connection_id)
    if target.attributes:
        frozen["attributes"] = dict(target.attributes)
    return frozen


def operation_from(row: Mapping[str, Any]) -> Operation:
    """Read a whole row of `operations`."""
    return Operation(
        id=row["id"],
        execution_id=row["execution_id"],
        batch_id=row["batch_id"],
        ordinal=row["ordinal"],
        target=target_from(row["item_key"], row["target"], target_id=row["target_id"]),
        overrides=row["overrides"] or {},
        status=OperationState(row["status"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        due_at=row["due_at"],
        attempt_count=row["attempt_count"],
        attempts_allowed=row["attempts_allowed"],
        summary=row["summary"],
        row_count=row["row_count"],
        error=row["error"],
        error_fingerprint=row["error_fingerprint"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def call_from(row: Mapping[str, Any]) -> Call:
    """Read a row of `attempt_calls`."""
    return Call(
        number=row["number"],
        at=row["at"],
        step=row["step"],
        method=row["method"],
        path=row["path"],
        status=row["status"],
        duration_ms=row["duration_ms"],
        request_id=row["request_id"],
        error=row["error"],
    )


def attempt_from(row: Mapping[str, Any], *, base: Mapping[str, Any], calls: Sequence[Call] = ()) -> Attempt:
    """Read a row of `attempts` joined with its worker's name; *base* are the batch's parameters."""
    return Attempt(
        number=row["number"],
        state=AttemptState(row["state"]),
        worker=row["worker"] or "",
        remote_ref=row["remote_ref"],
        input={**base, **(row["input"] or {})},
        error=row["error"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        calls=tuple(calls),
    )
