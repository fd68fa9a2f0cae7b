"""DBOS: durable in PostgreSQL; each job is a workflow whose start and end are stored."""

from __future__ import annotations

import asyncio

import asyncpg
import sqlalchemy
from dbos import DBOSClient, EnqueueOptions, run_dbos_database_migrations

from benchmarks.contestants.base import Job, WithDatabase
from benchmarks.peers.dbos_worker import VERSION
from benchmarks.peers.words import PARKED, QUEUE
from benchmarks.stage import POLL, Crew, Stage

UNENDED = "select exists (select from dbos.workflow_status where status in ('ENQUEUED', 'PENDING'))"
RELEASE = "update dbos.workflow_status set queue_name = $1 where queue_name = $2"


class Dbos(WithDatabase):
    """Its workers look for jobs every *poll_seconds*; a second is its default."""

    who = "DBOS"
    slow = True
    database = "durable"
    _connection: asyncpg.Connection
    _client: DBOSClient
    _engine: sqlalchemy.Engine

    def __init__(self, here: Stage, *, poll_seconds: float = 1.0) -> None:
        super().__init__(here)
        self._poll_seconds = poll_seconds

    async def open(self) -> None:
        """Migrate an empty database."""
        await super().open()
        await asyncio.to_thread(run_dbos_database_migrations, self.url)
        self._client = await asyncio.to_thread(lambda: DBOSClient(system_database_url=self.url))
        self._engine = sqlalchemy.create_engine(self.url.replace("postgresql://", "postgresql+psycopg://"))
        self._connection = await asyncpg.connect(self.url)

    async def submit(self, count: int, job: Job = Job.NOTHING) -> None:
        """Enqueue all in one transaction, which costs a tenth of one after the other."""
        queue = QUEUE if self.begun else PARKED
        await asyncio.to_thread(self._enqueue, count, job.value, queue=queue)

    async def crew(self, workers: int = 1, *, at_once: int | None = None, job: Job = Job.NOTHING) -> Crew:
        """Start workers on an empty queue."""
        del job
        arguments = [self.url, str(at_once or 0), str(self._poll_seconds)]
        return await Crew.ready("benchmarks.peers.dbos_worker", *arguments, count=workers)

    async def begin(self, crew: Crew) -> None:
        """Put the jobs where the workers look."""
        await super().begin(crew)
        await self._connection.execute(RELEASE, QUEUE, PARKED)

    async def drained(self, crew: Crew) -> None:
        """Wait until every workflow has ended."""
        del crew
        while await self._connection.fetchval(UNENDED):  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(POLL)

    async def close(self) -> None:
        """Drop all."""
        await self._connection.close()
        await asyncio.to_thread(self._client.destroy)
        self._engine.dispose()
        await super().close()

    def _enqueue(self, count: int, name: str, *, queue: str) -> None:
        options = EnqueueOptions(workflow_name=name, queue_name=queue, app_version=VERSION)
        with self._engine.begin() as session:
            for _ in range(count):
                self._client.enqueue_in_transaction(session, options)
