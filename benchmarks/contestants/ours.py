"""Fanfold, with everything on: attempts, limits, counters, timeline."""

from __future__ import annotations

from benchmarks.contestants.base import Contestant, Job
from benchmarks.peers.words import WAIT_MS
from benchmarks.stage import Crew, Stage
from fanfold.batches.model import Batch

CAPACITY = 2000


class Fanfold(Contestant):
    """Works in the stage's own database."""

    who = "Fanfold"

    def __init__(self, here: Stage) -> None:
        super().__init__(here)
        self._batches: list[Batch] = []

    async def open(self) -> None:
        """Nothing is left of the one before."""

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Submit one batch."""
        waiting = job is Job.WAIT
        batch = await self.here.submit(
            count,
            max_parallel=100 if waiting else 10_000,
            parameters={"wait_ms": WAIT_MS} if waiting else None,
        )
        self._batches.append(batch)

    async def settle(self) -> None:
        """Vacuum and analyze."""
        await self.here.admin.execute("vacuum analyze")

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start workers; how many operations wait at once is the batch's own limit."""
        capacity = at_once if at_once and job is not Job.WAIT else CAPACITY
        arguments = [self.here.url, str(capacity), str(self.here.folder / "results")]
        stamp = ["stamp"] if job is Job.STAMP else []
        return await Crew.ready("benchmarks.peers.ours", *arguments, *stamp, count=workers)

    async def drained(self, crew: Crew) -> None:
        """Wait until no batch is unfinished."""
        del crew
        await self.here.until_none("select count(*) from batches where finished_at is null")

    async def close(self) -> None:
        """Delete the batches."""
        ids = [batch.id for batch in self._batches]
        await self.here.admin.execute("delete from batches where id = any($1::uuid[])", ids)
