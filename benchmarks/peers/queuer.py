"""PgQueuer's worker: `python -m benchmarks.peers.queuer URL BATCH_SIZE MODE`, MODE drain or continuous."""

from __future__ import annotations

import sys

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from benchmarks.peers.stamp import stamp
from benchmarks.stage import told_to_begin


async def main(url: str, size: int, *, mode: str) -> None:
    """Run no-ops."""
    connection = await asyncpg.connect(url)
    app = PgQueuer.from_asyncpg_connection(connection)

    @app.entrypoint("noop")
    async def noop(job: Job) -> None:
        if job.payload:
            stamp()

    await told_to_begin()
    await app.run(batch_size=size, mode=QueueExecutionMode[mode])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), mode=sys.argv[3]))
