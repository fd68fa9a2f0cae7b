"""Turns the heart's values into the general API's answers; the one place that knows both sets of words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fanfold.batches import model, progress, schemas, views
from fanfold.batches.lifecycle import BatchState, OperationState
from fanfold.batches.paging import Page
from fanfold.sdk.errors import BadInput, Problem
from fanfold.sdk.kind import Kind

_PARTIAL = "partial_success"


def status_word(status: BatchState) -> Any:
    """Return contract B's word for a status."""
    return _PARTIAL if status is BatchState.PARTIAL else status.value


def batch_states(words: list[str]) -> tuple[BatchState, ...]:
    """Read contract B's words, or the glossary's; raise `BadInput` naming those that are neither."""
    known = {_PARTIAL: BatchState.PARTIAL, **{state.value: state for state in BatchState}}
    return tuple(known[word] for word in _checked(words, known))


def operation_states(words: list[str]) -> tuple[OperationState, ...]:
    """Read states of operations; raise `BadInput` naming those that are none."""
    known = {state.value: state for state in OperationState}
    return tuple(known[word] for word in _checked(words, known))


def job(view: views.BatchView) -> schemas.Job:
    """Show a batch."""
    return schemas.Job(
        job_id=view.batch_id,
        id=view.id,
        kind=view.kind,
        name=view.name,
        description=view.description,
        status=status_word(view.status),
        workflow=_workflow(view.workflow),
        created_by=view.created_by,
        created_at=view.created_at,
        started_at=view.started_at,
        finished_at=view.finished_at,
        max_parallel=view.max_parallel,
        tags=list(view.tags),
        total_operations=view.counts.total,
        row_count=view.row_count,
        progress=job_progress(view.progress),
    )


def job_progress(shown: progress.Progress) -> schemas.Progress:
    """Show how far a batch is."""
    counts = shown.counts
    return schemas.Progress(
        total_operations=counts.total,
        pending_operations=counts.pending,
        running_operations=counts.running,
        completed_operations=counts.completed,
        failed_operations=counts.failed,
        skipped_operations=counts.skipped,
        cancelled_operations=counts.cancelled,
        percent_complete=shown.percent_complete,
        current_operation=shown.current_operation,
        current_operations=list(shown.current_operations),
        estimated_time_remaining_ms=_milliseconds(shown.eta),
        eta_low_ms=_milliseconds(shown.eta_low),
        eta_high_ms=_milliseconds(shown.eta_high),
        rate_per_second=shown.rate_per_second,
        eta_basis=shown.eta_basis,
        stalled=shown.stalled,
        stalled_reason=shown.stalled_reason,
    )


def job_list(found: views.Listing[views.BatchView], page: Page) -> schemas.JobList:
    """Show a page of batches."""
    return schemas.JobList(
        items=[job(view) for view in found.items],
        total=found.total,
        limit=page.limit,
        offset=page.offset,
        next_cursor=found.next_cursor,
    )


def operation_list(found: views.Listing[model.Operation], page: Page) -> schemas.OperationList:
    """Show a page of operations."""
    return schemas.OperationList(
        items=[operation(shown, slow_before=found.slow_before) for shown in found.items],
        total=found.total,
        limit=page.limit,
        offset=page.offset,
        next_cursor=found.next_cursor,
    )


def job_status(view: views.BatchView) -> schemas.JobProgress:
    """Show what a poll needs."""
    return schemas.JobProgress(
        job_id=view.batch_id, status=status_word(view.status), progress=job_progress(view.progress)
    )


def cancelled(batch: model.Batch) -> schemas.Cancelled:
    """Answer a cancel."""
    running = batch.counts.running
    stopping = f", {running} running operations are being stopped" if running else ""
    return schemas.Cancelled(
        job_id=batch.batch_id,
        status=status_word(batch.status),
        message=f"Batch {batch.batch_id} is cancelled{stopping}.",
    )


def kind(installed: Kind) -> schemas.Kind:
    """Show an installed kind."""
    return schemas.Kind(
        name=installed.name,
        title=installed.title,
        description=installed.description,
        parameters_schema=installed.parameters.model_json_schema(),
    )


