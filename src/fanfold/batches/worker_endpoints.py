"""The route that shows who works, and on what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.current import CurrentUser
from fanfold.batches.workers import WorkerReader, WorkerState, WorkerView

router = APIRouter(prefix="/batch", tags=["batches"])


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class WorkerJob(_Answer):
    """What a worker has at work of one job."""

    job_id: str
    name: str
    running_operations: int


class Worker(_Answer):
    """A worker, what it uses of its machine, and what it works on."""

    id: UUID
    name: Annotated[str, Field(description="host and process")]
    version: str
    kinds: Annotated[
        list[str] | None,
        Field(description="what it has installed; null of an older version, which is given every kind"),
    ]
    state: Annotated[
        WorkerState, Field(description="`silent`: no sign of life for a minute; others take its operations")
    ]
    capacity: Annotated[int, Field(description="operations that it takes at a time")]
    running_operations: Annotated[int, Field(description="of everybody's jobs")]
    cpu_percent: Annotated[
        float | None, Field(description="since its last heartbeat, with its helpers; 100 is one core")
    ]
    memory_bytes: int | None
    loop_lag_ms: Annotated[
        float | None,
        Field(description="by how much its event loop was late at worst since its last heartbeat"),
    ]
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None
    jobs: Annotated[
        list[WorkerJob], Field(description="those of the caller; an administrator sees everybody's")
    ]


class WorkerList(_Answer):
    """The workers that live or went within the last hour."""

    items: list[Worker]
    alive: Annotated[int, Field(description="how many live")]


@router.get("/workers")
async def list_workers(*, request: Request, user: CurrentUser) -> WorkerList:
    """List the workers that live, then those that went within the last hour."""
    workers = await WorkerReader(request.app.state.services.database).list(user)
    alive = sum(worker.state is WorkerState.ALIVE for worker in workers)
    return WorkerList(items=[_shown(worker) for worker in workers], alive=alive)


def _shown(worker: WorkerView) -> Worker:
    return Worker(
        id=worker.id,
        name=worker.name,
        version=worker.version,
        kinds=None if worker.kinds is None else list(worker.kinds),
        state=worker.state,
        capacity=worker.capacity,
        running_operations=worker.running_count,
        cpu_percent=worker.cpu_percent,
        memory_bytes=worker.memory_bytes,
        loop_lag_ms=worker.loop_lag_ms,
        started_at=worker.started_at,
        heartbeat_at=worker.heartbeat_at,
        stopped_at=worker.stopped_at,
        jobs=[
            WorkerJob(job_id=work.batch_id, name=work.name, running_operations=work.running_count)
            for work in worker.work
        ],
    )
