"""What the live streams say; their messages are JSON of these shapes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from fanfold.batches.schemas import Job, JobStatus, Operation, Progress

Change = Literal["submitted", "started", "progress", "ended", "deleted"]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True)

    def as_json(self) -> bytes:
        """Return it as one line."""
        return self.__pydantic_serializer__.to_json(self)


class JobSnapshot(_Said):
    """`snapshot` of one job's stream: all of it as it stands."""

    job: Job
    operations: Annotated[list[Operation], Field(description="the first ones, in the order of the targets")]


class JobDelta(_Said):
    """`delta` of one job's stream: what changed in about a second."""

    status: JobStatus
    progress: Progress
    row_count: int
    operations: Annotated[list[Operation], Field(description="those that changed; none when `more` is true")]
    more: Annotated[
        bool, Field(description="more operations changed than a message names: read the list again")
    ]
    truncated: Annotated[bool, Field(description="the same as `more`")]


class JobEnd(_Said):
    """`end` of one job's stream: nothing follows."""

    status: Annotated[str, Field(description="the job's last status, or `deleted`")]


class JobsSnapshot(_Said):
    """`snapshot` of the stream of all jobs: those that have not ended, or ended in the last minute."""

    jobs: list[Job]
    more: Annotated[bool, Field(description="there are more than a message names: read the list")]


class JobChange(_Said):
    """What became of one job."""

    change: Change
    job_id: str
    job: Annotated[Job | None, Field(description="null when it was deleted")]


class JobsDelta(_Said):
    """`delta` of the stream of all jobs: each job that changed, once."""

    jobs: list[JobChange]
    more: Annotated[bool, Field(description="more jobs changed than a message names: read the list again")]
