"""P3: from an idle system to the start of one operation, from before the submit; and what idling costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import psutil

from benchmarks.contestants.base import Contestant, Job
from benchmarks.contestants.crastinate import Procrastinate
from benchmarks.contestants.dbos import Dbos
from benchmarks.contestants.lineup import Entrance, eager_dbos, left_out, on_redis, queuer
from benchmarks.contestants.ours import Fanfold
from benchmarks.figures import Figure, Measurement, middle, percentile, ratios
from benchmarks.form import Form
from benchmarks.stage import Crew, stage

PROMISE = "p50 < 10 ms, p95 < 30 ms; an idle worker takes < 1 % of a core"
AT_ONCE = 10
SILENCE = 0.1
ENTRANCES: dict[str, Entrance] = {
    "Fanfold": Fanfold,
    "PgQueuer": queuer(AT_ONCE),
    "Procrastinate": Procrastinate,
    "DBOS": Dbos,
    "DBOS, polling 20 times a second": eager_dbos,
}


@dataclass(frozen=True, slots=True)
class Watch:
    """How long each is watched."""

    rounds: int
    idle_seconds: float


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Measure each contestant alone, one job at a time."""
    watch = Watch(
        rounds=form.of(full=50, short=20, trial=3),
        idle_seconds=form.of(full=20.0, short=4.0, trial=0.5),
    )
    figures: list[Figure] = []
    async with stage() as here:
        for who, entrance in (ENTRANCES | on_redis()).items():
            figures += await _watched(who, entrance(here), watch=watch)
    remark = (
        "The worker counts with its child processes. DBOS looks for work once a second unless told otherwise."
    )
    figures = ratios(figures, us="Fanfold", more_is_better=False)
    yield Measurement("P3 start", PROMISE, figures, remark + left_out())


async def _watched(who: str, contestant: Contestant, *, watch: Watch) -> list[Figure]:
    await contestant.open()
    try:
        crew = await contestant.crew(at_once=AT_ONCE, job=Job.STAMP)
        try:
            await contestant.begin(crew)
            times = await _times(contestant, crew, rounds=watch.rounds)
            idle = await _idle(crew, watch.idle_seconds)
        finally:
            await crew.dismiss()
    finally:
        await contestant.close()
    return [
        Figure(who, "p50", middle(times) * 1000, "ms"),
        Figure(who, "p95", percentile(times, 0.95) * 1000, "ms"),
        Figure(who, "idle worker", idle, "% of a core"),
    ]


async def _times(contestant: Contestant, crew: Crew, *, rounds: int) -> list[float]:
    await contestant.submit(1, Job.STAMP)
    await crew.line()
    times: list[float] = []
    for _ in range(rounds):
        await asyncio.sleep(SILENCE)
        start = time.time()
        await contestant.submit(1, Job.STAMP)
        times.append(float(await crew.line()) - start)
    return times


async def _idle(crew: Crew, seconds: float) -> float:
    worker = psutil.Process(crew.pids[0])
    family = [worker, *worker.children(recursive=True)]
    before = sum(sum(member.cpu_times()[:2]) for member in family)
    await asyncio.sleep(seconds)
    return (sum(sum(member.cpu_times()[:2]) for member in family) - before) / seconds * 100
