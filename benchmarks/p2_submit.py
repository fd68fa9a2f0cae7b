"""P2: submit a batch: 100 targets by HTTP, 10,000 and 100,000 operations by the service, beside the peers."""

from __future__ import annotations

import resource
import time
from collections.abc import AsyncGenerator

from benchmarks.contestants.lineup import Entrance, durable, left_out, on_redis, queuer
from benchmarks.contestants.ours import Fanfold
from benchmarks.contestants.raw import Raw
from benchmarks.figures import Figure, Measurement, middle, percentile, ratios
from benchmarks.form import Form
from benchmarks.server import Served, served
from benchmarks.stage import Stage, stage

COPYING: dict[str, Entrance] = {"Fanfold": Fanfold, "raw COPY (limit)": Raw}
PROMISE = "100 by HTTP: p50 < 15 ms; 10,000: < 0.5 s; 100,000: < 5 s in flat memory"


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Measure HTTP first, then the big ones beside a raw COPY of as many rows."""
    figures: list[Figure] = []
    async with served("--no-worker") as api:
        times = await _by_http(api, rounds=form.of(full=40, short=20, trial=3))
    figures += [
        Figure("Fanfold", "100 targets by HTTP, p50", middle(times) * 1000, "ms"),
        Figure("Fanfold", "100 targets by HTTP, p95", percentile(times, 0.95) * 1000, "ms"),
    ]
    few, many = form.of(full=(10_000, 100_000), short=(10_000, 100_000), trial=(100, 1000))
    async with stage() as here:
        for count in (few, many):
            for who, entrance in COPYING.items():
                figures += await _at_once(here, count, who=who, entrance=entrance)
        for who, entrance in _peers().items():
            figures += await _at_once(here, few, who=who, entrance=entrance)
    remark = (
        "Each the fastest way its authors show: PgQueuer one statement, Procrastinate batches of 1,000, "
        "DBOS all in one transaction, Celery and Dramatiq a group, which sends one after the other."
    )
    yield Measurement(
        "P2 submit", PROMISE, ratios(figures, us="Fanfold", more_is_better=False), remark + left_out()
    )


def _peers() -> dict[str, Entrance]:
    return {"PgQueuer": queuer(10)} | durable() | on_redis()


async def _by_http(api: Served, *, rounds: int) -> list[float]:
    await api.register(count=100)
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        answer = await api.client.post(
            "/workflows/bench/batch-execute", json={"instance_ids": api.instance_ids}
        )
        times.append(time.perf_counter() - start)
        answer.raise_for_status()
    return times


async def _at_once(here: Stage, count: int, *, who: str, entrance: Entrance) -> list[Figure]:
    what = f"{count:,} operations"
    contestant = entrance(here)
    await contestant.open()
    before = _peak()
    start = time.perf_counter()
    await contestant.submit(count)
    figures = [Figure(who, what, time.perf_counter() - start, "s")]
    if who == Fanfold.who:
        figures.append(Figure(who, f"{what}, memory grown", _peak() - before, "MB"))
    await contestant.close()
    return figures


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
