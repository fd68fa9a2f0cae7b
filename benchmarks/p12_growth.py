"""P12: what an operation, a claim and a look cost when the tables already hold a thousand or a million."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from benchmarks.contestants.ours import CAPACITY
from benchmarks.figures import Figure, Measurement, middle, ratios
from benchmarks.form import Form
from benchmarks.growth import Growth
from benchmarks.peers.held import Held
from benchmarks.peers.ours import worker_on
from benchmarks.race import LONGEST
from benchmarks.stage import POLL, Crew, Stage, stage
from fanfold.batches.control import BatchControl
from fanfold.batches.model import Batch
from fanfold.batches.paging import Page
from fanfold.batches.reader import BatchFilter, BatchReader, OperationFilter
from fanfold.db.database import Database, Role
from fanfold.kit.clock import SystemClock

PROMISE = (
    "cost per operation flat from 1,000 to 1,000,000 operations in the table; claim, status and list plans "
    "keep their indexes: nothing is read by sequential scans"
)
SCANNED = """
select coalesce(sum(seq_tup_read), 0)::bigint from pg_stat_user_tables
 where schemaname = 'fanfold' and relname in ('operations', 'attempts', 'events')
"""
FLUSHED = 1.5
"""Seconds after which sessions have told what they read."""
SCANS = "rows"
"""The unit of what sequential scans read."""
CLAIM = 100
PAGE = 50


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done at each size of the table."""

    drained: int
    claims: int
    looks: int


@dataclass(frozen=True, slots=True)
class Ground:
    """The stage with its finished operations and a batch of pending ones."""

    here: Stage
    growth: Growth
    pending: Batch

    async def pause(self, *, paused: bool) -> None:
        """Pause the pending batch, or let its workers run into its full key."""
        database = await Database.open(self.here.url, Role.API)
        control = BatchControl(database, now=SystemClock().now)
        verb = control.pause if paused else control.resume
        await verb(self.pending.batch_id, user_id=self.here.user_id)
        await database.close()


async def measure(form: Form) -> AsyncGenerator[Measurement]:
    """Measure, grow, measure again."""
    counts = form.of(full=(1_000, 100_000, 1_000_000), short=(1_000, 100_000), trial=(100, 1_000))
    size = form.of(full=Size(10_000, 20, 50), short=Size(10_000, 10, 20), trial=Size(200, 2, 3))
    pending_count = form.of(full=100_000, short=100_000, trial=500)
    figures: list[Figure] = []
    async with stage(Held()) as here:
        template = await here.submit(1)
        await _drained(here, template)
        growth = Growth(here, template.id, batch_size=form.of(full=1000, short=1000, trial=100))
        ground = Ground(here, growth, await here.submit(pending_count, kind="held"))
        for count in counts:
            started = time.perf_counter()
            await growth.to(count)
            who = f"{count:,} finished"
            figures.append(Figure(who, "filling", time.perf_counter() - started, "s"))
            costs = await _costs(ground, size)
            # What is small is read whole, and rightly so.
            figures += [Figure(who, *cost) for cost in costs if cost[-1] != SCANS or count == counts[-1]]
    remark = (
        f"Beside them {pending_count:,} pending operations of another batch, first paused, then blocked: one "
        "operation holds the only slot of the key that all of them need. The ratio says how much dearer it "
        f"got since {counts[0]:,}. Finished batches hold a thousand operations each, so that the list of "
        "batches grows too."
    )
    yield Measurement(
        "P12 growth", PROMISE, ratios(figures, us=f"{counts[0]:,} finished", more_is_better=False), remark
    )


