"""P3: from an idle system to the start of one operation, from before the submit; and what idling costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import asyncpg
import psutil
from pgqueuer import PgQueuer

from benchmarks.figures import Figure, Measurement, middle, percentile, ratios
from benchmarks.peers.crastinate import app_for
from benchmarks.stage import Crew, Stage, stage

PROMISE = "p50 < 10 ms, p95 < 30 ms; an idle worker takes < 1 % of a core"
ROUNDS = 50
IDLE_SECONDS = 20.0


async def measure() -> AsyncGenerator[Measurement]:
    """Measure each contestant alone, one job at a time."""
    figures: list[Figure] = []
    async with stage() as here:
        for who, contest in (("Fanfold", _ours), ("PgQueuer", _queuer), ("Procrastinate", _procrastinate)):
            times, idle = await contest(here)
            figures += [
                Figure(who, "p50", middle(times) * 1000, "ms"),
                Figure(who, "p95", percentile(times, 0.95) * 1000, "ms"),
                Figure(who, "idle worker", idle, "% of a core"),
            ]
    yield Measurement("P3 start", PROMISE, ratios(figures, us="Fanfold", more_is_better=False))


async def _ours(here: Stage) -> tuple[list[float], float]:
    crew = await Crew.ready("benchmarks.peers.ours", here.url, "10", str(here.folder / "results"), "stamp")

    async def enqueue() -> None:
        await here.submit(1)

    return await _time(crew, enqueue)


async def _queuer(here: Stage) -> tuple[list[float], float]:
    url = await here.database("queuer")
    connection = await asyncpg.connect(url)
    app = PgQueuer.from_asyncpg_connection(connection)
    await app.queries.install()
    crew = await Crew.ready("benchmarks.peers.queuer", url, "10", "continuous")

    async def enqueue() -> None:
        await app.queries.enqueue("noop", b"told")

    measured = await _time(crew, enqueue)
    await connection.close()
    return measured


async def _procrastinate(here: Stage) -> tuple[list[float], float]:
    url = await here.database("crastinate")
    app = app_for(url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        crew = await Crew.ready("benchmarks.peers.crastinate", url, "10", "continuous")

        async def enqueue() -> None:
            await app.configure_task("noop").defer_async(told=True)

        return await _time(crew, enqueue)


async def _time(crew: Crew, enqueue: Callable[[], Awaitable[None]]) -> tuple[list[float], float]:
    crew.go()
    await enqueue()
    await crew.line()
    times: list[float] = []
    for _ in range(ROUNDS):
        await asyncio.sleep(0.1)
        start = time.time()
        await enqueue()
        times.append(float(await crew.line()) - start)
    worker = psutil.Process(crew.pids[0])
    before = sum(worker.cpu_times()[:2])
    await asyncio.sleep(IDLE_SECONDS)
    idle = (sum(worker.cpu_times()[:2]) - before) / IDLE_SECONDS * 100
    await crew.dismiss()
    return times, idle
