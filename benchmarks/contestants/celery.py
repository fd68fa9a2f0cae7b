"""Celery on Redis: what has ended leaves no trace; a second of it may be lost with the machine."""

from __future__ import annotations

import asyncio

from celery import Celery as App
from celery import group

from benchmarks.contestants.base import Job
from benchmarks.contestants.redis_base import WithRedis
from benchmarks.peers.celery_app import BROKER, PREFETCH, app_for
from benchmarks.peers.words import PARKED, QUEUE
from benchmarks.stage import POLL, Crew

THREADS = "8"
SHORT_TASKS, WAITING_TASKS = 128, 1
"""How many tasks each of its threads takes in advance: its guide's numbers for either."""
_EMPTY_READINGS = 3


class Celery(WithRedis):
    """One process: threads for short tasks, faster here than processes; green threads for waiting ones."""

    who = "Celery, Redis"
    slow = True

    _app: App

    async def open(self) -> None:
        """Start Redis and make the application that sends."""
        await super().open()
        self._app = app_for(self._broker)

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Apply a group."""
        queue = QUEUE if self.begun else PARKED
        await asyncio.to_thread(self._apply, count, job.value, queue=queue)

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start workers on an empty queue."""
        waiting = job is Job.WAIT
        pool = ("gevent", str(at_once)) if waiting and at_once else ("threads", THREADS)
        environment = {
            BROKER: self._broker,
            PREFETCH: str(WAITING_TASKS if waiting else SHORT_TASKS),
            # It warns at every start where everything runs as root.
            "PYTHONWARNINGS": "ignore",
        }
        return await Crew.ready(
            "celery", "-q", "-A", "benchmarks.peers.celery_app", "worker", "-n", "bench%%n@%h",
            "--without-gossip", "--without-mingle", "-l", "ERROR", "-P", pool[0], "-c", pool[1],
            count=workers, environment=environment,
        )  # fmt: skip

    async def begin(self, crew: Crew) -> None:
        """Put the jobs where the workers look."""
        await super().begin(crew)
        if await self.redis.exists(PARKED):
            await self.redis.rename(PARKED, QUEUE)

    async def drained(self, crew: Crew) -> None:
        """Wait until nothing is queued and nothing is unacknowledged."""
        del crew
        empty = 0
        # Between the two a task is in neither for a moment, so one look is not enough.
        while empty < _EMPTY_READINGS:
            left = await self.redis.llen(QUEUE) + await self.redis.hlen("unacked")
            empty = 0 if left else empty + 1
            await asyncio.sleep(POLL / 2)

    async def close(self) -> None:
        """Disconnect and end Redis."""
        self._app.close()
        await super().close()

    @property
    def _broker(self) -> str:
        return f"redis+socket://{self.socket}"

    def _apply(self, count: int, name: str, *, queue: str) -> None:
        group(self._app.signature(name, app=self._app) for _ in range(count)).apply_async(queue=queue)
