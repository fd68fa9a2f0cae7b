"""The API and PostgreSQL are killed: what was acknowledged is there, and nothing is done twice."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil
import pytest
import pytest_asyncio

from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import migrate
from tests.acceptance.running import Running, up
from tests.chaos.auditor import audit_database
from tests.chaos.figures import Figures, figures
from tests.chaos.proxy import pause
from tests.chaos.stage import QUERY, STOPPED, WINDOW, Remote, stage
from tests.chaos.test_kill_matrix import CANCELLING, MATRIX, OPERATIONS, Scenario

pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore::ResourceWarning")]

KILLABLE = [scenario for scenario in MATRIX if scenario.point not in CANCELLING]


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL of one test's own, for it dies."""

    embedded: EmbeddedServer
    folder: Path
    url: str

    def kill(self) -> datetime:
        """`kill -9` of the postmaster; its children notice and end."""
        pid = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        family = [psutil.Process(pid), *psutil.Process(pid).children()]
        family[0].kill()
        psutil.wait_procs(family, timeout=10)
        return datetime.now(UTC)

    async def back(self) -> None:
        """Wait until it serves again."""
        watch = asyncio.create_task(self.embedded.watch(every=0.05))
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await (await asyncpg.connect(self.url)).close()
                break
            await asyncio.sleep(0)
        watch.cancel()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    # Not below pytest's folder, whose rights another run of pytest sets anew while this one works.
    with tempfile.TemporaryDirectory(prefix="fanfold-test-") as folder:
        embedded = EmbeddedServer(Path(folder))
        url = await embedded.start()
        await migrate(url)
        yield Server(embedded, Path(folder), url)
        embedded.stop()


@pytest.mark.parametrize("scenario", KILLABLE, ids=[scenario.point.value for scenario in KILLABLE])
async def test_postgresql_is_killed_while_a_worker_is_at(
    server: Server, tmp_path: Path, amc: Remote, prove, scenario: Scenario
):
    amc.clear()
    if scenario.fault:
        amc.fault(**scenario.fault)
    async with stage(server.url, tmp_path / "stage", amc) as scene:
        batch = await scene.submit(OPERATIONS)
        for injection in scenario.before:
            assert await scene.worker(injection).changed() == -signal.SIGKILL
        worker = scene.worker(f"{scenario.point}:stop:{scenario.passages[-1]}")
        assert await worker.changed() == STOPPED
        death = server.kill()
        await server.back()
        worker.signal(signal.SIGCONT)
        row = await scene.until(batch)
        assert row["completed_count"] == OPERATIONS
        prove(await figures(scene, batch, f"PostgreSQL, {scenario.point}", deaths=[death]))
    amc.clear()


@dataclass(slots=True)
class Submitter:
    """A client that never gives up: it repeats a submission with its key until it knows what became of it."""

    instances: list[str]
    acknowledged: dict[str, str] = field(default_factory=dict)

    async def submit(self, http: httpx.AsyncClient, name: str, key: str) -> None:
        """Submit once. Raises `httpx.TransportError` when the API is gone."""
        body = {"name": name, "instance_ids": self.instances, "parameters": WINDOW}
        answer = await http.post(
            "/workflows/chaos/batch-execute", json=body, headers={"Idempotency-Key": key}
        )
        if answer.is_success:
            self.acknowledged[name] = answer.json()["batch"]["batch_id"]
        elif answer.json().get("code") == "idempotency_key_unfinished":
            # The API died and left no batch: the same is sent until that request is taken for lost.
            await pause(float(answer.headers["Retry-After"]))
            await self.submit(http, name, key)
        else:
            raise AssertionError(answer.text)


BATCHES = 84
"""Of twelve operations: 1,008 in all."""
KILL_EVERY = 12


async def test_the_api_is_killed_while_it_takes_batches(clean_url: str, tmp_path: Path, amc: Remote, prove):
    amc.clear()
    settings = {
        "FANFOLD_DATABASE_URL": clean_url,
        "FANFOLD_AMC_SIMULATOR_URL": amc.url,
        "FANFOLD_AMC_POLL_SECONDS": "0.5",
        "FANFOLD_LEASE_SECONDS": "2",
        "FANFOLD_SUBMISSIONS_PER_MINUTE": "100000",
        "FANFOLD_UNFINISHED_BATCHES": "1000",
        "FANFOLD_LOST_REQUEST_SECONDS": "1",
    }
    before, submitter = amc.submissions(), Submitter([])
    numbers, repeated, kills = iter(range(BATCHES)), None, 0
    while len(submitter.acknowledged) < BATCHES:
        flags = () if submitter.instances else ("--demo",)
        with up(tmp_path / "data", *flags, **settings) as running:
            if not submitter.instances:
                submitter.instances = prepare(running)
            repeated = await until_killed(running, submitter, numbers, repeated)
            kills += running.process.poll() is not None
    with up(tmp_path / "data", **settings):
        row = await all_ended(clean_url)
    assert row["batches"] == row["completed"] == BATCHES
    assert await audit_database(clean_url) == []
    submissions = amc.submissions() - before
    prove(
        Figures(
            "API, while it takes batches",
            operations=row["operations"],
            kills=kills,
            lost=BATCHES - len(submitter.acknowledged),
            duplicated=submissions - row["operations"],
            over_limit=0,
            recovery_seconds=0.0,
        )
    )


def prepare(running: Running) -> list[str]:
    with running.client() as client:
        client.workflows.create("chaos", QUERY)
        return [str(one.id) for one in client.instances.list()]


async def until_killed(
    running: Running, submitter: Submitter, numbers: Any, repeated: tuple[str, str] | None
) -> tuple[str, str] | None:
    """Submit until the API is killed with a request under way; return that request, to be repeated."""
    headers = {"Authorization": f"Bearer {running.ready['token']}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as http:
        if repeated is not None:
            await submitter.submit(http, *repeated)
        for number in numbers:
            name, key = f"batch {number}", uuid4().hex
            under_way = asyncio.create_task(submitter.submit(http, name, key))
            if number % KILL_EVERY == KILL_EVERY - 1:
                # Another moment of the request each time.
                await pause(0.004 * (number // KILL_EVERY + 1))
                running.process.kill()
                running.process.wait()
            try:
                await under_way
            except httpx.TransportError:
                return name, key
            if running.process.poll() is not None:
                return None
    return None


async def all_ended(url: str) -> asyncpg.Record:
    """Wait for the end of all batches and count them."""
    changed = asyncio.Event()
    connection = await asyncpg.connect(url, server_settings={"search_path": "fanfold"})
    await connection.add_listener("fanfold_changed", lambda *_: changed.set())
    counted = """select count(*) batches, count(*) filter (where status = 'completed') completed,
                        count(*) filter (where finished_at is null) unfinished, sum(total_count) operations
                   from batches"""
    try:
        while (row := await connection.fetchrow(counted))["unfinished"]:
            await changed.wait()
            changed.clear()
        return row
    finally:
        await connection.close()
