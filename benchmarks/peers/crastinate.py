"""Procrastinate's worker: `python -m benchmarks.peers.crastinate URL CONCURRENCY drain|continuous`."""

from __future__ import annotations

import sys

import uvloop
from procrastinate import App, PsycopgConnector

from benchmarks.peers.stamp import stamp
from benchmarks.stage import told_to_begin


def app_for(url: str) -> App:
    """Return an application with one task that does nothing."""
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task(name="noop")
    async def noop(*, told: bool = False) -> None:
        if told:
            stamp()

    return app


async def main(url: str, concurrency: int, *, mode: str) -> None:
    """Run no-ops."""
    app = app_for(url)
    async with app.open_async():
        await told_to_begin()
        await app.run_worker_async(
            concurrency=concurrency, wait=mode == "continuous", install_signal_handlers=mode == "continuous"
        )


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), mode=sys.argv[3]))
