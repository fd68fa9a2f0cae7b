"""What the server answers, typed. Fields that a newer server adds are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from fanfold.client.answer import Answer
from fanfold.client.control import AwaitedBatch, OpenWave, Pause, Stop, Wait
from fanfold.client.policy import PolicyInForce


class Status(StrEnum):
    """Where a batch stands, in the words of the general API."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    PARTIAL = "partial_success"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens unless somebody retries."""
        return self in {Status.COMPLETED, Status.PARTIAL, Status.FAILED, Status.CANCELLED}

    @property
    def word(self) -> str:
        """The glossary's word, as the UI shows it."""
        return "partial" if self is Status.PARTIAL else self.value


class Progress(Answer):
    """How far a batch is, in operations."""

    total_operations: int
    pending_operations: int = 0
    running_operations: int = 0
    completed_operations: int = 0
    failed_operations: int = 0
    skipped_operations: int = 0
    cancelled_operations: int = 0
    percent_complete: float = 0.0
    current_operation: str | None = None
    current_operations: tuple[str, ...] = ()
    estimated_time_remaining_ms: int | None = None
    eta_low_ms: int | None = None
    eta_high_ms: int | None = None
    eta_basis: str | None = None
    rate_per_second: float | None = None
    stalled: bool = False
    stalled_reason: str | None = None

    @property
    def finished_operations(self) -> int:
        """Operations that ended, however they did."""
        return (
            self.completed_operations
            + self.failed_operations
            + self.skipped_operations
            + self.cancelled_operations
        )


class WorkflowName(Answer):
    """A batch's workflow, in short."""

    id: UUID
    key: str
    name: str


class Job(Answer):
    """A batch as it stood when it was read; what stands after `progress` is told of single batches only."""

    job_id: str
    id: UUID
    kind: str
    name: str
    description: str | None = None
    status: Status
    workflow: WorkflowName | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    max_parallel: int | None = None
    tags: tuple[str, ...] = ()
    total_operations: int
    row_count: int | None = None
    progress: Progress
    policy: PolicyInForce | None = None
    pause: Pause | None = None
    stop_reason: Stop | None = None
    waves: OpenWave | None = None
    after: AwaitedBatch | None = None
    waiting_for: tuple[Wait, ...] = ()
    """Why pending operations wait, what keeps the most of them first."""


class OperationError(Answer):
    """Why an operation or an attempt failed."""

    class_name: str = Field(alias="class", default="")
    message: str = ""
    hint: str | None = None
    fingerprint: str | None = None


class Operation(Answer):
    """One target's share of a batch."""

    id: UUID
    execution_id: str
    ordinal: int
    target_id: str | None = None
    target_name: str
    status: str
    waiting: str | None = None
    slow: bool = False
    due_at: datetime | None = None
    reason: str | None = None
    attempt_count: int = 0
    row_count: int | None = None
    summary: dict[str, Any] | None = None
    error: OperationError | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    duration_ms: int | None = None
    overridden: tuple[str, ...] = ()


class RemoteCall(Answer):
    """One call of an attempt to a remote side; `request_id` is what its support asks for."""

    number: int
    at: datetime
    step: str
    method: str
    path: str
    status: int | None = None
    duration_ms: int = 0
    request_id: str | None = None
    error: str | None = None


class Attempt(Answer):
    """One try at an operation, with what it ran with."""

    number: int
    state: str
    worker: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
    duration_ms: int | None = None
    remote_ref: str | None = None
    input: dict[str, Any] = Field(default_factory=dict[str, Any])
    error: OperationError | None = None
    calls: tuple[RemoteCall, ...] = ()


class OperationDetail(Operation):
    """An operation with its parameters and attempts, and why it waits."""

    parameters: dict[str, Any] = Field(default_factory=dict[str, Any])
    attempts: tuple[Attempt, ...] = ()
    waiting_for: tuple[Wait, ...] = ()


class JobEvent(Answer):
    """What became of one batch: `standing` for what is told first, then submitted, started, progress …"""

    change: str = "standing"
    job_id: str
    job: Job | None = None


class Change(Answer):
    """What a live stream says: the whole batch first, then what changed."""

    status: Status
    progress: Progress
    operations: tuple[Operation, ...] = ()


class Snapshot(Answer):
    """What a live stream says first."""

    job: Job
    operations: tuple[Operation, ...] = ()

    def as_change(self) -> Change:
        """Return it in the shape of what follows."""
        return Change(status=self.job.status, progress=self.job.progress, operations=self.operations)


class Parameter(Answer):
    """What a workflow wants to know."""

    name: str
    data_type: str
    required: bool = False
    default: Any = None
    description: str = ""


class LastBatch(Answer):
    """The latest batch of a workflow."""

    batch_id: str
    status: str
    created_at: datetime


