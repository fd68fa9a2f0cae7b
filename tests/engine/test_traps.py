"""What broke in other systems, each as a test that names where; `test_traps_retry` has what retries broke."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.policy import AfterStatus
from fanfold.sdk.errors import BadInput, Permanent
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Completed, Snoozed

MINUTE = timedelta(minutes=1)


class Gauge:
    """Counts what is at work at once."""

    def __init__(self) -> None:
        self.now = 0
        self.peak = 0
        self.ran: Counter[str] = Counter()

    async def work(self, context):
        self.now += 1
        self.peak = max(self.peak, self.now)
        self.ran[context.target.key] += 1
        await asyncio.sleep(0)
        self.now -= 1
        return Completed()


def many(bench, count, step, *, limits=()):
    targets = [f"t{number:04}" for number in range(count)]
    for target in targets:
        bench.kind.script(target, step)
        bench.kind.caps[target] = list(limits)
    return targets


async def work_off(bench, workers, *, most=200):
    for _ in range(most):
        if not any(await asyncio.gather(*(bench.step(worker) for worker in workers))):
            return


async def test_a_limit_holds_when_a_thousand_operations_arrive_in_one_instant(bench):
    """https://github.com/PrefectHQ/prefect/issues/9270"""
    gauge = Gauge()
    targets = many(bench, 1000, gauge.work, limits=[Limit("api", 7)])
    batches = [bench.submit(*targets[begin::4], max_parallel=100) for begin in range(4)]
    await asyncio.gather(*batches)
    await work_off(bench, [bench.worker(capacity=100) for _ in range(3)])
    assert gauge.peak == 7
    assert sum(gauge.ran.values()) == 1000


async def test_a_limit_holds_after_the_first_wave_has_ended(bench):
    """https://github.com/kestra-io/kestra/issues/2976"""
    gauges = [Gauge() for _ in range(5)]
    targets = many(bench, 50, gauges[0].work, limits=[Limit("api", 10)])
    await bench.submit(*targets, max_parallel=50)
    worker = bench.worker()
    for wave in range(5):
        gauge = gauges[wave]
        for target in targets:
            bench.kind.script(target, gauge.work)
        await bench.step(worker)
        assert sum(gauge.ran.values()) == 10


async def test_a_killed_batch_leaves_nothing_that_waits_and_frees_its_limit(bench):
    """https://github.com/kestra-io/kestra/issues/7933, https://github.com/inngest/inngest/pull/4255"""
    targets = many(bench, 30, lambda _: Snoozed(MINUTE, {"remote": 1}), limits=[Limit("api", 4)])
    batch = await bench.submit(*targets, max_parallel=30)
    worker = bench.worker()
    await bench.drain(worker)
    await bench.batches.cancel(batch.batch_id, user_id=bench.user_id)
    await bench.drain(worker)
    assert set((await bench.statuses(batch)).values()) == {"cancelled"}
    gauge = Gauge()
    await bench.submit(*many(bench, 8, gauge.work, limits=[Limit("api", 4)]), max_parallel=8)
    await bench.drain(worker)
    assert gauge.peak == 4


async def test_a_limit_of_one_makes_them_go_one_after_the_other(bench):
    """https://github.com/apache/airflow/issues/49696"""
    gauge = Gauge()
    await bench.submit(*many(bench, 20, gauge.work), max_parallel=1)
    await work_off(bench, [bench.worker() for _ in range(3)])
    assert gauge.peak == 1


async def test_a_dead_worker_s_slots_are_free_again(bench):
    """https://github.com/PrefectHQ/prefect/issues/8251, https://github.com/sidekiq/sidekiq/issues/5143"""

    async def hang(_context):
        await asyncio.Event().wait()

    targets = many(bench, 6, hang, limits=[Limit("api", 3)])
    batch = await bench.submit(*targets, max_parallel=6)
    dead, alive = bench.worker(), bench.worker()
    await dead.claimer.run_once()
    dead.roster.abandon(dead.roster.attempts())
    bench.kind.steps.clear()
    await bench.drain(alive)
    assert (await bench.batch(batch)).counts.running == 3
    bench.clock.advance(timedelta(seconds=16))
    await alive.rescuer.run_once()
    await bench.drain(alive)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    assert await bench.rows("select 1 from limit_usage where running_count <> 0") == []


