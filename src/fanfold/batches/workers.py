"""Reads who works: the workers that live or went lately, what they use, and what they have at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fanfold.access.model import User, UserRole
from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.batches")


class WorkerState(StrEnum):
    """Whether a worker is there."""

    ALIVE = "alive"
    SILENT = "silent"
    """It gave no sign of life for a minute; its operations are given to others."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker has at work of one batch."""

    batch_id: str
    name: str
    running_count: int


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A worker as it is shown; what it uses is unknown before its first heartbeat."""

    id: UUID
    name: str
    version: str
    kinds: tuple[str, ...] | None
    """What it has installed; None of a worker of an older version, which is given every kind."""
    state: WorkerState
    capacity: int
    running_count: int
    """Of all batches, those too that whoever asks may not see."""
    cpu_percent: float | None
    memory_bytes: int | None
    loop_lag_ms: float | None
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None
    work: tuple[Work, ...]


class WorkerReader:
    """Reads for the acting user; an administrator sees everybody's work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, user: User) -> list[WorkerView]:
        """Return the living workers, then those that went within the hour."""
        async with self._database.transaction(user_id=user.id) as transaction:
            workers = await transaction.fetch(sql("list_workers"))
            work = await _work_of(transaction, user)
        return [_worker_from(row, work) for row in workers]


async def _work_of(transaction: Transaction, user: User) -> Sequence[Row]:
    if user.role is not UserRole.ADMIN:
        return await transaction.fetch(sql("list_work"))
    async with transaction.as_service():
        return await transaction.fetch(sql("list_work"))


def _worker_from(row: Row, work: Sequence[Row]) -> WorkerView:
    state = WorkerState(row["state"])
    return WorkerView(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        kinds=None if row["kinds"] is None else tuple(sorted(row["kinds"])),
        state=state,
        capacity=row["capacity"],
        running_count=row["running_count"],
        cpu_percent=row["cpu_percent"],
        memory_bytes=row["memory_bytes"],
        loop_lag_ms=row["loop_lag_ms"],
        started_at=row["started_at"],
        heartbeat_at=row["heartbeat_at"],
        stopped_at=row["stopped_at"],
        work=tuple(
            Work(each["batch_id"], each["name"], each["running_count"])
            for each in work
            if each["worker_id"] == row["id"]
        ),
    )
