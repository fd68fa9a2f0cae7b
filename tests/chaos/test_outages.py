"""The database dies in mid-batch and comes back: nothing is lost, nothing runs twice, the batch ends."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import psutil
import pytest
import pytest_asyncio

from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import SCHEMA, Database, Role
from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import migrate
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.kit.ids import uuid7
from fanfold.results.store import ResultStore
from fanfold.sdk.context import Target
from fanfold.sdk.outcome import Completed, Snoozed
from tests.conftest import add_user
from tests.engine.conftest import NoClients, ScriptedKind

COUNT = 200


class Gate:
    """Counts who is at work, and lets the test wait until some are."""

    def __init__(self) -> None:
        self.begun: Counter[str] = Counter()
        self.at_work: Counter[str] = Counter()
        self.twice: list[str] = []
        self.enough = asyncio.Event()

    async def work(self, target: str) -> Completed | Snoozed:
        """Work for a moment, and snooze once."""
        self.begun[target] += 1
        self.at_work[target] += 1
        if self.at_work[target] > 1:
            self.twice.append(target)
        if len(self.begun) >= COUNT // 4:
            self.enough.set()
        await asyncio.sleep(0)
        self.at_work[target] -= 1
        return Snoozed(timedelta(milliseconds=200), {"s": 1}) if self.begun[target] == 1 else Completed()


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedServer, str]]:
    """A server of its own, for this test kills it."""
    embedded = EmbeddedServer(tmp_path)
    url = await embedded.start()
    await migrate(url)
    yield embedded, url
    embedded.stop()


def kill(folder: Path) -> None:
    """Let the server end at once, without a checkpoint, as in a power cut; it recovers from its log."""
    pid = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    server = psutil.Process(pid)
    server.send_signal(signal.SIGQUIT)
    psutil.wait_procs([server], timeout=10)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_batch_survives_the_death_of_its_database(server, tmp_path):
    embedded, url = server
    user_id = await add_user(url, f"u{uuid7().hex}")
    gate, kind = Gate(), ScriptedKind()
    targets = [f"t{number}" for number in range(COUNT)]
    for target in targets:
        kind.script(target, *[lambda c: gate.work(c.target.key)] * 20)
    catalog = Catalog(kinds={"scripted": kind}, connectors={})
    api, service = await Database.open(url, Role.API), await Database.open(url, Role.SERVICE)
    items = [Item(Target(key=target, name=target)) for target in targets]
    submission = Submission("scripted", "outage", items, policy=Policy(max_parallel=20, max_attempts=10))
    batch = await BatchService(api, catalog=catalog).submit(submission, user_id=user_id)
    worker = Worker(
        service,
        url=url,
        catalog=catalog,
        clients=NoClients(),
        results=ResultStore.open(str(tmp_path / "results")),
        options=WorkerOptions(capacity=50, lease=timedelta(seconds=3), poll_seconds=0.2),
    )
    stop = asyncio.Event()
    life = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(60):
        await gate.enough.wait()
        kill(tmp_path)
        assert await server_process(url) is None
        watch = asyncio.create_task(embedded.watch(every=0.05))
        while await server_process(url) is None:  # noqa: ASYNC110 -- a dead server tells nobody that it lives
            await asyncio.sleep(0)
        row = await until_finished(url, batch.id)
    watch.cancel()
    stop.set()
    async with asyncio.timeout(30):
        await life
    await api.close()
    await service.close()
    assert (row["status"], row["completed_count"], row["total_count"]) == ("completed", COUNT, COUNT)
    assert set(gate.begun) == set(targets)
    assert gate.twice == []


async def server_process(url: str) -> int | None:
    """Return the process of a session of the server, None while nobody answers."""
    try:
        connection = await asyncpg.connect(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    pid: int = await connection.fetchval("select pg_backend_pid()")
    await connection.close()
    return pid


async def until_finished(url: str, batch_id: object) -> asyncpg.Record:
    """Wait for the batch's end and return its row."""
    changed = asyncio.Event()
    connection = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    await connection.add_listener("fanfold_changed", lambda *_: changed.set())
    try:
        while True:
            changed.clear()
            row = await connection.fetchrow("select * from batches where id = $1", batch_id)
            if row["finished_at"] is not None:
                return row
            await changed.wait()
    finally:
        await connection.close()
