"""Who works: what workers use, and what they work on, for those who may see it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx

from fanfold.sdk.outcome import Completed, Snoozed
from tests.api.full_app import Site


async def change(site: Site, statement: str, *values: Any) -> None:
    """Change rows past every rule."""
    async with site.service_database.transaction() as transaction:
        await transaction._connection.execute(statement, *values)


class Busy:
    """A step that goes on until the test lets it end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, _context: object) -> Completed:
        self.begun.set()
        await self.go.wait()
        return Completed({})


async def test_a_heartbeat_tells_what_a_worker_uses(site: Site, as_ada: httpx.AsyncClient):
    (worker,) = (await as_ada.get("/batch/workers")).json()["items"]
    assert (worker["cpu_percent"], worker["memory_bytes"], worker["loop_lag_ms"]) == (None, None, None)
    await site.worker.vitals.run_once()
    await site.worker.heartbeat.run_once()
    answer = (await as_ada.get("/batch/workers")).json()
    (worker,) = answer["items"]
    assert answer["alive"] == 1
    assert worker["kinds"] == ["scripted"]
    assert (worker["name"], worker["state"], worker["capacity"]) == ("bench", "alive", 50)
    assert worker["memory_bytes"] > 1_000_000
    assert worker["cpu_percent"] >= 0
    assert worker["loop_lag_ms"] >= 0


async def test_a_worker_names_the_batches_that_its_viewer_may_see(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    busy = Busy()
    site.kind.script("a", busy)
    site.kind.script("b", lambda _: Snoozed(timedelta(hours=1), {}))
    batch = await site.submit("a", "b", name="mine")
    step = asyncio.create_task(site.step())
    await busy.begun.wait()
    while await site.worker.completer.run_once():
        pass
    await site.worker.heartbeat.run_once()
    (worker,) = (await as_ada.get("/batch/workers")).json()["items"]
    # What snoozes is at no worker.
    assert worker["jobs"] == [{"job_id": batch.batch_id, "name": "mine", "running_operations": 1}]
    assert worker["running_operations"] == 1
    (worker,) = (await as_mallory.get("/batch/workers")).json()["items"]
    assert (worker["jobs"], worker["running_operations"]) == ([], 1)
    await change(site, "update users set role = 'admin' where username = 'mallory'")
    (worker,) = (await as_mallory.get("/batch/workers")).json()["items"]
    assert [job["job_id"] for job in worker["jobs"]] == [batch.batch_id]
    busy.go.set()
    await step


async def test_silent_and_stopped_workers_are_shown_for_an_hour(site: Site, as_ada: httpx.AsyncClient):
    await change(
        site,
        """insert into workers (id, name, version, capacity, heartbeat_at, stopped_at)
           values (gen_random_uuid(), 'silent', '0', 1, now() - interval '5 minutes', null),
                  (gen_random_uuid(), 'stopped', '0', 1, now() - interval '5 minutes', now()),
                  (gen_random_uuid(), 'forgotten', '0', 1, now() - interval '2 hours', null)""",
    )
    answer = (await as_ada.get("/batch/workers")).json()
    assert answer["alive"] == 1
    states = {worker["name"]: worker["state"] for worker in answer["items"]}
    assert states == {"bench": "alive", "silent": "silent", "stopped": "stopped"}


async def test_who_is_not_signed_in_sees_no_worker(site: Site):
    async with site.client(None) as client:
        assert (await client.get("/batch/workers")).status_code == 401


async def test_metrics_tell_what_workers_use(site: Site, as_ada: httpx.AsyncClient):
    await site.worker.heartbeat.run_once()
    lines = (await as_ada.get("/metrics")).text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("fanfold_worker"))
    assert told["fanfold_workers"] == "1.0"
    assert float(told['fanfold_worker_memory_bytes{worker="bench"}']) > 1_000_000
    assert told['fanfold_worker_running_attempts{worker="bench"}'] == "0.0"
    assert 'fanfold_worker_cpu_ratio{worker="bench"}' in told
    assert 'fanfold_worker_loop_lag_seconds{worker="bench"}' in told


async def test_a_worker_that_came_back_under_its_name_is_one_in_the_metrics(
    site: Site, as_ada: httpx.AsyncClient
):
    await change(
        site, "insert into workers (id, name, version, capacity) values (gen_random_uuid(), 'bench', '0', 1)"
    )
    await site.worker.heartbeat.run_once()
    answer = await as_ada.get("/metrics")
    assert answer.status_code == 200
    assert answer.text.count('fanfold_worker_running_attempts{worker="bench"}') == 1


async def test_a_worker_of_an_older_version_tells_no_kinds(site: Site, as_ada: httpx.AsyncClient):
    await change(site, "update workers set kinds = null")
    (worker,) = (await as_ada.get("/batch/workers")).json()["items"]
    assert worker["kinds"] is None
