"""Turns batches into contract A's answers; the one place that knows its words for states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from fanfold.batches.lifecycle import BatchState, OperationState
from fanfold.batches.model import Batch, Counts
from fanfold.batches.views import BatchView, OperationLine
from fanfold.sdk.errors import BadInput, Problem
from fanfold.workflows.contract_a import schemas

BATCH_WORDS: Mapping[BatchState, schemas.BatchWord] = {
    BatchState.PENDING: "pending",
    BatchState.QUEUED: "pending",
    BatchState.RUNNING: "running",
    BatchState.PAUSED: "running",
    BatchState.CANCELLING: "running",
    BatchState.COMPLETED: "completed",
    BatchState.PARTIAL: "partial",
    BatchState.FAILED: "failed",
    BatchState.CANCELLED: "cancelled",
}
EXECUTION_WORDS: Mapping[OperationState, schemas.ExecutionWord] = {
    OperationState.PENDING: "pending",
    OperationState.RUNNING: "running",
    OperationState.COMPLETED: "completed",
    OperationState.FAILED: "failed",
    # There was nothing to do, which is a success.
    OperationState.SKIPPED: "completed",
    OperationState.CANCELLED: "cancelled",
}


def states_of(word: str | None) -> tuple[BatchState, ...]:
    """Return the states that one of contract A's words stands for; raise `BadInput` for another word."""
    if word is None:
        return ()
    states = tuple(state for state, shown in BATCH_WORDS.items() if shown == word)
    if not states:
        words = ", ".join(dict.fromkeys(BATCH_WORDS.values()))
        raise BadInput([Problem("/status", f"{word!r} is not one of {words}.")])
    return states


def submitted(batch: Batch, lines: Sequence[OperationLine]) -> schemas.SubmittedBatch:
    """Show what was submitted."""
    return schemas.SubmittedBatch.model_validate(
        {
            "batch_id": batch.batch_id,
            "batch_execution_id": batch.id,
            "workflow_id": batch.workflow_id,
            "total_instances": batch.counts.total,
            "status": BATCH_WORDS[batch.status],
            "executions": [
                {
                    "instance_id": line.target_id,
                    "execution_id": line.execution_id,
                    "status": EXECUTION_WORDS[line.status],
                }
                for line in lines
            ],
        }
    )


def status(view: BatchView, lines: Sequence[OperationLine]) -> schemas.BatchStatus:
    """Show where a batch stands; it is *lines* that is counted, so that no answer contradicts itself."""
    counts = Counter(EXECUTION_WORDS[line.status] for line in lines)
    return schemas.BatchStatus(
        batch_id=view.batch_id,
        workflow_id=view.workflow.id if view.workflow else None,
        name=view.name,
        status=BATCH_WORDS[view.status],
        total_instances=view.counts.total,
        completed_instances=counts["completed"],
        failed_instances=counts["failed"],
        running_instances=counts["running"],
        pending_instances=counts["pending"],
        started_at=view.started_at,
        completed_at=view.finished_at,
        executions=[_execution(line) for line in lines],
        status_counts=dict(counts),
    )


def results(view: BatchView, lines: Sequence[OperationLine], *, rows: Mapping[str, Any]) -> dict[str, Any]:
    """Show what a batch gave, as JSON; *rows* is a page of the united table."""
    counts = Counter(EXECUTION_WORDS[line.status] for line in lines)
    given = [line for line in lines if line.status is OperationState.COMPLETED]
    return {
        "batch_id": view.batch_id,
        "status": BATCH_WORDS[view.status],
        "total_instances": view.counts.total,
        "completed_instances": counts["completed"],
        "failed_instances": counts["failed"],
        "instance_results": [_instance_result(line).model_dump(mode="json") for line in given],
        "aggregated_data": dict(rows),
    }


def listed(view: BatchView) -> schemas.ListedBatch:
    """Show a batch as a line of the list."""
    counts = status_counts(view.counts)
    workflow = view.workflow
    return schemas.ListedBatch(
        id=view.id,
        batch_id=view.batch_id,
        workflow_id=workflow.id if workflow else None,
        name=view.name,
        description=view.description,
        status=BATCH_WORDS[view.status],
        total_instances=view.counts.total,
        completed_instances=counts.get("completed", 0),
        failed_instances=counts.get("failed", 0),
        started_at=view.started_at,
        completed_at=view.finished_at,
        created_at=view.created_at,
        updated_at=view.updated_at,
        workflows=workflow and schemas.WorkflowNames(name=workflow.name, description=workflow.description),
    )


def record(batch: Batch) -> schemas.BatchRecord:
    """Show a batch as the row that the seeds keep of it."""
    counts = status_counts(batch.counts)
    return schemas.BatchRecord(
        id=batch.id,
        batch_id=batch.batch_id,
        workflow_id=batch.workflow_id,
        name=batch.name,
        description=batch.description,
        instance_ids=list(batch.selection),
        base_parameters=dict(batch.parameters),
        instance_parameters=dict(batch.overrides),
        status=BATCH_WORDS[batch.status],
        total_instances=batch.counts.total,
        completed_instances=counts.get("completed", 0),
        failed_instances=counts.get("failed", 0),
        user_id=batch.user_id,
        started_at=batch.started_at,
        completed_at=batch.finished_at,
        created_at=batch.created_at,
        updated_at=batch.updated_at,
    )


def status_counts(counts: Counts) -> dict[str, int]:
    """Return how many executions there are by contract A's words, only those that occur."""
    by_word = {
        "pending": counts.pending,
        "running": counts.running,
        "completed": counts.completed + counts.skipped,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
    }
    return {word: count for word, count in by_word.items() if count}


def _execution(line: OperationLine) -> schemas.ExecutionStatus:
    return schemas.ExecutionStatus(
        id=line.id,
        target_instance_id=line.target_id,
        execution_id=line.execution_id,
        instance_name=line.target_name,
        status=EXECUTION_WORDS[line.status],
        row_count=line.row_count,
        duration_seconds=line.duration_seconds,
        error=line.error_message,
    )


def _instance_result(line: OperationLine) -> schemas.InstanceResult:
    return schemas.InstanceResult(
        instance_id=line.target_id,
        instance_name=line.target_name,
        instance_region=line.region,
        execution_id=line.execution_id,
        row_count=line.row_count,
        duration_seconds=line.duration_seconds,
        completed_at=line.finished_at,
    )
