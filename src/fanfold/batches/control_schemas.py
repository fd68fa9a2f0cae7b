"""What a job's own page shows beside the list's line, what controls it, and its timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from fanfold.access.text import Line, Name, Paragraph, Tag
from fanfold.batches.lifecycle import PauseMode
from fanfold.batches.model import Batch
from fanfold.batches.policy import AfterStatus, LockMode
from fanfold.batches.policy_forms import BudgetForm, PolicyChange, QuietHoursForm, RateForm, WavesForm
from fanfold.batches.schemas import Job, JobStatus
from fanfold.batches.waiting_schemas import WaitView


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class PauseRequest(BaseModel):
    """How a job rests."""

    model_config = ConfigDict(extra="forbid")

    mode: Annotated[
        PauseMode,
        Field(description="`drain`: what runs goes on to its end; `freeze`: it stops where it stands"),
    ] = PauseMode.DRAIN
    reason: Annotated[Line | None, Field(max_length=200)] = None
    resume_at: Annotated[
        AwareDatetime | None, Field(description="when it goes on by itself; null: when it is resumed")
    ] = None


class JobChange(PolicyChange):
    """What changes of a job while it runs; what is left out stays as it is."""

    name: Name | None = None
    description: Paragraph | None = None
    tags: Annotated[list[Tag] | None, Field(max_length=50)] = None

    def changed(self, batch: Batch) -> Batch:
        """Return *batch* with what is said here over it."""
        return replace(
            batch,
            name=batch.name if self.name is None else self.name,
            description=batch.description if self.description is None else self.description,
            tags=batch.tags if self.tags is None else tuple(dict.fromkeys(self.tags)),
            policy=self.applied_to(batch.policy),
        )


class PolicyView(_Answer):
    """How a job runs."""

    max_parallel: int
    max_attempts: int
    backoff_seconds: float
    attempt_timeout_seconds: float
    operation_timeout_seconds: float
    batch_timeout_seconds: float | None
    priority: int
    stop_on_error: bool
    budget: BudgetForm
    rate: RateForm | None
    sequential: bool
    waves: WavesForm | None
    lock: LockMode | None
    quiet_hours: list[QuietHoursForm]


class PauseView(_Answer):
    """Who rests a job, how, and until when."""

    mode: PauseMode
    since: datetime
    reason: str | None
    resume_at: datetime | None
    by: Annotated[str | None, Field(description="a username")]


class StopView(_Answer):
    """Why what had not begun is skipped."""

    reason: Literal["stop_on_error", "budget", "timeout", "condition"]
    at: datetime
    text: str


class WavesView(_Answer):
    """Which part of a job may run."""

    current: Annotated[int, Field(description="the open wave, from 1; past the last: the rest runs")]
    sizes: list[int]
    tolerated: int


class AfterView(_Answer):
    """The job that this one waits for."""

    job_id: Annotated[str | None, Field(description="null: it was deleted")]
    status: JobStatus | None
    until: Annotated[AfterStatus, Field(description="what of it is waited for")]


class JobDetail(Job):
    """A batch as it stands, with how it runs and what holds it up."""

    policy: PolicyView | None = None
    pause: PauseView | None = None
    stop_reason: StopView | None = None
    waves: WavesView | None = None
    after: AfterView | None = None
    waiting_for: Annotated[
        tuple[WaitView, ...],
        Field(description="why pending operations wait, what keeps the most of them first"),
    ] = ()
    waiting_looked_at: Annotated[
        int,
        Field(description="pending operations that this was read from: those that come first, 200 at most"),
    ] = 0


class Change(_Answer):
    """One field, before and after."""

    field: str
    before: Any
    after: Any


class TimelineEntry(_Answer):
    """Something that happened to a job as a whole."""

    id: int
    name: Annotated[str, Field(examples=["batch.paused", "batch.changed", "batch.completed"])]
    at: datetime
    actor: Annotated[str | None, Field(description="a username; null: Fanfold itself")]
    text: str
    changes: list[Change]


class Timeline(_Answer):
    """A part of a job's timeline, the latest first."""

    items: list[TimelineEntry]
    limit: int
    next_cursor: Annotated[str | None, Field(description="send it as `cursor` for what was before")] = None
