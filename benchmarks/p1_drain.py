"""P1: drain 10,000 durable no-op operations with everything on, one worker process and two."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import asyncpg
from pgqueuer import PgQueuer

from benchmarks.figures import Figure, Measurement, ratios
from benchmarks.peers import raw
from benchmarks.peers.crastinate import app_for
from benchmarks.stage import Crew, Stage, stage

COUNT = 10_000
SLOW_COUNT = 2_000
"""For the contestants that would take half a minute."""
PROMISE = "at least 8,000/s; at least PgQueuer at its fastest, 3× every other durable one, 30 % of raw"
Contest = Callable[[Stage, int], Awaitable[float]]


async def measure() -> AsyncGenerator[Measurement]:
    """Run every contestant with one worker and with two, in turn, three rounds, and keep each one's best."""
    figures: list[Figure] = []
    async with stage() as here:
        for workers in (1, 2):
            best: dict[str, float] = {}
            for _ in range(3):
                for who, contest in CONTESTS.items():
                    rate = await contest(here, workers)
                    best[who] = max(rate, best.get(who, 0))
            what = f"{workers} worker{'s' if workers > 1 else ''}"
            figures += [Figure(who, what, rate, "operations/s") for who, rate in best.items()]
    remark = (
        "Best of three rounds each, contestants in turn; Procrastinate drains 2,000. "
        "PgQueuer keeps no attempts, no limits over batches and no counters."
    )
    yield Measurement("P1 drain", PROMISE, ratios(figures, us="Fanfold", more_is_better=True), remark)


async def _ours(here: Stage, workers: int) -> float:
    batch = await here.submit(COUNT)
    await here.admin.execute("vacuum analyze")
    crew = await Crew.ready(
        "benchmarks.peers.ours", here.url, "2000", str(here.folder / "results"), count=workers
    )
    seconds = await _race(
        crew, lambda: here.until_none("select count(*) from batches where finished_at is null")
    )
    await here.admin.execute("delete from batches where id = $1", batch.id)
    return COUNT / seconds


async def _raw(here: Stage, workers: int) -> float:
    url = await here.database("raw")
    connection = await asyncpg.connect(url)
    await connection.execute(raw.SCHEMA)
    await connection.execute(
        "insert into job (status) select 'queued' from generate_series(1, $1::int)", COUNT
    )
    await connection.execute("vacuum analyze")
    await connection.close()
    crew = await Crew.ready("benchmarks.peers.raw", url, "500", count=workers)
    seconds = await _race(crew, crew.ended)
    await here.admin.execute("drop database raw with (force)")
    return COUNT / seconds


def _queuer(size: int) -> Contest:
    async def contest(here: Stage, workers: int) -> float:
        url = await here.database("queuer")
        connection = await asyncpg.connect(url)
        app = PgQueuer.from_asyncpg_connection(connection)
        await app.queries.install()
        await app.queries.enqueue(["noop"] * COUNT, [None] * COUNT, [0] * COUNT)
        await connection.execute("vacuum analyze")
        await connection.close()
        crew = await Crew.ready("benchmarks.peers.queuer", url, str(size), "drain", count=workers)
        seconds = await _race(crew, crew.ended)
        await here.admin.execute("drop database queuer with (force)")
        return COUNT / seconds

    return contest


async def _procrastinate(here: Stage, workers: int) -> float:
    url = await here.database("crastinate")
    app = app_for(url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(SLOW_COUNT // 1000):
            await app.configure_task("noop").batch_defer_async(*[{} for _ in range(1000)])
    crew = await Crew.ready("benchmarks.peers.crastinate", url, "100", "drain", count=workers)
    seconds = await _race(crew, crew.ended)
    await here.admin.execute("drop database crastinate with (force)")
    return SLOW_COUNT / seconds


async def _race(crew: Crew, finish: Callable[[], Awaitable[None]]) -> float:
    start = time.perf_counter()
    crew.go()
    await finish()
    seconds = time.perf_counter() - start
    await crew.dismiss()
    return seconds


CONTESTS: dict[str, Contest] = {
    "Fanfold": _ours,
    "raw loop (limit)": _raw,
    "PgQueuer, batches of 100": _queuer(100),
    "PgQueuer, batches of 10": _queuer(10),
    "Procrastinate": _procrastinate,
}
