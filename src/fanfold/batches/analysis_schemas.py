"""What the routes answer that look at a batch as a whole: failures by cause, two batches side by side."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fanfold.batches.comparing import Change, Difference
from fanfold.batches.schemas import OperationStatus

_Advice = Literal["retry", "wait", "extend", "fix"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)


class FailureCause(_Answer):
    """Failures of one cause."""

    fingerprint: Annotated[str, Field(description="names the cause; `retry` takes it")]
    error_class: Annotated[str, Field(alias="class")]
    message: Annotated[str, Field(description="of one of the failures")]
    hint: str | None
    reason: Annotated[str | None, Field(description="the most frequent of their reasons")]
    count: Annotated[int, Field(description="operations that have failed by it")]
    share: Annotated[float, Field(ge=0, le=100, description="percent of all failed operations")]
    first_seen_at: datetime
    last_seen_at: datetime
    retryable: Annotated[bool, Field(description="false: another attempt would fail the same way")]
    suggested_action: _Advice
    suggestion: Annotated[str, Field(description="the same in a sentence")]


class FailureExample(_Answer):
    """An operation of a group."""

    operation_id: UUID
    target_id: str
    target_name: str


class FailureGroup(FailureCause):
    """A cause inside one job."""

    examples: Annotated[list[FailureExample], Field(max_length=5)]
    attempt_count: Annotated[
        int | None, Field(description="attempts that ended so; null unless attempts were asked for")
    ]
    recovered_count: Annotated[
        int | None, Field(description="operations that met it and succeeded later; null as above")
    ]


class FailureGroupList(_Answer):
    """A job's failures by cause, the most frequent first."""

    job_id: str
    total_failures: int
    total_groups: int
    items: list[FailureGroup]
    limit: int
    offset: int


class HitJob(_Answer):
    """A job that a cause has hit."""

    job_id: str
    name: str
    kind: str
    failure_count: int


class SpreadCause(FailureCause):
    """A cause over many jobs."""

    job_count: int
    jobs: Annotated[list[HitJob], Field(max_length=5, description="the last that it hit")]


class SpreadCauseList(_Answer):
    """The causes that have hit the caller's jobs, the widest first."""

    total_failures: int
    total_groups: int
    items: list[SpreadCause]
    limit: int
    offset: int


class ComparedSide(_Answer):
    """One job's operation for a target."""

    operation_id: UUID
    status: OperationStatus
    duration_ms: int | None
    row_count: int | None
    error_message: str | None
    fingerprint: str | None


class ComparedTarget(_Answer):
    """A target in two jobs."""

    target_key: str
    target_id: str
    target_name: str
    change: Change
    differences: Annotated[list[Difference], Field(description="only of targets that succeeded in both")]
    job: ComparedSide | None
    other: ComparedSide | None


class JobComparison(_Answer):
    """A job beside another, target by target."""

    job_id: str
    other_id: str
    counts: Annotated[
        dict[str, int], Field(description="targets by change, which sum up to all, and by difference")
    ]
    items: list[ComparedTarget]
    total: Annotated[int, Field(description="targets that the filter lets through")]
    limit: int
    next_cursor: Annotated[str | None, Field(description="send it as `cursor` for the next page")]
