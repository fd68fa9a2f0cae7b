"""Procrastinate's worker: `python -m benchmarks.peers.crastinate URL AT_ONCE MODE`, drain or continuous."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from procrastinate import App, PsycopgConnector

from benchmarks.contestants.base import Job
from benchmarks.peers.stamp import stamp
from benchmarks.peers.words import WAIT_MS
from benchmarks.stage import told_to_begin


def app_for(url: str) -> App:
    """Return an application with one task for each job."""
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name=Job.NOTHING.value)
    async def nothing() -> None:
        pass

    @app.task(name=Job.STAMP.value)
    async def stamped() -> None:
        stamp()

    @app.task(name=Job.WAIT.value)
    async def wait() -> None:
        await asyncio.sleep(WAIT_MS / 1000)

    return app


async def main(url: str, at_once: int, *, mode: str) -> None:
    """Run jobs."""
    app = app_for(url)
    async with app.open_async():
        await told_to_begin()
        continuous = mode == "continuous"
        await app.run_worker_async(concurrency=at_once, wait=continuous, install_signal_handlers=continuous)
        print("drained", flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), mode=sys.argv[3]))