async def _costs(ground: Ground, size: Size) -> list[tuple[str, float, str]]:
    costs: list[tuple[str, float, str]] = []
    for beside in ("paused", "blocked"):
        await ground.pause(paused=beside == "paused")
        before = await _scanned(ground.here)
        batch = await ground.here.submit(size.drained)
        seconds = await _drained(ground.here, batch)
        claim, claimed = await _claim(ground.here, size.claims)
        scanned = await _scanned(ground.here) - before
        costs += [
            (
                f"drain of {size.drained:,} beside a {beside} batch",
                seconds / size.drained * 1e6,
                "µs/operation",
            ),
            (f"claim of {CLAIM} beside a {beside} batch, p50", claim, "ms"),
            (f"read by sequential scans, engine beside a {beside} batch", scanned, SCANS),
        ]
        await _forget(ground.here, batch, claimed)
    await ground.pause(paused=True)
    before = await _scanned(ground.here)
    costs += [
        (f"{what}, p50", await _look(look, ground.here, rounds=size.looks), "ms")
        for what, look in _looks(ground).items()
    ]
    costs.append(("read by sequential scans, looks", await _scanned(ground.here) - before, SCANS))
    return costs


async def _drained(here: Stage, batch: Batch) -> float:
    crew = await Crew.ready(
        "benchmarks.peers.ours", here.url, str(CAPACITY), str(here.folder / "results"), "held"
    )
    unfinished = "select finished_at is null from batches where id = $1"
    try:
        start = time.perf_counter()
        crew.go()
        async with asyncio.timeout(LONGEST):
            while await here.admin.fetchval(unfinished, batch.id):  # noqa: ASYNC110 -- it tells nobody
                await asyncio.sleep(POLL)
        return time.perf_counter() - start
    finally:
        await crew.dismiss()


async def _claim(here: Stage, rounds: int) -> tuple[float, Batch]:
    """Return what a claim of CLAIM operations takes, with what they froze and the seats they get."""
    batch = await here.submit(rounds * CLAIM)
    database = await Database.open(here.url, Role.SERVICE)
    worker = worker_on(database, here.url, capacity=CLAIM, folder=str(here.folder / "results"), extra="held")
    await worker.store.register(name="bench", version="0", capacity=CLAIM)
    times: list[float] = []
    pending = "select pending_count > 0 from batches where id = $1"
    while await here.admin.fetchval(pending, batch.id) and len(times) < 10 * rounds:
        start = time.perf_counter()
        await worker.claimer.run_once()
        times.append((time.perf_counter() - start) * 1000)
        while len(worker.roster):  # noqa: ASYNC110 -- the seats have no signal of their own
            await asyncio.sleep(0)
        while await worker.completer.run_once():
            pass
    await worker.store.leave()
    await database.close()
    return middle(times), batch


def _looks(ground: Ground) -> dict[str, Callable[[BatchReader], Awaitable[object]]]:
    user_id = ground.here.user_id
    finished, pending = str(ground.growth.batch_ids[-1]), str(ground.pending.id)
    page, every = Page(limit=PAGE), OperationFilter()
    return {
        "status of a finished batch": lambda reader: reader.get(finished, user_id=user_id),
        "status of the pending batch": lambda reader: reader.get(pending, user_id=user_id),
        f"list of {PAGE} batches": lambda reader: reader.list(BatchFilter(), page, user_id=user_id),
        f"{PAGE} operations of a finished batch": lambda reader: reader.operations(
            finished, where=every, page=page, user_id=user_id
        ),
        f"{PAGE} operations of the pending batch": lambda reader: reader.operations(
            pending, where=every, page=page, user_id=user_id
        ),
    }


async def _look(look: Callable[[BatchReader], Awaitable[object]], here: Stage, *, rounds: int) -> float:
    database = await Database.open(here.url, Role.API)
    reader = BatchReader(database)
    times: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        await look(reader)
        times.append((time.perf_counter() - start) * 1000)
    await database.close()
    return middle(times)


async def _scanned(here: Stage) -> int:
    # Its own session would tell of the filling only after it was asked.
    await here.admin.execute("select pg_stat_force_next_flush()")
    await asyncio.sleep(FLUSHED)
    return await here.admin.fetchval(SCANNED)


async def _forget(here: Stage, *batches: Batch) -> None:
    await here.admin.execute("delete from batches where id = any($1::uuid[])", [each.id for each in batches])
    await here.admin.execute("vacuum analyze")