async def test_using_a_rate_does_not_change_it(bench):
    """https://github.com/hatchet-dev/hatchet/issues/1834"""
    gauge = Gauge()
    rate = Rate(3, MINUTE)
    targets = many(bench, 12, gauge.work, limits=[Limit("api", rate=rate)])
    await bench.submit(*targets[:6], max_parallel=6)
    await bench.submit(*targets[6:], max_parallel=6)
    worker = bench.worker()
    for spent in (3, 6, 9, 12):
        await bench.drain(worker)
        assert sum(gauge.ran.values()) == spent
        bench.clock.advance(MINUTE * 1.02)
    (row,) = await bench.rows("select rate_count, rate_ms from limits where key = 'api'")
    assert tuple(row) == (3, 60_000)


async def test_the_timeline_tells_a_cancelled_batch_from_a_finished_one(bench):
    """https://github.com/sidekiq/sidekiq/issues/3326"""
    done, stopped = await bench.submit("a"), await bench.submit("b")
    await bench.batches.cancel(stopped.batch_id, user_id=bench.user_id)
    await bench.drain(bench.worker())
    rows = await bench.rows(
        "select batch_id, name from events where name in ('batch.completed', 'batch.cancelled') order by id"
    )
    assert {row["batch_id"]: row["name"] for row in rows} == {
        done.id: "batch.completed",
        stopped.id: "batch.cancelled",
    }
    assert len(rows) == 2


async def test_a_key_twice_in_a_batch_is_refused_and_nothing_hangs(bench):
    """https://github.com/triggerdotdev/trigger.dev/issues/2965"""
    with pytest.raises(BadInput, match="a is in the list already, at 0"):
        await bench.submit("a", "b", "a")
    assert await bench.rows("select 1 from batches") == []


async def test_stop_on_error_with_many_at_once_really_begins_nothing_new(bench):
    """https://github.com/rundeck/rundeck/pull/962"""
    targets = many(bench, 40, lambda _: Permanent("no"))
    batch = await bench.submit(*targets, max_parallel=8, stop_on_error=True)
    workers = [bench.worker() for _ in range(3)]
    await work_off(bench, workers)
    assert len(bench.kind.ran) == 8
    await bench.lead(workers[0])
    counts = (await bench.batch(batch)).counts
    assert (counts.failed, counts.skipped) == (8, 32)


async def test_what_follows_in_spite_of_failures_follows(bench):
    """https://github.com/rundeck/rundeck/issues/9461"""
    bench.kind.script("a", lambda _: Permanent("no"))
    first = await bench.submit("a", "b")
    second = await bench.submit("c", after=first.id, after_status=AfterStatus.FINISHED)
    third = await bench.submit("d", after=second.id, after_status=AfterStatus.FINISHED)
    await bench.drain(bench.worker())
    assert (await bench.batch(third)).status is BatchState.COMPLETED


async def test_a_submission_that_is_cut_off_leaves_nothing_and_can_be_said_again(bench, monkeypatch):
    """https://github.com/dagster-io/dagster/issues/3449"""
    cut_off = ConnectionResetError("the server went away")

    async def broken(*_args, **_given):
        raise cut_off

    with monkeypatch.context() as patched:
        patched.setattr("fanfold.batches.service.insert_operations", broken)
        with pytest.raises(ConnectionResetError):
            await bench.submit("a", "b")
    assert await bench.rows("select 1 from batches") == []
    batch = await bench.submit("a", "b")
    await bench.drain(bench.worker())
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
