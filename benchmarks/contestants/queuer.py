"""PgQueuer: durable in PostgreSQL; no attempts, no limits over batches, no counters."""

from __future__ import annotations

import asyncpg
from pgqueuer import PgQueuer

from benchmarks.contestants.base import Job, WithDatabase
from benchmarks.stage import Crew, Stage


class Queuer(WithDatabase):
    """Fetches *size* jobs at once; more than 10, its default, is faster and overshoots its limits."""

    who = "PgQueuer"
    database = "queuer"
    _connection: asyncpg.Connection
    _app: PgQueuer

    def __init__(self, here: Stage, *, size: int = 10) -> None:
        super().__init__(here)
        self._size = size

    async def open(self) -> None:
        """Install its tables."""
        await super().open()
        self._connection = await asyncpg.connect(self.url)
        self._app = PgQueuer.from_asyncpg_connection(self._connection)
        await self._app.queries.install()

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Enqueue all in one statement."""
        await self._app.queries.enqueue([job.value] * count, [None] * count, [0] * count)

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start managers; where a number is asked for, it must be twice the size of a fetch."""
        mode = "continuous" if job is Job.STAMP else "drain"
        size = at_once // 2 if at_once else self._size
        return await Crew.ready(
            "benchmarks.peers.queuer", self.url, str(size), str(at_once or 0), mode, count=workers
        )

    async def drained(self, crew: Crew) -> None:
        """Each says when it found nothing."""
        await crew.each_told()

    async def close(self) -> None:
        """Drop all."""
        await self._connection.close()
        await super().close()
