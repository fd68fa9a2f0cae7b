"""Dramatiq's worker: `python -m benchmarks.peers.dramatiq_worker SOCKET THREADS`."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import dramatiq
import uvloop
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware.asyncio import AsyncIO

from benchmarks.peers.stamp import stamp
from benchmarks.peers.words import QUEUE, WAIT_MS
from benchmarks.stage import told_to_begin


def broker_for(socket: Path) -> RedisBroker:
    """Return a broker with one actor for each job; a message is acknowledged when its actor has ended."""
    broker = RedisBroker(url=f"unix://{socket}")
    broker.add_middleware(AsyncIO())

    @dramatiq.actor(actor_name="nothing", queue_name=QUEUE, broker=broker)
    def nothing() -> None:
        pass

    @dramatiq.actor(actor_name="stamp", queue_name=QUEUE, broker=broker)
    def stamped() -> None:
        stamp()

    @dramatiq.actor(actor_name="wait", queue_name=QUEUE, broker=broker)
    async def wait() -> None:
        await asyncio.sleep(WAIT_MS / 1000)

    return broker


async def main(socket: str, threads: int) -> None:
    """Run jobs until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    broker = broker_for(Path(socket))
    broker.emit_after("process_boot")
    worker = dramatiq.Worker(broker, worker_threads=threads)
    await told_to_begin()
    worker.start()
    await stop.wait()
    worker.stop(timeout=1000)
    broker.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
