"""A worker that cannot renew its leases stops working at the latest when they end: others go on then."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fanfold.batches.model import Item, Submission
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database, Role
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.results.store import ResultStore
from fanfold.sdk.context import Target
from tests.chaos.proxy import before_database, database_url, proxied
from tests.engine.conftest import NoClients, ScriptedKind

LEASE = timedelta(seconds=1)


class Patient:
    """Work that never ends by itself."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.stopped = asyncio.Event()

    async def work(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_worker_without_its_database_stops_its_attempts_when_their_leases_end(
    clean_url, user_id, api_database, tmp_path
):
    kind, patient, stop = ScriptedKind(), Patient(), asyncio.Event()
    kind.script("a", lambda _: patient.work())
    catalog = Catalog(kinds={"scripted": kind}, connectors={})
    submission = Submission("scripted", "fencing", [Item(Target(key="a", name="A"))])
    await BatchService(api_database, catalog=catalog).submit(submission, user_id=user_id)
    line = before_database(clean_url)
    async with proxied(line) as port:
        url = database_url(clean_url, port)
        service = await Database.open(url, Role.SERVICE)
        worker = Worker(
            service,
            url=url,
            catalog=catalog,
            clients=NoClients(),
            results=ResultStore.open(str(tmp_path / "results")),
            options=WorkerOptions(lease=LEASE, poll_seconds=0.2, drain_seconds=0),
        )
        life = asyncio.create_task(worker.run(stop))
        await patient.begun.wait()
        line.cut()
        try:
            async with asyncio.timeout(4 * LEASE.total_seconds()):
                await patient.stopped.wait()
        finally:
            line.open()
            stop.set()
            await life
            await service.close()
