"""P1: drain 10,000 durable no-op operations with everything on, one worker process and two."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from benchmarks.contestants.lineup import Entrance, durable, left_out, on_redis, queuer, us_and_limit
from benchmarks.figures import Figure, Measurement, ratios
from benchmarks.form import Form
from benchmarks.race import Course, race
from benchmarks.stage import Stage, stage

PROMISE = "at least 8,000/s; at least PgQueuer at its fastest, 3× every other durable one, 30 % of raw"


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Run every contestant with one worker and with two, in turn, three rounds, and keep each one's best."""
    count = form.of(full=10_000, short=10_000, trial=200)
    slow_count = form.of(full=2_000, short=1_000, trial=100)
    rounds = form.of(full=3, short=1, trial=1)
    figures: list[Figure] = []
    async with stage() as here:
        for workers in (1, 2):
            best: dict[str, float] = {}
            for _ in range(rounds):
                for who, entrance in _entrances().items():
                    rate = await _rate(here, entrance, count=(count, slow_count), workers=workers)
                    best[who] = max(rate, best.get(who, 0))
            what = f"{workers} worker{'s' if workers > 1 else ''}"
            figures += [Figure(who, what, rate, "operations/s") for who, rate in best.items()]
    remark = (
        f"Best of {rounds} rounds each, contestants in turn; Procrastinate, DBOS and Celery drain "
        f"{slow_count:,}. PgQueuer keeps no attempts, no limits over batches and no counters. "
        "Celery and Dramatiq are not durable in the same sense: what ended leaves no trace, and Redis "
        "reaches the disk once a second. DBOS looks for work 20 times a second. A worker of Celery is one "
        "process of 8 threads, which was faster than its two processes." + left_out()
    )
    yield Measurement("P1 drain", PROMISE, ratios(figures, us="Fanfold", more_is_better=True), remark)


def _entrances() -> dict[str, Entrance]:
    sizes = {f"PgQueuer, batches of {size}": queuer(size) for size in (100, 10)}
    return us_and_limit() | sizes | durable() | on_redis()


async def _rate(here: Stage, entrance: Entrance, *, count: tuple[int, int], workers: int) -> float:
    contestant = entrance(here)
    jobs = count[1] if contestant.slow else count[0]
    return jobs / await race(contestant, Course(jobs, workers))
