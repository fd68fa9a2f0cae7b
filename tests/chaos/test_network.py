"""The network between worker, database and AMC breaks in every way; nothing is lost, nothing repeated."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.chaos.figures import figures
from tests.chaos.proxy import FaultProxy, before_database, before_host, database_url, pause, proxied
from tests.chaos.stage import LEASE_SECONDS, Remote, Stage, WorkerProcess, stage


@dataclass(frozen=True, slots=True)
class Net:
    """A stage whose ways lead through proxies."""

    scene: Stage
    database: FaultProxy
    amc: FaultProxy
    url: str

    def worker(self, inject: str = "") -> WorkerProcess:
        """Start a worker that reaches the database through the proxy."""
        return self.scene.worker(inject, url=self.url)


@pytest_asyncio.fixture
async def net(clean_url: str, tmp_path: Path, amc: Remote) -> AsyncIterator[Net]:
    amc.clear()
    async with AsyncExitStack() as stack:
        database, host = before_database(clean_url), before_host(amc.url)
        port = await stack.enter_async_context(proxied(database))
        amc_url = f"http://127.0.0.1:{await stack.enter_async_context(proxied(host))}"
        scene = await stack.enter_async_context(stage(clean_url, tmp_path, amc, amc_url=amc_url))
        yield Net(scene, database, host, database_url(clean_url, port))


def every(number: int, *words: bytes) -> Callable[[list[bytes]], bool]:
    """Lose the answer to every so-manieth commit of a transaction in which one of *words* stands."""
    seen = 0

    def loses(committed: list[bytes]) -> bool:
        nonlocal seen
        named = any(word in text for text in committed for word in words)
        seen += named
        return named and seen % number == 0

    return loses


async def test_a_claim_whose_commit_is_not_answered_is_taken_back_and_nothing_is_repeated(net, prove):
    net.database.lose_answers(every(1, b"insert into attempts"))
    batch = await net.scene.submit(8)
    worker = net.worker()
    await net.scene.until(batch, "running_count > 0")
    net.database.lose_answers(lambda _: False)
    row = await net.scene.until(batch)
    assert row["completed_count"] == 8
    assert net.database.lost > 0
    lost = await net.scene.rows("select from attempts where state = 'lost'")
    assert lost, worker.log.read_text()
    prove(await figures(net.scene, batch, "network, claims' commits unanswered"))


@pytest.mark.long
async def test_writes_whose_commits_are_not_answered_are_made_once(net, prove):
    net.database.lose_answers(every(6, b"update operations"))
    batch = await net.scene.submit(20)
    net.worker()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 20
    assert net.database.lost > 3
    prove(await figures(net.scene, batch, "network, every sixth commit unanswered"))


async def test_a_worker_whose_line_is_dead_for_longer_than_its_lease_changes_nothing_when_it_is_back(
    net, prove
):
    batch = await net.scene.submit(20)
    late = net.worker()
    await net.scene.until(batch, "completed_count >= 3")
    net.database.hold()
    net.scene.worker()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 20
    before = await net.scene.everything()
    net.database.open()
    late.signal(signal.SIGTERM)
    assert await late.changed() == 0, late.log.read_text()[-2000:]
    assert await net.scene.everything() == before
    prove(await figures(net.scene, batch, "network, line dead beyond the lease"))


@pytest.mark.long
async def test_a_line_that_dies_in_the_middle_of_a_claim_does_not_stop_the_other_workers(net):
    net.database.hold_at(b"pg_advisory_xact_lock(4701)")
    batch = await net.scene.submit(3)
    net.worker()
    async with asyncio.timeout(30):
        await net.database.held.wait()
    net.scene.worker()
    async with asyncio.timeout(8 * LEASE_SECONDS):
        await net.scene.until(batch)


@pytest.mark.long
async def test_connections_that_are_reset_and_refused_delay_the_work_and_no_more(net, prove):
    batch = await net.scene.submit(20)
    net.worker()
    for step in (2, 5, 9, 14):
        await net.scene.until(batch, f"completed_count >= {step}")
        net.database.reset()
        net.amc.reset()
    net.database.cut()
    net.amc.cut()
    await pause(LEASE_SECONDS + 1)
    net.database.open()
    net.amc.open()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 20
    prove(await figures(net.scene, batch, "network, reset and cut"))


@pytest.mark.long
async def test_a_slow_line_costs_no_lease(net, prove):
    net.database.slow(0.03)
    net.amc.slow(0.03)
    batch = await net.scene.submit(20)
    net.worker()
    row = await net.scene.until(batch)
    assert row["completed_count"] == 20
    assert await net.scene.rows("select from attempts where state = 'lost'") == []
    prove(await figures(net.scene, batch, "network, 60 ms to everywhere"))
