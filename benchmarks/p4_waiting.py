"""P4: 1,000 operations that wait 100 ms, 100 at a time; 10,000 snoozed ones that one worker polls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import asyncpg
import psutil

from benchmarks.contestants.base import Job
from benchmarks.contestants.lineup import Entrance, durable, left_out, on_redis, queuer, us_and_limit
from benchmarks.contestants.ours import CAPACITY
from benchmarks.figures import Figure, Measurement, ratios
from benchmarks.form import Form
from benchmarks.peers.words import WAIT_MS
from benchmarks.race import LONGEST, Course, race
from benchmarks.stage import Crew, Stage, stage

AT_ONCE = 100
SNOOZE_MS = 1000
TAKE = 1000
"""How many the raw loop takes at once, which is what our claim takes."""
UNFINISHED = "select exists (select from batches where finished_at is null)"
RAW_TABLE = """
create table remote (id bigint primary key, due_at timestamptz not null);
create index remote_due on remote (due_at);
insert into remote select n, now() from generate_series(1, {count}) n;
"""
RAW_POLL = """
update remote set due_at = clock_timestamp() + make_interval(secs => $2)
 where id in (select id from remote where due_at <= clock_timestamp()
               order by due_at limit $1 for update skip locked)
"""


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Race all at waiting; then let one worker of ours poll."""
    count = form.of(full=1000, short=1000, trial=200)
    async with stage() as here:
        yield await _waiting(here, count, rounds=form.of(full=3, short=1, trial=1))
        polling = Polling(
            count=form.of(full=10_000, short=10_000, trial=200), snoozes=form.of(full=10, short=4, trial=2)
        )
        yield await _polling(here, polling)


async def _waiting(here: Stage, count: int, *, rounds: int) -> Measurement:
    what = f"{count:,} × {WAIT_MS} ms, {AT_ONCE} at a time"
    best: dict[str, float] = {"ideal": count / AT_ONCE * WAIT_MS / 1000}
    for _ in range(rounds):
        for who, entrance in _entrances().items():
            seconds = await race(entrance(here), Course(count, job=Job.WAIT, at_once=AT_ONCE))
            best[who] = min(seconds, best.get(who, seconds))
    figures = [Figure(who, what, seconds, "s") for who, seconds in best.items()]
    remark = (
        f"Best of {rounds}. PgQueuer fetches 50 at once, which its limit of 100 asks for; DBOS looks for "
        "work 20 times a second; Celery has 100 green threads, Dramatiq 100 threads and an event loop."
    )
    promise = "less than 1.3 s, 100 at a time and never more"
    figures = ratios(figures, us="Fanfold", more_is_better=False)
    return Measurement("P4 waiting", promise, figures, remark + left_out())


def _entrances() -> dict[str, Entrance]:
    return us_and_limit() | {"PgQueuer": queuer(AT_ONCE // 2)} | durable() | on_redis()


@dataclass(frozen=True, slots=True)
class Polling:
    """How many remote executions are asked for their state, and how often each."""

    count: int
    snoozes: int

    @property
    def polls(self) -> int:
        """How many questions that makes."""
        return self.count * self.snoozes


async def _polling(here: Stage, polling: Polling) -> Measurement:
    what = f"{polling.count:,} snoozed, each due every {SNOOZE_MS / 1000:g} s"
    raw = await _raw(here, polling)
    cost = await _ours(here, polling)
    figures = [
        Figure("Fanfold", f"{what}: polls", polling.polls / cost.seconds, "polls/s"),
        Figure("raw loop (limit)", f"{what}: polls", raw, "polls/s"),
        Figure("Fanfold", f"{what}: largest memory of the worker", cost.memory / 1e6, "MB"),
        Figure("Fanfold", f"{what}: processor time", cost.processor / polling.polls * 1e6, "µs/poll"),
    ]
    remark = (
        f"The kind `noop`, which snoozes {polling.snoozes} times and asks nobody, so that the engine is "
        "measured and not a remote side. The first claim and the completion are in the figures. "
        "The raw loop only moves a time."
    )
    promise = "10,000 remote executions polled by one worker under 300 MB"
    return Measurement("P4 polling", promise, ratios(figures, us="Fanfold", more_is_better=True), remark)


@dataclass(frozen=True, slots=True)
class Cost:
    """What the polling took: seconds, bytes at the most, seconds of a processor."""

    seconds: float
    memory: int
    processor: float


async def _ours(here: Stage, polling: Polling) -> Cost:
    parameters = {"snooze_ms": SNOOZE_MS, "snoozes": polling.snoozes}
    batch = await here.submit(polling.count, max_parallel=polling.count, parameters=parameters)
    await here.admin.execute("vacuum analyze")
    crew = await Crew.ready("benchmarks.peers.ours", here.url, str(CAPACITY), str(here.folder / "results"))
    worker = psutil.Process(crew.pids[0])
    before = sum(worker.cpu_times()[:2])
    start = time.perf_counter()
    try:
        crew.go()
        async with asyncio.timeout(LONGEST):
            memory = await _peak_until_finished(here, worker)
        seconds = time.perf_counter() - start
        return Cost(seconds, memory, sum(worker.cpu_times()[:2]) - before)
    finally:
        await crew.dismiss()
        await here.admin.execute("delete from batches where id = $1", batch.id)


async def _peak_until_finished(here: Stage, worker: psutil.Process) -> int:
    largest = 0
    while await here.admin.fetchval(UNFINISHED):
        largest = max(largest, worker.memory_info().rss)
        await asyncio.sleep(0.05)
    return largest


async def _raw(here: Stage, polling: Polling) -> float:
    url = await here.database("polled")
    connection = await asyncpg.connect(url)
    await connection.execute(RAW_TABLE.format(count=polling.count))
    await connection.execute("vacuum analyze")
    start = time.perf_counter()
    done = 0
    while done < polling.polls:
        taken = int((await connection.execute(RAW_POLL, TAKE, SNOOZE_MS / 1000)).split()[-1])
        done += taken
        if not taken:
            await asyncio.sleep(0.01)
    seconds = time.perf_counter() - start
    await connection.close()
    await here.drop("polled")
    return done / seconds
