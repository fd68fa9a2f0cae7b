"""Dramatiq on Redis: what has ended leaves no trace; a second of it may be lost with the machine."""

from __future__ import annotations

import asyncio

from dramatiq import Broker, group

from benchmarks.contestants.base import Job
from benchmarks.contestants.redis_base import WithRedis
from benchmarks.peers.dramatiq_worker import broker_for
from benchmarks.peers.words import QUEUE
from benchmarks.stage import POLL, Crew

THREADS = 8
"""Its default."""


class Dramatiq(WithRedis):
    """Worker threads, and an event loop for actors that wait; each holds a thread all the same."""

    who = "Dramatiq, Redis"
    _broker: Broker

    async def open(self) -> None:
        """Start Redis and connect."""
        await super().open()
        self._broker = broker_for(self.socket)

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Run a group of messages."""
        actor = self._broker.get_actor(job.value)
        messages = [actor.message() for _ in range(count)]
        await asyncio.to_thread(group(messages, broker=self._broker).run)

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start workers."""
        del job
        arguments = [str(self.socket), str(at_once or THREADS)]
        return await Crew.ready("benchmarks.peers.dramatiq_worker", *arguments, count=workers)

    async def drained(self, crew: Crew) -> None:
        """Wait until no message is left; one stays until it is acknowledged."""
        del crew
        while await self.redis.hlen(f"dramatiq:{QUEUE}.msgs"):  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(POLL)

    async def close(self) -> None:
        """Disconnect and end Redis."""
        self._broker.close()
        await super().close()
