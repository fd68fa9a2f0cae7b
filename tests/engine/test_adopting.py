"""A remote run that nobody follows is taken by one operation, and stays its own whatever its workers do."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fanfold.batches.lifecycle import BatchState
from fanfold.sdk.outcome import Completed


async def test_a_worker_that_dies_after_it_adopted_leaves_the_run_to_the_operation(bench):
    async def adopt(context):
        assert await context.adopt("run-1")
        await asyncio.Event().wait()

    async def adopt_again(context):
        return Completed({"adopted": await context.adopt("run-1")})

    bench.kind.script("a", adopt, adopt, adopt_again)
    batch = await bench.submit("a")
    for _ in range(2):
        dying, alive = bench.worker(), bench.worker()
        await dying.claimer.run_once()
        await dying.roster.drain(timeout=0.2)
        bench.clock.advance(timedelta(seconds=16))
        assert await alive.store.rescue() == 1
        dying.roster.abandon(dying.roster.attempts())
    await bench.drain(bench.worker())
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    (row,) = await bench.rows("select summary from operations")
    assert row["summary"] == {"adopted": True}


async def test_another_operation_and_a_lost_attempt_may_not_take_it(bench):
    tried = {}

    async def adopt(context):
        tried[context.target.key] = await context.adopt("run-1")
        return Completed()

    async def adopt_late(context):
        await release.wait()
        tried["late"] = await context.adopt("run-2")
        return Completed()

    release = asyncio.Event()
    bench.kind.script("a", adopt)
    bench.kind.script("b", adopt)
    bench.kind.script("c", adopt_late)
    await bench.submit("a", "b", "c")
    worker, other = bench.worker(), bench.worker()
    await worker.claimer.run_once()
    await worker.roster.drain(timeout=0.5)
    bench.clock.advance(timedelta(seconds=16))
    await other.store.rescue()
    release.set()
    await worker.roster.drain(timeout=5)
    assert sorted([tried["a"], tried["b"]]) == [False, True]
    assert tried["late"] is False
