"""Soak: half an hour of steady load on a whole `fanfold up`; memory, connections and latency stay flat.

Run by name only: `python -m benchmarks soak --keep`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import psutil

from benchmarks.figures import Figure, Measurement, percentile
from benchmarks.form import Form
from benchmarks.server import Served, served
from fanfold.db.database import SCHEMA
from tests.chaos.auditor import audit_database

PROMISE = "memory, connections, dead rows and latency of the last third as in the first; every promise kept"
OPERATIONS = 20
KEPT_BATCHES = 60
SAMPLE_SECONDS = 10.0
MEBIBYTE = 1024 * 1024
JOB = {
    "kind": "noop",
    "name": "soak",
    "targets": [{"key": f"t{number}"} for number in range(OPERATIONS)],
    "parameters": {"wait_ms": 20, "snooze_ms": 400, "rows": 10},
    "policy": {"max_parallel": OPERATIONS},
}
_STATE = """
select (select count(*) from pg_stat_activity where datname = current_database()) connections,
       (select sum(n_dead_tup) from pg_stat_user_tables) dead_rows,
       pg_database_size(current_database()) bytes
"""


@dataclass
class Log:
    """What was seen, by name, in the order of time."""

    seen: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    ended: int = 0

    def thirds(self, name: str) -> tuple[Sequence[float], Sequence[float]]:
        """Return the first and the last third of what was seen."""
        values = self.seen[name]
        size = max(1, len(values) // 3)
        return values[:size], values[-size:]


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Submit a batch every second, watch and delete it, and look at the processes meanwhile."""
    seconds = form.of(full=1800.0, short=180.0, trial=12.0)
    log = Log()
    async with served() as server:
        ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_load(server, log, ends))
            tasks.create_task(_sample(server, log, ends))
        findings = await audit_database(server.database_url)
    figures = [
        *_figures(log, "status answered, p95", "status_ms", "ms", at=0.95),
        *_figures(log, "batch of 20 done, median", "batch_ms", "ms", at=0.5),
        *_figures(log, "memory of all processes", "memory", "MB", at=0.5),
        *_figures(log, "connections", "connections", "", at=0.5),
        *_figures(log, "dead rows", "dead_rows", "", at=0.5),
        *_figures(log, "database", "database", "MB", at=0.5),
    ]
    remark = (
        f"{seconds / 60:g} minutes, a batch of {OPERATIONS} a second; each waits, snoozes, writes rows; "
        f"{log.ended:,} batches ended, all but the last {KEPT_BATCHES} were deleted. "
        f"The auditor found {len(findings)} broken promises{': ' + str(findings[0]) if findings else '.'}"
    )
    yield Measurement("Soak", PROMISE, figures, remark)


def _figures(log: Log, what: str, name: str, unit: str, *, at: float) -> list[Figure]:
    first, last = (percentile(part, at) if part else 0.0 for part in log.thirds(name))
    return [
        Figure("first third", what, first, unit),
        Figure("last third", what, last, unit, last / first if first else None),
    ]


async def _load(server: Served, log: Log, ends: float) -> None:
    async with asyncio.TaskGroup() as tasks:
        batches: list[str] = []
        while time.monotonic() < ends:
            tasks.create_task(_one(server, log, batches))
            await asyncio.sleep(1)


async def _one(server: Served, log: Log, batches: list[str]) -> None:
    answer = await server.client.post("/batch/jobs", json=JOB)
    answer.raise_for_status()
    address = f"/batch/jobs/{answer.json()['job_id']}"
    job: Mapping[str, str] = {}
    while job.get("finished_at") is None:
        await asyncio.sleep(0.25)
        begun = time.perf_counter()
        job = (await server.client.get(address)).raise_for_status().json()
        log.seen["status_ms"].append((time.perf_counter() - begun) * 1000)
    if job["status"] != "completed":
        raise RuntimeError(f"{address} ended {job['status']}")
    took = datetime.fromisoformat(job["finished_at"]) - datetime.fromisoformat(job["created_at"])
    log.seen["batch_ms"].append(took.total_seconds() * 1000)
    log.ended += 1
    batches.append(address)
    if len(batches) > KEPT_BATCHES:
        (await server.client.delete(batches.pop(0))).raise_for_status()


async def _sample(server: Served, log: Log, ends: float) -> None:
    connection = await asyncpg.connect(server.database_url, server_settings={"search_path": SCHEMA})
    try:
        while time.monotonic() < ends:
            await asyncio.sleep(min(SAMPLE_SECONDS, max(0.1, ends - time.monotonic())))
            state = await connection.fetchrow(_STATE)
            log.seen["memory"].append(_memory(server.pid))
            if state is not None:
                log.seen["connections"].append(float(state["connections"]))
                log.seen["dead_rows"].append(float(state["dead_rows"] or 0))
                log.seen["database"].append(float(state["bytes"]) / MEBIBYTE)
    finally:
        await connection.close()


def _memory(pid: int) -> float:
    """Return the memory of a process and its descendants, shared pages counted once among them."""
    parent = psutil.Process(pid)
    total = 0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / MEBIBYTE
