"""Procrastinate: durable in PostgreSQL, one row and a few events per job."""

from __future__ import annotations

from contextlib import AsyncExitStack

from procrastinate import App

from benchmarks.contestants.base import Job, WithDatabase
from benchmarks.peers.crastinate import app_for
from benchmarks.stage import Crew

AT_ONCE = 100


class Procrastinate(WithDatabase):
    """Deferred in batches of 1,000, as its guide advises."""

    who = "Procrastinate"
    slow = True
    database = "crastinate"
    _app: App
    _session: AsyncExitStack

    async def open(self) -> None:
        """Apply its schema."""
        await super().open()
        self._app = app_for(self.url)
        self._session = AsyncExitStack()
        await self._session.enter_async_context(self._app.open_async())
        await self._app.schema_manager.apply_schema_async()

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Defer them."""
        task = self._app.configure_task(job.value)
        for first in range(0, count, 1000):
            await task.batch_defer_async(*[{} for _ in range(min(1000, count - first))])

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start workers."""
        mode = "continuous" if job is Job.STAMP else "drain"
        return await Crew.ready(
            "benchmarks.peers.crastinate", self.url, str(at_once or AT_ONCE), mode, count=workers
        )

    async def drained(self, crew: Crew) -> None:
        """Each says when it found nothing."""
        await crew.each_told()

    async def close(self) -> None:
        """Drop all."""
        await self._session.aclose()
        await super().close()
