"""The values that pass between service, store, engine and edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fanfold.batches.lifecycle import AttemptState, BatchState, OperationState, PauseMode, Reason
from fanfold.batches.policy import Policy
from fanfold.sdk.context import Target


@dataclass(frozen=True, slots=True)
class Item:
    """One operation as submitted."""

    target: Target
    overrides: Mapping[str, Any] | None = None
    priority: int = 0
    """Inside its batch: the higher goes first."""
    skip_reason: str | None = None
    """Why a condition leaves it out; it is skipped from the start."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What a user asks for: one kind of work over a frozen list of targets."""

    kind: str
    name: str
    items: list[Item]
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    description: str = ""
    tags: tuple[str, ...] = ()
    policy: Policy = field(default_factory=Policy)
    workflow_id: UUID | None = None
    batch_id: str | None = None
    draft: bool = False
    """Nothing runs before it is started."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Who rests a batch, and how."""

    mode: PauseMode
    since: datetime
    reason: str | None = None
    resume_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Operations by state; they always sum to the total."""

    total: int
    pending: int
    running: int
    completed: int
    failed: int
    skipped: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands."""

    id: UUID
    batch_id: str
    user_id: UUID
    kind: str
    workflow_id: UUID | None
    name: str
    description: str
    tags: tuple[str, ...]
    status: BatchState
    counts: Counts
    row_count: int
    policy: Policy
    definition: Mapping[str, Any]
    parameters: Mapping[str, Any]
    selection: tuple[str, ...]
    overrides: Mapping[str, Mapping[str, Any]]
    cancel_reason: str | None
    pause: Pause | None
    stop_reason: Reason | None
    """Why what had not begun was skipped: the budget is spent, the time is up, a condition is not met."""
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it stands."""

    id: UUID
    execution_id: str
    batch_id: UUID
    ordinal: int
    target: Target
    overrides: Mapping[str, Any]
    status: OperationState
    reason: Reason | None
    due_at: datetime | None
    attempt_count: int
    attempts_allowed: int
    summary: Mapping[str, Any] | None
    row_count: int | None
    error: Mapping[str, Any] | None
    """`{"class", "message", "hint", "fingerprint"}`"""
    error_fingerprint: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an attempt to a remote side."""

    number: int
    """From 1; of very many calls, some between the first and the latest are gone."""
    at: datetime
    step: str
    method: str
    path: str
    status: int | None
    duration_ms: int
    request_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at an operation."""

    number: int
    state: AttemptState
    worker: str
    remote_ref: str | None
    input: Mapping[str, Any]
    """The parameters that it ran with: a retry may change an operation's, never an attempt's."""
    error: Mapping[str, Any] | None
    started_at: datetime
    finished_at: datetime | None
    calls: tuple[Call, ...] = ()
