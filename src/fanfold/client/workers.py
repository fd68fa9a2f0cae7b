"""Workers over HTTP: who works, and on what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from fanfold.client.answer import Answer
from fanfold.client.transport import Transport


class WorkerJob(Answer):
    """What a worker has at work of one batch."""

    job_id: str
    name: str
    running_operations: int


class Worker(Answer):
    """A worker, what it uses of its machine, and what it works on."""

    id: UUID
    name: str
    version: str
    kinds: tuple[str, ...] | None = None
    """What it has installed; None of an older version, which is given every kind."""
    state: str
    """alive, silent (others take its operations) or stopped."""
    capacity: int
    running_operations: int
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    loop_lag_ms: float | None = None
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None = None
    jobs: tuple[WorkerJob, ...] = ()


class AsyncWorkers:
    """The processes that run operations."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self) -> Sequence[Worker]:
        """Return the workers that live, then those that went within the last hour."""
        answer = (await self._transport.get("/batch/workers")).json()
        return [Worker.model_validate(one) for one in answer["items"]]
