"""What is old goes, what is young or in use stays, and no count is lost meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pyarrow as pa

from fanfold.batches.model import Item, Submission
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Completed, Snoozed


async def test_silent_workers_go_after_a_week_and_young_ones_stay(bench):
    old = bench.worker()
    await old.store.register(name="old", version="1", capacity=1)
    bench.clock.advance(timedelta(days=8))
    young = bench.worker()
    await young.store.register(name="young", version="1", capacity=1)
    await young.pruner.run_once()
    assert [row["name"] for row in await bench.rows("select name from workers")] == ["young"]


async def test_keys_that_nothing_uses_go_and_used_ones_keep_their_count(bench):
    bench.kind.caps["a"] = [Limit("used", 5)]
    bench.kind.caps["b"] = [Limit("spare", 5)]
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    await bench.submit("a", "b")
    worker = bench.worker()
    await bench.drain(worker)
    await worker.pruner.run_once()
    rows = await bench.rows("select key, running_count from limit_usage")
    assert [tuple(row) for row in rows] == [("used", 1)]


async def test_pruning_beside_claims_loses_no_count(bench):
    targets = [f"t{number}" for number in range(60)]
    for number, target in enumerate(targets):
        bench.kind.caps[target] = [Limit(f"key:{number % 7}", 2)]
    await bench.submit(*targets, max_parallel=60)
    workers = [bench.worker(capacity=5) for _ in range(3)]
    for _ in range(15):
        await asyncio.gather(*(bench.step(worker) for worker in workers), workers[0].pruner.run_once())
    assert await bench.rows("select 1 from operations where status <> 'completed'") == []
    assert await bench.rows("select 1 from limit_usage where running_count <> 0") == []


async def test_the_rate_of_a_deleted_batch_goes_with_it(bench):
    batch = await bench.submit("a", rate=Rate(1, timedelta(seconds=1)))
    worker = bench.worker()
    await bench.drain(worker)
    await bench.batches.delete(batch.batch_id, user_id=bench.user_id)
    await worker.pruner.run_once()
    assert await bench.rows("select 1 from limits where key like 'batch:%'") == []


async def test_drafts_that_nobody_touched_for_a_day_go(bench):
    draft = Submission("scripted", "draft", [Item(Target("a", "A"))], draft=True)
    await bench.batches.submit(draft, user_id=bench.user_id)
    worker = bench.worker()
    await worker.pruner.run_once()
    assert len(await bench.rows("select 1 from batches")) == 1
    bench.clock.advance(timedelta(days=2))
    await worker.pruner.run_once()
    assert await bench.rows("select 1 from batches") == []


async def test_rows_go_when_they_were_kept_long_enough(bench):
    async def write(context):
        await context.sink.write(pa.RecordBatch.from_pydict({"n": [1, 2, 3]}))
        return Completed()

    bench.kind.script("a", write)
    await bench.submit("a")
    worker = bench.worker(results_kept=timedelta(days=30))
    await bench.drain(worker)
    await worker.pruner.run_once()
    assert len(await bench.rows("select 1 from result_sets")) == 1
    bench.clock.advance(timedelta(days=31))
    await worker.pruner.run_once()
    assert await bench.rows("select 1 from result_sets") == []
    (row,) = await bench.rows("select status, row_count from operations")
    assert tuple(row) == ("completed", 3)
