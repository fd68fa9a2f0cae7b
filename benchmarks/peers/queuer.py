"""PgQueuer's worker: `python -m benchmarks.peers.queuer URL SIZE AT_ONCE MODE`, MODE drain or continuous."""

from __future__ import annotations

import asyncio
import sys

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.models import Job as Queued
from pgqueuer.types import QueueExecutionMode

from benchmarks.contestants.base import Job
from benchmarks.peers.stamp import stamp
from benchmarks.peers.words import WAIT_MS
from benchmarks.stage import told_to_begin


async def main(url: str, size: int, *, at_once: int, mode: str) -> None:
    """Run jobs."""
    connection = await asyncpg.connect(url)
    app = PgQueuer.from_asyncpg_connection(connection)

    @app.entrypoint(Job.NOTHING.value)
    async def nothing(job: Queued) -> None:
        del job

    @app.entrypoint(Job.STAMP.value)
    async def stamped(job: Queued) -> None:
        del job
        stamp()

    @app.entrypoint(Job.WAIT.value)
    async def wait(job: Queued) -> None:
        del job
        await asyncio.sleep(WAIT_MS / 1000)

    await told_to_begin()
    await app.run(batch_size=size, max_concurrent_tasks=at_once or None, mode=QueueExecutionMode[mode])
    print("drained", flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), at_once=int(sys.argv[3]), mode=sys.argv[4]))
