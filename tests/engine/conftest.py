"""A worker whose loops a test steps by hand, on a clock that it moves, with a kind that it scripts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pydantic import BaseModel

from fanfold.batches.control import BatchControl
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.service import BatchService, SubmitLimits
from fanfold.batches.store import find
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Role
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.kit.clock import ManualClock
from fanfold.results.store import ResultStore
from fanfold.sdk.context import Context, Target
from fanfold.sdk.kind import Kind, Limit
from fanfold.sdk.outcome import Completed, Outcome

Step = Callable[[Context], Any]


class ScriptedKind(Kind):
    """Does what the test tells it, by target; counts what it was asked."""

    name = "scripted"
    title = "Scripted"
    parameters = BaseModel

    def __init__(self) -> None:
        self.steps: dict[str, list[Step]] = {}
        self.ran: list[str] = []
        self.cancelled: list[str] = []
        self.caps: dict[str, list[Limit]] = {}

    def script(self, target: str, *steps: Step) -> None:
        """Let *target* take these steps, one per call, and then complete."""
        self.steps[target] = list(steps)

    async def run(self, context: Context) -> Outcome:
        self.ran.append(context.target.key)
        steps = self.steps.get(context.target.key)
        result = steps.pop(0)(context) if steps else Completed({"ok": True})
        if asyncio.iscoroutine(result):
            result = await result
        if isinstance(result, Exception):
            raise result
        return result

    async def cancel(self, context: Context) -> None:
        self.cancelled.append(context.target.key)

    def limits(self, target: Target) -> list[Limit]:
        return self.caps.get(target.key, [])


class NoClients:
    """No target of these tests has a connection."""

    async def client(self, connection_id: UUID) -> Any:
        raise LookupError(connection_id)


@dataclass
class Bench:
    """Everything an engine test touches."""

    url: str
    user_id: UUID
    clock: ManualClock
    kind: ScriptedKind
    api: Database
    service: Database
    batches: BatchService
    results: ResultStore
    catalog: Catalog
    workers: list[Worker] = field(default_factory=list, repr=False)

    def worker(
        self, *, capacity: int = 50, lease: timedelta = timedelta(seconds=15), **options: Any
    ) -> Worker:
        """Return a new worker."""
        worker = Worker(
            self.service,
            url=self.url,
            catalog=self.catalog,
            clients=NoClients(),
            results=self.results,
            options=WorkerOptions(capacity=capacity, lease=lease, **options),
            clock=self.clock,
        )
        self.workers.append(worker)
        return worker

    async def submit(self, *targets: str | Item, by: UUID | None = None, **policy: Any) -> Batch:
        """Submit a batch of the scripted kind over *targets*."""
        items = [one if isinstance(one, Item) else Item(Target(key=one, name=one.upper())) for one in targets]
        submission = Submission("scripted", "test", items, policy=Policy(**policy))
        return await self.batches.submit(submission, user_id=by or self.user_id)

    @property
    def control(self) -> BatchControl:
        """Pause, resume and change."""
        return BatchControl(self.api, now=self.clock.now)

    async def change(self, batch: Batch, **policy: Any) -> Batch:
        """Change policies of a batch that runs."""
        return await self.control.change(
            batch.batch_id,
            lambda now: replace(now, policy=replace(now.policy, **policy)),
            user_id=self.user_id,
        )

    async def begin(self, worker: Worker) -> None:
        """Claim once, and let what was claimed come to its first wait."""
        await worker.claimer.run_once()
        await worker.roster.drain(timeout=0.05)

    async def lead(self, worker: Worker) -> None:
        """Do all that the leader has to do."""
        while await worker.leader.run_once():
            pass

    async def batch(self, batch: Batch) -> Batch:
        """Return the batch as it stands now."""
        async with self.api.transaction(user_id=self.user_id) as transaction:
            return await find(transaction, batch.batch_id)

    async def step(self, worker: Worker) -> bool:
        """Claim once, let it run to its verdict and write that; return whether anything was claimed."""
        claimed = await worker.claimer.run_once() or len(worker.roster) > 0
        await worker.roster.drain(timeout=10)
        while await worker.completer.run_once():
            pass
        return claimed

    async def drain(self, worker: Worker) -> None:
        """Step until nothing is due."""
        while await self.step(worker):
            pass

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """Read by plain SQL as the service."""
        async with self.service.transaction() as transaction:
            return await transaction._connection.fetch(query, *values)

    async def statuses(self, batch: Batch) -> dict[str, str]:
        """Return each operation's status by target."""
        rows = await self.rows("select item_key, status from operations where batch_id = $1", batch.id)
        return {row["item_key"]: row["status"] for row in rows}


@pytest.fixture
def kind() -> ScriptedKind:
    """The kind that the test scripts."""
    return ScriptedKind()


@pytest_asyncio.fixture
async def bench(
    clean_url: str, user_id: UUID, clock: ManualClock, kind: ScriptedKind, tmp_path: Any
) -> AsyncIterator[Bench]:
    """A database, a service and a kind, all on the manual clock."""
    api = await Database.open(clean_url, Role.API, size=5, moment=clock.now)
    service = await Database.open(clean_url, Role.SERVICE, size=20, moment=clock.now)
    catalog = Catalog(kinds={"scripted": kind}, connectors={})
    batches = BatchService(api, catalog=catalog, limits=SubmitLimits(unfinished_batches=1000))
    results = ResultStore.open(str(tmp_path / "results"))
    yield Bench(clean_url, user_id, clock, kind, api, service, batches, results, catalog)
    await api.close()
    await service.close()
