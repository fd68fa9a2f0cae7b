"""Fanfold's worker: `python -m benchmarks.peers.ours URL CAPACITY FOLDER [stamp|held]`."""

from __future__ import annotations

import asyncio
import signal
import sys
from uuid import UUID

import uvloop

from benchmarks.peers.held import Held
from benchmarks.peers.stamp import Stamp
from benchmarks.stage import told_to_begin
from fanfold.catalog.catalog import Catalog, load_catalog
from fanfold.db.database import Database, Role
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.results.store import ResultStore


class NoClients:
    """The no-op kind has no connection."""

    async def client(self, connection_id: UUID) -> object:
        """Refuse."""
        raise LookupError(connection_id)


def worker_on(database: Database, url: str, *, capacity: int, folder: str, extra: str = "") -> Worker:
    """Return a worker of the installed kinds; `stamp` and `held` name one of ours."""
    kinds = dict(load_catalog().kinds)
    if extra == "stamp":
        kinds = {"noop": Stamp()}
    elif extra == "held":
        kinds["held"] = Held()
    return Worker(
        database,
        url=url,
        catalog=Catalog(kinds, {}),
        clients=NoClients(),
        results=ResultStore.open(folder),
        options=WorkerOptions(capacity=capacity),
    )


async def main(url: str, capacity: int, *, folder: str, extra: str) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = await Database.open(url, Role.SERVICE)
    worker = worker_on(database, url, capacity=capacity, folder=folder, extra=extra)
    await told_to_begin()
    await worker.run(stop)
    await database.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), folder=sys.argv[3], extra="".join(sys.argv[4:])))
