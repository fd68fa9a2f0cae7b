"""What the general batch API takes and gives. It speaks of jobs, as the requirement documents do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.text import Line
from fanfold.batches.waiting_schemas import WaitView

JobStatus = Literal[
    "pending", "queued", "running", "paused", "cancelling",
    "completed", "partial_success", "failed", "cancelled",
]  # fmt: skip
OperationStatus = Literal["pending", "running", "completed", "failed", "skipped", "cancelled"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Progress(_Answer):
    """How far a job is; the estimates are null until they can be trusted."""

    total_operations: int
    pending_operations: int
    running_operations: int
    completed_operations: int
    failed_operations: int
    skipped_operations: int
    cancelled_operations: int
    percent_complete: Annotated[
        float, Field(ge=0, le=100, description="operations that ended, however they did")
    ]
    current_operation: Annotated[str | None, Field(description="a target that is being worked on")]
    current_operations: Annotated[
        list[str], Field(description="up to five such targets, the one begun last first")
    ] = []
    estimated_time_remaining_ms: int | None
    eta_low_ms: int | None
    eta_high_ms: int | None
    rate_per_second: Annotated[float | None, Field(description="operations that end per second")]
    eta_basis: Annotated[
        Literal["pace", "history"] | None,
        Field(description="what the estimate rests on: this job's pace, or earlier jobs of the same work"),
    ] = None
    stalled: Annotated[bool, Field(description="nothing happens although something should")]
    stalled_reason: Annotated[str | None, Field(description="why, in a sentence")] = None


class JobWorkflow(_Answer):
    """The AMC workflow that a job runs."""

    id: UUID
    key: str
    name: str


class Job(_Answer):
    """A batch as it stands."""

    job_id: Annotated[str, Field(description="the public id", examples=["batch_a1b2c3d4"])]
    id: UUID
    kind: str
    name: str
    description: str
    status: JobStatus
    workflow: JobWorkflow | None
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    max_parallel: int
    tags: list[str]
    total_operations: int
    row_count: int
    progress: Progress


class JobProgress(_Answer):
    """What a poll needs."""

    job_id: str
    status: JobStatus
    progress: Progress


class Failure(_Answer):
    """Why an operation or an attempt failed, in words for its user."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    error_class: Annotated[str, Field(alias="class")] = ""
    message: str = ""
    hint: str | None = None
    fingerprint: Annotated[str | None, Field(description="the same for failures of one cause")] = None


class Operation(_Answer):
    """One target's share of a job."""

    id: UUID
    execution_id: Annotated[str, Field(examples=["exec_12345678"])]
    ordinal: int
    target_id: str
    target_name: str
    target_detail: dict[str, Any] | None
    status: OperationStatus
    waiting: Annotated[
        Literal["retry", "remote", "slot"] | None,
        Field(description="for its next attempt, for the remote side, or for a free slot"),
    ]
    slow: Annotated[
        bool, Field(description="at work for over three times as long as nine of ten others took")
    ] = False
    due_at: datetime | None
    reason: str | None
    attempt_count: int
    row_count: int | None
    summary: dict[str, Any] | None
    error: Failure | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None
    overridden: Annotated[
        list[str], Field(description="parameters that differ from the job's for this target")
    ]


class Call(_Answer):
    """One call of an attempt to a remote side."""

    number: Annotated[
        int, Field(description="from 1; of very many, some between the first and the latest are gone")
    ]
    at: datetime
    step: Annotated[str, Field(description="what it was for")]
    method: str
    path: str
    status: Annotated[int | None, Field(description="null: there was no answer")]
    duration_ms: int
    request_id: Annotated[
        str | None, Field(description="by which the remote side's support finds it, as AMC's `x-amz-rid`")
    ]
    error: Annotated[str | None, Field(description="why there was no answer")]


class Attempt(_Answer):
    """One try at an operation."""

    number: int
    state: Literal["running", "snoozed", "succeeded", "failed", "lost", "cancelled", "throttled"]
    worker: str | None
    started_at: datetime
    finished_at: datetime | None
    duration_ms: int | None
    remote_ref: Annotated[str | None, Field(description="the remote side's id of this run")]
    input: Annotated[
        dict[str, Any], Field(description="the parameters that it ran with, whatever a retry changed since")
    ]
    error: Failure | None
    calls: Annotated[list[Call], Field(description="to remote sides, in order")]


class OperationDetail(Operation):
    """An operation with all that is known of it."""

    parameters: Annotated[
        dict[str, Any], Field(description="the job's, with this target's overrides over them")
    ]
    attempts: list[Attempt]
    waiting_for: Annotated[
        tuple[WaitView, ...], Field(description="why it waits, if it is pending; empty: it is next")
    ] = ()


class JobList(_Answer):
    """A page of jobs."""

    items: list[Job]
    total: int
    limit: int
    offset: int
    next_cursor: Annotated[str | None, Field(description="send it as `cursor` for the next page")] = None


class OperationList(_Answer):
    """A page of operations."""

    items: list[Operation]
    total: int
    limit: int
    offset: int
    next_cursor: Annotated[str | None, Field(description="send it as `cursor` for the next page")] = None


class CancelRequest(_Request):
    """Why a job is cancelled."""

    reason: Annotated[Line | None, Field(max_length=500)] = None


class Cancelled(_Answer):
    """The answer to a cancel."""

    job_id: str
    status: JobStatus
    message: str


class Statistics(_Answer):
    """All jobs of the caller in numbers."""

    total_jobs: int
    active_jobs: int
    by_status: dict[str, int]
    by_kind: dict[str, int]
    total_operations: int
    completed_operations: int
    failed_operations: int
    average_duration_ms: int | None
    success_rate: Annotated[
        float | None, Field(ge=0, le=100, description="percent of the operations that completed or failed")
    ]


class Kind(_Answer):
    """An installed kind of work."""

    name: str
    title: str
    description: str
    parameters_schema: Annotated[dict[str, Any], Field(description="JSON Schema")]
