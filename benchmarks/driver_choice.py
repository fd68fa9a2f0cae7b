"""Which driver: the two shapes that the engine lives on, rows out and arrays in, asyncpg beside psycopg 3."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import psycopg

from benchmarks.figures import Figure, Measurement, middle, ratios
from benchmarks.form import Form
from benchmarks.stage import stage

ROWS = 1000
SELECT = """select gen_random_uuid() id, n, 'text ' || n as label, now() as at, '{}'::text[] as keys,
                   '{"name": "x"}'::jsonb as target from generate_series(1, 1000) n"""


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Time both drivers in turn on the same server."""
    ids = [uuid4() for _ in range(ROWS)]
    timed = partial(_time, rounds=form.of(full=60, short=60, trial=3))
    numbers = list(range(ROWS))
    texts = ['{"ok": true}'] * ROWS
    async with stage() as here:
        ours = await asyncpg.connect(here.url)
        theirs = await psycopg.AsyncConnection.connect(here.url, autocommit=True)

        async def theirs_run(query: str, values: Any = None) -> None:
            cursor = await theirs.execute(query, values, prepare=True, binary=True)
            await cursor.fetchall()

        arrays = "select count(*) from unnest({}::uuid[], {}::bigint[], {}::text[]) given(a, b, c)"
        figures = [
            Figure("asyncpg", "1,000 rows out", await timed(lambda: ours.fetch(SELECT)), "ms"),
            Figure("psycopg 3", "1,000 rows out", await timed(lambda: theirs_run(SELECT)), "ms"),
            Figure(
                "asyncpg",
                "three arrays of 1,000 in",
                await timed(lambda: ours.fetchval(arrays.format("$1", "$2", "$3"), ids, numbers, texts)),
                "ms",
            ),
            Figure(
                "psycopg 3",
                "three arrays of 1,000 in",
                await timed(lambda: theirs_run(arrays.format("%b", "%b", "%b"), (ids, numbers, texts))),
                "ms",
            ),
        ]
        await ours.close()
        await theirs.close()
    figures = ratios(figures, us="asyncpg", more_is_better=False)
    yield Measurement("Driver choice", "the faster one at both shapes (ADR 0005)", figures)


async def _time(call: Callable[[], Awaitable[Any]], *, rounds: int) -> float:
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        await call()
        times.append((time.perf_counter() - start) * 1000)
    return middle(times)