class Workflow(Answer):
    """A named, versioned AMC SQL text with declared parameters."""

    id: UUID
    key: str
    name: str
    description: str | None = None
    version: int = 1
    sql_query: str
    parameters: tuple[Parameter, ...] = ()
    tags: tuple[str, ...] = ()
    aggregate: str = ""
    """SQL over `results`, the rows of a batch; empty: none."""
    origin: str | None = None
    """What it was copied from, such as `library:reach-by-campaign`."""
    last_batch: LastBatch | None = None


class LibraryCopy(Answer):
    """A workflow of your own that was copied from the library."""

    id: UUID
    key: str
    name: str


class LibraryWorkflow(Answer):
    """A workflow that Fanfold brings along, ready to be copied."""

    key: str
    name: str
    theme: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """Of its rows, from left to right."""
    tags: tuple[str, ...] = ()
    copies: tuple[LibraryCopy, ...] = ()
    """Those that you have of it, the first one first."""
    sql_query: str | None = None
    """Only of one that is asked for by its key."""


class SavedOn(Answer):
    """An instance that a workflow was saved on or compared with, as it was found last."""

    instance_id: UUID | None = None
    name: str
    state: str
    """in_step, behind, differs, missing, at_work or unreachable."""
    version: int | None = None
    at: datetime | None = None
    difference: str = ""
    error: str | None = None
    job_id: str = ""


class SavedStates(Answer):
    """Where a workflow is saved on AMC."""

    saved_id: str
    version: int
    instances: tuple[SavedOn, ...] = ()


class Finding(Answer):
    """What a check of a workflow found."""

    rule: str
    severity: str
    message: str
    line: int | None = None
    column: int | None = None
    explanation: str = ""
    fix: str = ""


class CheckProblem(Answer):
    """What is wrong with a part of a request or of a file."""

    pointer: str
    message: str


class CheckedInstance(Answer):
    """What a batch would run with on one instance."""

    instance_id: str
    name: str
    parameters: Mapping[str, Any]
    warnings: tuple[str, ...] = ()
    skipped: str | None = None


class CheckReport(Answer):
    """The answer of a check; `ok` means that nothing refuses the workflow, nor its batch if one was given."""

    ok: bool
    findings: tuple[Finding, ...] = ()
    problems: tuple[CheckProblem, ...] = ()
    instances: tuple[CheckedInstance, ...] = ()


class WorkflowVersion(Answer):
    """What a workflow said at some time."""

    version: int
    sql_query: str
    parameters: tuple[Parameter, ...] = ()
    created_at: datetime


class ImportedFile(Answer):
    """What became of a file, or would become of it."""

    name: str
    outcome: str
    key: str | None = None
    version: int | None = None
    difference: str = ""
    problems: tuple[CheckProblem, ...] = ()
    findings: tuple[Finding, ...] = ()


class ImportReport(Answer):
    """What became of all files; `ok` means that nothing refuses any of them."""

    ok: bool
    files: tuple[ImportedFile, ...] = ()


class Instance(Answer):
    """An AMC instance."""

    id: UUID
    instance_id: str
    name: str
    region: str
    account_id: str | None = None
    account_name: str | None = None
    marketplace_id: str | None = None
    brands: tuple[str, ...] = ()
    sandbox: bool = False
    tags: tuple[str, ...] = ()


class Connected(Answer):
    """A connection: one configured, credentialed system."""

    id: UUID
    connector: str
    name: str
    config: dict[str, Any] = Field(default_factory=dict[str, Any])


class ProbeReport(Answer):
    """What a test of a connection found."""

    ok: bool
    failed_step: str | None = None
    message: str = ""
    hint: str | None = None


class HealthChecks(Answer):
    """What a server looked at; null where there is nothing to look at."""

    database: bool
    amc_api: bool | None = None
    worker: bool


class Health(Answer):
    """What a server says of itself: healthy or degraded."""

    status: str
    checks: HealthChecks


class RetryCandidate(Answer):
    """An operation that would run again, and with what."""

    id: UUID
    target_id: str
    target_name: str
    status: str
    reason: str | None = None
    attempt_count: int = 0
    error_message: str | None = None
    fingerprint: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict[str, Any])


class Retried(Answer):
    """What a retry set in motion, or would: of a dry run the first 100 operations are told."""

    job_id: str
    status: Status
    retried_operations: int
    message: str = ""
    dry_run: bool = False
    operations: tuple[RetryCandidate, ...] = ()


class Fetching(Answer):
    """The batch that fetches a batch's rows again."""

    job_id: str
    of_job_id: str
    total_operations: int


class Statistics(Answer):
    """All batches of the user in numbers."""

    total_jobs: int
    active_jobs: int
    by_status: dict[str, int]
    by_kind: dict[str, int]
    total_operations: int
    completed_operations: int
    failed_operations: int
    average_duration_ms: int | None = None
    success_rate: float | None = None


class Kind(Answer):
    """A kind of work that the server has, with the JSON Schema of its parameters."""

    name: str
    title: str
    description: str
    parameters_schema: dict[str, Any] = Field(default_factory=dict[str, Any])
