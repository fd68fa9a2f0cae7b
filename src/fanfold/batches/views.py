"""What readers get: a batch without definition and selection, an operation with its attempts, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar
from uuid import UUID

from fanfold.batches.lifecycle import BatchState, OperationState
from fanfold.batches.model import Attempt, Counts, Operation
from fanfold.batches.pace import Pace
from fanfold.batches.progress import Progress, progress_of
from fanfold.batches.rows import counts_from

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkflowName:
    """The workflow that a batch runs, as lists name it."""

    id: UUID
    key: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as it is shown."""

    id: UUID
    batch_id: str
    user_id: UUID
    kind: str
    name: str
    description: str
    tags: tuple[str, ...]
    status: BatchState
    counts: Counts
    progress: Progress
    row_count: int
    max_parallel: int
    workflow: WorkflowName | None
    created_by: str | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def facts(self) -> tuple[object, ...]:
        """What of it is known without an estimate."""
        return (self.updated_at, self.status, self.counts, self.row_count)

    @property
    def revision(self) -> str:
        """A word that changes whenever the batch, or the status of one of its operations, does."""
        counts = self.counts
        parts = (
            self.updated_at.timestamp(), self.status, counts.total, counts.pending, counts.running,
            counts.completed, counts.failed, counts.skipped, counts.cancelled, self.row_count,
            self.progress.stalled,
        )  # fmt: skip
        return blake2b(repr(parts).encode(), digest_size=8).hexdigest()

    def paced(self, pace: Pace) -> BatchView:
        """Return it with the progress that follows from its pace."""
        progress = progress_of(self.counts, self.status, created_at=self.created_at, pace=pace)
        return replace(self, progress=progress)


@dataclass(frozen=True, slots=True)
class OperationView:
    """An operation with all that is known of it."""

    operation: Operation
    parameters: Mapping[str, Any]
    """Base parameters with this target's overrides merged over them."""
    attempts: tuple[Attempt, ...]
    slow_before: datetime | None = None
    """What is at work since before this takes unusually long."""


@dataclass(frozen=True, slots=True)
class OperationLine:
    """An operation in one line, for answers that name all of a batch."""

    id: UUID
    execution_id: str
    target_id: UUID | None
    target_name: str
    region: str | None
    status: OperationState
    row_count: int | None
    error_message: str | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def duration_seconds(self) -> float | None:
        """How long it took, once it has ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds(), 3)


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """One page, and how many there are in all."""

    items: list[T]
    total: int
    next_cursor: str | None = None
    slow_before: datetime | None = None
    """Of operations: what is at work since before this takes unusually long."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The acting user's batches in numbers."""

    by_status: Mapping[str, int]
    by_kind: Mapping[str, int]
    active_count: int
    total_operations: int
    completed_operations: int
    failed_operations: int
    average_duration_ms: int | None

    @property
    def total_count(self) -> int:
        """All batches."""
        return sum(self.by_status.values())

    @property
    def success_rate(self) -> float | None:
        """Of the operations that completed or failed, how many percent completed."""
        ended = self.completed_operations + self.failed_operations
        return round(100 * self.completed_operations / ended, 2) if ended else None


def view_from(row: Mapping[str, Any]) -> BatchView:
    """Read a row of `get_batch`, `list_batches` or `list_live_batches`, without its pace."""
    status = BatchState(row["status"])
    counts = counts_from(row)
    return BatchView(
        id=row["id"],
        batch_id=row["batch_id"],
        user_id=row["user_id"],
        kind=row["kind"],
        name=row["name"],
        description=row["description"],
        tags=tuple(row["tags"]),
        status=status,
        counts=counts,
        progress=progress_of(counts, status, created_at=row["created_at"], pace=None),
        row_count=row["row_count"],
        max_parallel=row["max_parallel"],
        workflow=_workflow_from(row),
        created_by=row["created_by"],
        cancel_reason=row["cancel_reason"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def line_from(row: Mapping[str, Any]) -> OperationLine:
    """Read a row of `list_operation_lines`."""
    return OperationLine(
        id=row["id"],
        execution_id=row["execution_id"],
        target_id=row["target_id"],
        target_name=row["target_name"] or row["item_key"],
        region=row["region"],
        status=OperationState(row["status"]),
        row_count=row["row_count"],
        error_message=row["error_message"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def pace_from(row: Mapping[str, Any]) -> Pace:
    """Read a row of `get_pace`."""
    now: datetime = row["now"]
    opens = [moment for moment in (row["quiet_until"], row["opens_at"]) if moment is not None]
    left = row["slots_left"]
    return Pace(
        now=now,
        began_ago=row["began_ago"],
        last_event_ago=row["last_event_ago"],
        ends=tuple(zip(row["ends_ago"], row["ends_count"], strict=True)),
        pauses=_pauses_from(row),
        durations=tuple(row["durations"]),
        current_operations=tuple(row["current_operations"]),
        longest_operation=row["longest_operation"],
        longest_seconds=row["longest_seconds"],
        shortest_seconds=row["shortest_seconds"],
        retry_count=row["retry_count"],
        retry_first_in=row["retry_first"],
        retry_last_in=row["retry_last"],
        parallel=max(1, row["parallel"] if left is None else min(row["parallel"], left)),
        starts_per_second=row["starts_per_second"],
        opens_in=(max(opens) - now).total_seconds() if opens else None,
        full_limit=_full_limit_from(row),
        waits_for_batch=row["waits_for_batch"],
        worker_count=row["worker_count"],
    )


def _pauses_from(row: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """Pair every pause with its end; one without an end lasts, one without a beginning began before."""
    resumed: list[float] = row["resumed_ago"]
    spans = [
        (begin, max((end for end in resumed if end <= begin), default=0.0)) for begin in row["paused_ago"]
    ]
    if resumed and not any(begin >= resumed[0] for begin, _ in spans):
        spans.append((row["began_ago"], resumed[0]))
    return tuple(spans)


def _full_limit_from(row: Mapping[str, Any]) -> str | None:
    if row["full_key"] is None or row["opens_at"] is not None:
        return None
    ((key, used, cap),) = row["full_key"]
    return f"{key} has {used} of {cap} in use"


def _workflow_from(row: Mapping[str, Any]) -> WorkflowName | None:
    if row["workflow"] is None:
        return None
    key, name, description = row["workflow"]
    return WorkflowName(row["workflow_id"], key, name, description)
