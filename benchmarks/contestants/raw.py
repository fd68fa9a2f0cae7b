"""The raw limit: a table, a claim and a completion; nothing could be cheaper in SQL."""

from __future__ import annotations

import asyncpg

from benchmarks.contestants.base import Job, WithDatabase
from benchmarks.peers import raw
from benchmarks.peers.words import WAIT_MS
from benchmarks.stage import Crew

CLAIM_SIZE = 500


class Raw(WithDatabase):
    """Keeps no attempts, no limits, no counters, no events."""

    who = "raw loop (limit)"
    database = "raw"

    _connection: asyncpg.Connection

    async def open(self) -> None:
        """Make the table."""
        await super().open()
        self._connection = await asyncpg.connect(self.url)
        await self._connection.execute(raw.SCHEMA)

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Copy the rows."""
        del job
        rows = [(f"t{number}", f'{{"name": "t{number}"}}') for number in range(count)]
        await self._connection.copy_records_to_table("job", columns=("key", "target"), records=rows)

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start loops."""
        wait = WAIT_MS if job is Job.WAIT else 0
        size = str(at_once or CLAIM_SIZE)
        return await Crew.ready("benchmarks.peers.raw", self.url, size, str(wait), count=workers)

    async def drained(self, crew: Crew) -> None:
        """Each says when it found nothing."""
        await crew.each_told()

    async def close(self) -> None:
        """Drop all."""
        await self._connection.close()
        await super().close()
