"""DBOS's worker: `python -m benchmarks.peers.dbos_worker URL AT_ONCE POLL_SECONDS`; AT_ONCE 0: no limit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from dbos import DBOS, DBOSConfig

from benchmarks.peers.stamp import stamp
from benchmarks.peers.words import QUEUE, WAIT_MS
from benchmarks.stage import told_to_begin

VERSION = "1"


@DBOS.workflow(name="nothing")
def nothing() -> None:
    """Do nothing; its state is stored before and after."""


@DBOS.workflow(name="stamp")
async def stamped() -> None:
    """Say when it starts."""
    stamp()


@DBOS.workflow(name="wait")
async def wait() -> None:
    """Wait."""
    await asyncio.sleep(WAIT_MS / 1000)


async def main(url: str, at_once: int, *, poll_seconds: float) -> None:
    """Run jobs until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    config = DBOSConfig(
        name="bench",
        system_database_url=url,
        application_version=VERSION,
        executor_id=str(os.getpid()),
        log_level="ERROR",
    )
    DBOS(config=config)
    DBOS.listen_queues([QUEUE])
    await asyncio.to_thread(DBOS.launch)
    await DBOS.register_queue_async(
        QUEUE, worker_concurrency=at_once or None, polling_interval_sec=poll_seconds
    )
    await told_to_begin()
    await stop.wait()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), poll_seconds=float(sys.argv[3])))
