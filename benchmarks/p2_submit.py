"""P2: submit a batch: 100 targets by HTTP, 10,000 and 100,000 operations by the service."""

from __future__ import annotations

import resource
import time
from collections.abc import AsyncGenerator

import asyncpg

from benchmarks.figures import Figure, Measurement, middle, percentile, ratios
from benchmarks.server import Served, served
from benchmarks.stage import Stage, stage

PROMISE = "100 by HTTP: p50 < 15 ms; 10,000: < 0.5 s; 100,000: < 5 s in flat memory"
ROUNDS = 40


async def measure() -> AsyncGenerator[Measurement]:
    """Measure HTTP first, then the big ones beside a raw COPY of as many rows."""
    figures: list[Figure] = []
    async with served("--no-worker") as api:
        times = await _by_http(api)
    figures += [
        Figure("Fanfold", "100 targets by HTTP, p50", middle(times) * 1000, "ms"),
        Figure("Fanfold", "100 targets by HTTP, p95", percentile(times, 0.95) * 1000, "ms"),
    ]
    async with stage() as here:
        for count in (10_000, 100_000):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            start = time.perf_counter()
            await here.submit(count)
            figures.append(Figure("Fanfold", f"{count:,} operations", time.perf_counter() - start, "s"))
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            figures.append(Figure("Fanfold", f"{count:,} operations, memory grown", grown, "MB"))
            figures.append(
                Figure("raw COPY (limit)", f"{count:,} operations", await _raw_copy(here, count), "s")
            )
    yield Measurement("P2 submit", PROMISE, ratios(figures, us="Fanfold", more_is_better=False))


async def _by_http(api: Served) -> list[float]:
    await api.register(count=100)
    times: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = await api.client.post(
            "/workflows/bench/batch-execute", json={"instance_ids": api.instance_ids}
        )
        times.append(time.perf_counter() - start)
        answer.raise_for_status()
    return times


async def _raw_copy(here: Stage, count: int) -> float:
    url = await here.database("copied")
    connection = await asyncpg.connect(url)
    await connection.execute("create table job (id bigint primary key, key text unique, target text)")
    rows = [(number, f"t{number}", f'{{"name": "t{number}"}}') for number in range(count)]
    start = time.perf_counter()
    await connection.copy_records_to_table("job", records=rows)
    seconds = time.perf_counter() - start
    await connection.close()
    await here.admin.execute("drop database copied with (force)")
    return seconds
