"""Contract A's answers, field by field as printed; a null is a value that there is not yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fanfold.batches.results_schemas import ResultRows

BatchWord = Literal["pending", "running", "completed", "partial", "failed", "cancelled"]
ExecutionWord = Literal["pending", "running", "completed", "failed", "cancelled"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class SubmittedExecution(_Answer):
    """One instance's execution, right after the submission."""

    instance_id: UUID
    execution_id: str
    status: ExecutionWord


class SubmittedBatch(_Answer):
    """What was submitted."""

    batch_id: Annotated[str, Field(examples=["batch_a1b2c3d4"])]
    batch_execution_id: UUID
    workflow_id: UUID
    total_instances: int
    status: BatchWord
    executions: list[SubmittedExecution]


class SubmitAnswer(_Answer):
    """The answer to a submission."""

    success: Literal[True] = True
    batch: SubmittedBatch


class ExecutionStatus(_Answer):
    """Where one instance's execution stands."""

    id: UUID
    target_instance_id: UUID | None
    execution_id: str
    instance_name: str
    status: ExecutionWord
    row_count: int | None
    duration_seconds: float | None
    error: str | None


class BatchStatus(_Answer):
    """Where a batch execution stands."""

    batch_id: str
    workflow_id: UUID | None
    name: str
    status: BatchWord
    total_instances: int
    completed_instances: int
    failed_instances: int
    running_instances: int
    pending_instances: int
    started_at: datetime | None
    completed_at: datetime | None
    executions: list[ExecutionStatus]
    status_counts: Annotated[dict[str, int], Field(description="only the statuses that occur")]


class StatusAnswer(_Answer):
    """The answer to a status request."""

    success: Literal[True] = True
    batch_status: BatchStatus


class InstanceResult(_Answer):
    """What one instance gave."""

    instance_id: UUID | None
    instance_name: str
    instance_region: str | None
    execution_id: str
    row_count: int | None
    duration_seconds: float | None
    completed_at: datetime | None


class BatchResults(_Answer):
    """What a batch execution gave."""

    batch_id: str
    status: BatchWord
    total_instances: int
    completed_instances: int
    failed_instances: int
    instance_results: list[InstanceResult]
    aggregated_data: ResultRows


class ResultsAnswer(_Answer):
    """The answer to a results request."""

    success: Literal[True] = True
    batch_results: BatchResults


class CancelAnswer(_Answer):
    """The answer to a cancel."""

    success: Literal[True] = True
    message: str = "Batch execution cancelled successfully"


class WorkflowNames(_Answer):
    """The workflow of a listed batch execution."""

    name: str
    description: str


class ListedBatch(_Answer):
    """One line of the list."""

    id: UUID
    batch_id: str
    workflow_id: UUID | None
    name: str
    description: str
    status: BatchWord
    total_instances: int
    completed_instances: int
    failed_instances: int
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    workflows: WorkflowNames | None


class ListAnswer(_Answer):
    """The answer to a list request."""

    success: Literal[True] = True
    batch_executions: list[ListedBatch]
    total: int


class BatchRecord(_Answer):
    """A row of `batch_executions`, as `BatchExecutionService.create_batch_execution` returns it."""

    id: UUID
    batch_id: str
    workflow_id: UUID | None
    name: str
    description: str
    instance_ids: list[str]
    base_parameters: dict[str, Any]
    instance_parameters: dict[str, Any]
    status: BatchWord
    total_instances: int
    completed_instances: int
    failed_instances: int
    user_id: UUID
    started_at: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
