"""No limit is ever exceeded, not by one, whatever the number of workers; and full keys block nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Completed, Snoozed


class Gauge:
    """Counts what is at work at once, by key."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()

    async def work(self, *keys: str) -> Completed:
        for key in keys:
            self.now[key] += 1
            self.peak[key] = max(self.peak[key], self.now[key])
        for _ in range(3):
            await asyncio.sleep(0)
        self.now.subtract(keys)
        return Completed()


async def test_a_batch_never_runs_more_than_it_may_on_many_workers(bench):
    gauge = Gauge()
    targets = [f"t{number}" for number in range(60)]
    for target in targets:
        bench.kind.script(target, lambda _: gauge.work("batch"))
    batch = await bench.submit(*targets, max_parallel=5)
    workers = [bench.worker() for _ in range(4)]
    while (await bench.batch(batch)).counts.pending:
        await asyncio.gather(*(bench.step(worker) for worker in workers))
    assert gauge.peak["batch"] == 5


@pytest.mark.parametrize("cap", [1, 3])
async def test_a_key_shared_by_batches_holds_over_all_of_them(bench, cap):
    gauge = Gauge()
    for number in range(40):
        bench.kind.caps[f"t{number}"] = [Limit("account:1", cap), Limit(f"instance:{number % 4}", 2)]
        bench.kind.script(f"t{number}", *[lambda _, n=number: gauge.work("account", f"i{n % 4}")] * 2)
    targets = [f"t{number}" for number in range(40)]
    one = await bench.submit(*targets, max_parallel=20)
    two = await bench.submit(*targets, max_parallel=20)
    workers = [bench.worker() for _ in range(3)]
    while (await bench.batch(one)).counts.pending or (await bench.batch(two)).counts.pending:
        await asyncio.gather(*(bench.step(worker) for worker in workers))
    assert gauge.peak["account"] <= cap
    assert max(gauge.peak[f"i{number}"] for number in range(4)) <= 2
    usage = await bench.rows("select key, running_count from limit_usage where running_count <> 0")
    assert usage == []


async def test_a_snoozed_operation_counts_against_its_key(bench):
    for target in "abc":
        bench.kind.caps[target] = [Limit("account:1", 2)]
        bench.kind.script(target, lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    await bench.submit("a", "b", "c")
    worker = bench.worker()
    await bench.drain(worker)
    assert sorted(bench.kind.ran) == ["a", "b"]


async def test_a_full_key_does_not_block_the_targets_behind_it(bench):
    for target in ("a1", "a2", "a3"):
        bench.kind.caps[target] = [Limit("account:1", 1)]
        bench.kind.script(target, lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit("a1", "a2", "a3", "b1", max_parallel=2)
    await bench.drain(bench.worker())
    assert (await bench.statuses(batch))["b1"] == "completed"


async def test_a_small_batch_is_not_behind_a_big_one(bench):
    big = await bench.submit(*[f"b{number}" for number in range(100)], max_parallel=100)
    small = await bench.submit("s1", "s2", max_parallel=10)
    await bench.step(bench.worker(capacity=10))
    assert (await bench.batch(small)).counts.completed == 2
    assert (await bench.batch(big)).counts.completed == 8


async def test_a_worker_takes_no_more_than_it_has_room_for(bench):
    gauge = Gauge()
    targets = [f"t{number}" for number in range(30)]
    for target in targets:
        bench.kind.script(target, lambda _: gauge.work("worker"))
    await bench.submit(*targets, max_parallel=30)
    await bench.drain(bench.worker(capacity=7))
    assert gauge.peak["worker"] == 7


async def test_slots_of_a_dead_worker_are_freed_by_its_rescue(bench):
    for target in "ab":
        bench.kind.caps[target] = [Limit("account:1", 1)]
    bench.kind.script("a", lambda _: asyncio.Event().wait())
    batch = await bench.submit("a", "b")
    dead, alive = bench.worker(), bench.worker()
    await dead.claimer.run_once()
    assert not await bench.step(alive)
    bench.clock.advance(timedelta(seconds=16))
    await alive.store.rescue()
    await bench.drain(alive)
    assert set((await bench.statuses(batch)).values()) == {"completed"}
    dead.roster.abandon(dead.roster.attempts())