def operation(shown: model.Operation, *, slow_before: datetime | None = None) -> schemas.Operation:
    """Show an operation; one at work since before *slow_before* is called slow."""
    return schemas.Operation.model_validate(_operation(shown, slow_before))


def operation_detail(view: views.OperationView) -> schemas.OperationDetail:
    """Show an operation with its attempts."""
    attempts = [_attempt(attempt) for attempt in view.attempts]
    return schemas.OperationDetail(
        **_operation(view.operation, view.slow_before), parameters=dict(view.parameters), attempts=attempts
    )


def statistics(shown: views.Statistics) -> schemas.Statistics:
    """Show the caller's batches in numbers."""
    return schemas.Statistics(
        total_jobs=shown.total_count,
        active_jobs=shown.active_count,
        by_status={status_word(BatchState(status)): count for status, count in shown.by_status.items()},
        by_kind=dict(shown.by_kind),
        total_operations=shown.total_operations,
        completed_operations=shown.completed_operations,
        failed_operations=shown.failed_operations,
        average_duration_ms=shown.average_duration_ms,
        success_rate=shown.success_rate,
    )


def duration(started_at: datetime | None, finished_at: datetime | None) -> timedelta | None:
    """Return how long something took; None until it has ended."""
    return finished_at - started_at if started_at and finished_at else None


def is_slow(shown: model.Operation, slow_before: datetime | None) -> bool:
    """Tell whether an operation at work takes unusually long."""
    if slow_before is None or shown.started_at is None or shown.status is not OperationState.RUNNING:
        return False
    return shown.started_at < slow_before


def _operation(shown: model.Operation, slow_before: datetime | None) -> dict[str, Any]:
    return {
        "id": shown.id,
        "execution_id": shown.execution_id,
        "ordinal": shown.ordinal,
        "target_id": str(shown.target.id or shown.target.key),
        "target_name": shown.target.name,
        "target_detail": dict(shown.target.attributes) or None,
        "status": shown.status.value,
        "waiting": _waiting(shown),
        "slow": is_slow(shown, slow_before),
        "due_at": shown.due_at,
        "reason": shown.reason,
        "attempt_count": shown.attempt_count,
        "row_count": shown.row_count,
        "summary": shown.summary,
        "error": _failure(shown.error, shown.error_fingerprint),
        "started_at": shown.started_at,
        "finished_at": shown.finished_at,
        "duration_ms": _milliseconds(duration(shown.started_at, shown.finished_at)),
        "overridden": sorted(shown.overrides),
    }


def _waiting(shown: model.Operation) -> str | None:
    if shown.status is OperationState.RUNNING:
        return "remote" if shown.due_at else None
    if shown.status is OperationState.PENDING:
        return "retry" if shown.due_at else "slot"
    return None


def _attempt(shown: model.Attempt) -> schemas.Attempt:
    return schemas.Attempt(
        number=shown.number,
        state=shown.state.value,
        worker=shown.worker or None,
        started_at=shown.started_at,
        finished_at=shown.finished_at,
        duration_ms=_milliseconds(duration(shown.started_at, shown.finished_at)),
        remote_ref=shown.remote_ref,
        input=dict(shown.input),
        error=_failure(shown.error),
        calls=[_call(call) for call in shown.calls],
    )


def _call(shown: model.Call) -> schemas.Call:
    return schemas.Call(
        number=shown.number,
        at=shown.at,
        step=shown.step,
        method=shown.method,
        path=shown.path,
        status=shown.status,
        duration_ms=shown.duration_ms,
        request_id=shown.request_id,
        error=shown.error,
    )


def _failure(error: Mapping[str, Any] | None, fingerprint: str | None = None) -> schemas.Failure | None:
    if error is None:
        return None
    return schemas.Failure.model_validate({"fingerprint": fingerprint, **error})


def _workflow(name: views.WorkflowName | None) -> schemas.JobWorkflow | None:
    return None if name is None else schemas.JobWorkflow(id=name.id, key=name.key, name=name.name)


def _milliseconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds() * 1000)


def _checked(words: list[str], known: Mapping[str, object]) -> list[str]:
    unknown = [
        Problem("/status", f"{word!r} is not one of {', '.join(known)}.")
        for word in words
        if word not in known
    ]
    if unknown:
        raise BadInput(unknown)
    return words
