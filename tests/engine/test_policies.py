"""A failure budget stops a batch exactly; timeouts, waves, order, predecessors and conditions hold."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.model import Item
from fanfold.batches.policy import AfterStatus, FailureBudget, Policy, Waves
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Permanent, Retryable
from fanfold.sdk.outcome import Completed, Snoozed

HOUR = timedelta(hours=1)
TARGETS = [f"t{number:02}" for number in range(20)]


def fail(bench, *targets):
    for target in targets:
        bench.kind.script(target, *[lambda _: Permanent("no")] * 9)


async def run(bench, *workers):
    workers = workers or (bench.worker(),)
    for _ in range(100):
        moved = await asyncio.gather(*(bench.step(worker) for worker in workers))
        led = await workers[0].leader.run_once()
        if not any(moved) and not led:
            return


async def test_stop_on_error_starts_nothing_after_the_failure_is_known(bench):
    fail(bench, "t03")
    batch = await bench.submit(*TARGETS, max_parallel=3, stop_on_error=True)
    await run(bench, bench.worker(), bench.worker())
    ended = await bench.batch(batch)
    assert ended.status is BatchState.PARTIAL
    assert ended.stop_reason == "stop_on_error"
    # t03 ran in the second wave of three: nothing of a third was ever begun.
    assert len(bench.kind.ran) <= 6
    reasons = await bench.rows("select distinct reason from operations where status = 'skipped'")
    assert [row["reason"] for row in reasons] == ["stop_on_error"]


async def test_a_batch_whose_first_operation_fails_has_failed_and_is_not_partly_done(bench):
    fail(bench, "a")
    batch = await bench.submit("a", "b", "c", max_parallel=1, stop_on_error=True)
    await run(bench)
    assert (await bench.batch(batch)).status is BatchState.FAILED
    assert bench.kind.ran == ["a"]


@pytest.mark.parametrize(
    "budget", [FailureBudget(count=2), FailureBudget(percent=10), FailureBudget(percent=14.9)]
)
async def test_a_budget_bears_what_it_says_and_no_failure_more(bench, budget):
    fail(bench, *TARGETS)
    batch = await bench.submit(*TARGETS, max_parallel=1, budget=budget)
    await run(bench)
    counts = (await bench.batch(batch)).counts
    assert (counts.failed, counts.skipped) == (3, 17)


async def test_failures_within_the_budget_stop_nothing(bench):
    fail(bench, "t01", "t02")
    batch = await bench.submit(*TARGETS, max_parallel=4, budget=FailureBudget(count=2))
    await run(bench)
    counts = (await bench.batch(batch)).counts
    assert (counts.failed, counts.completed) == (2, 18)


@pytest.mark.parametrize("workers", [1, 3])
async def test_a_strict_budget_cannot_be_overshot_however_many_could_run(bench, workers):
    fail(bench, *TARGETS)
    batch = await bench.submit(*TARGETS, max_parallel=20, budget=FailureBudget(count=2, strict=True))
    await run(bench, *(bench.worker() for _ in range(workers)))
    assert (await bench.batch(batch)).counts.failed == 3


async def test_a_soft_budget_lets_what_runs_end(bench):
    fail(bench, *TARGETS[:10])
    batch = await bench.submit(*TARGETS, max_parallel=10, budget=FailureBudget(count=2))
    await run(bench)
    counts = (await bench.batch(batch)).counts
    assert (counts.failed, counts.skipped) == (10, 10)


async def test_a_retry_takes_the_stop_back_and_forgives(bench):
    fail(bench, "a")
    batch = await bench.submit("a", "b", "c", max_parallel=1, budget=FailureBudget(count=0, strict=True))
    await run(bench)
    bench.kind.steps.clear()
    _, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id, select=["failed", "skipped"])
    assert count == 3
    await run(bench)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_retry_of_what_was_skipped_alone_runs_in_spite_of_what_failed(bench):
    fail(bench, "a")
    batch = await bench.submit("a", "b", "c", max_parallel=1, budget=FailureBudget(count=0, strict=True))
    await run(bench)
    await bench.batches.retry(batch.batch_id, user_id=bench.user_id, select=["skipped"])
    await run(bench)
    ended = await bench.batch(batch)
    assert (ended.status, ended.counts.completed) == (BatchState.PARTIAL, 2)


async def test_an_attempt_that_will_be_tried_again_is_no_failure_yet(bench):
    bench.kind.script("a", lambda _: Retryable("later"))
    batch = await bench.submit("a", "b", stop_on_error=True, max_parallel=1)
    worker = bench.worker()
    await run(bench, worker)
    bench.clock.advance(HOUR / 10)
    await run(bench, worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_batch_s_timeout_ends_what_runs_what_snoozes_and_what_waits(bench):
    async def busy(context):
        await context.cancelled.wait()
        raise asyncio.CancelledError

    bench.kind.script("a", busy)
    bench.kind.script("b", lambda _: Snoozed(2 * HOUR, {"remote": 1}))
    batch = await bench.submit(
        "a",
        "b",
        "c",
        max_parallel=2,
        batch_timeout=HOUR,
        attempt_timeout=9 * HOUR,
        operation_timeout=9 * HOUR,
    )
    worker = bench.worker()
    await bench.begin(worker)
    while await worker.completer.run_once():
        pass
    bench.clock.advance(HOUR + timedelta(seconds=1))
    await bench.lead(worker)
    await worker.heartbeat.run_once()
    await run(bench, worker)
    rows = await bench.rows("select item_key, status, reason from operations order by item_key")
    assert [tuple(row) for row in rows] == [
        ("a", "failed", "timeout"),
        ("b", "failed", "timeout"),
        ("c", "skipped", "timeout"),
    ]
    assert sorted(bench.kind.cancelled) == ["a", "b"]
    assert (await bench.batch(batch)).status is BatchState.FAILED


async def test_a_pause_does_not_use_up_the_batch_s_time(bench):
    batch = await bench.submit("a", batch_timeout=HOUR)
    worker = bench.worker()
    await bench.control.pause(batch.batch_id, user_id=bench.user_id)
    bench.clock.advance(5 * HOUR)
    await bench.lead(worker)
    await bench.control.resume(batch.batch_id, user_id=bench.user_id)
    await run(bench, worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_the_next_wave_waits_for_the_one_before(bench):
    bench.kind.script("t00", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit(*TARGETS, max_parallel=20, waves=Waves((1, 4)))
    worker = bench.worker()
    await run(bench, worker)
    assert bench.kind.ran == ["t00"]
    bench.clock.advance(timedelta(minutes=1))
    await bench.step(worker)
    await bench.lead(worker)
    await bench.step(worker)
    assert sorted(set(bench.kind.ran)) == TARGETS[:5]
    await run(bench, worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_wave_that_fails_stops_the_rest_and_passes_after_its_retry(bench):
    fail(bench, "t01")
    batch = await bench.submit(*TARGETS, max_parallel=20, waves=Waves((3,)))
    worker = bench.worker()
    await run(bench, worker)
    stopped = await bench.batch(batch)
    assert (stopped.counts.completed, stopped.counts.failed, stopped.counts.skipped) == (2, 1, 17)
    bench.kind.steps.clear()
    await bench.batches.retry(batch.batch_id, user_id=bench.user_id, select=["failed", "skipped"])
    await bench.step(worker)
    assert (await bench.batch(batch)).counts.completed == 3
    await run(bench, worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_wave_bears_the_failures_that_it_may(bench):
    fail(bench, "t01")
    batch = await bench.submit(*TARGETS, max_parallel=20, waves=Waves((3,), tolerated=1))
    await run(bench)
    assert (await bench.batch(batch)).counts.completed == 19


async def test_a_sequential_batch_keeps_its_order_through_retries(bench):
    bench.kind.script("b", lambda _: Retryable("later"))
    batch = await bench.submit("a", "b", "c", max_parallel=3, sequential=True)
    worker = bench.worker()
    await run(bench, worker)
    assert bench.kind.ran == ["a", "b"]
    bench.clock.advance(HOUR / 10)
    await run(bench, worker)
    assert bench.kind.ran == ["a", "b", "b", "c"]
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_sequential_batch_runs_one_at_a_time_on_many_workers(bench):
    for target in "abc":
        bench.kind.script(target, lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    await bench.submit("a", "b", "c", max_parallel=3, sequential=True)
    await run(bench, bench.worker(), bench.worker())
    assert bench.kind.ran == ["a"]


async def test_a_batch_waits_for_the_success_of_another(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    first = await bench.submit("a")
    second = await bench.submit("b", after=first.id)
    worker = bench.worker()
    await run(bench, worker)
    assert (await bench.batch(second)).status is BatchState.QUEUED
    bench.clock.advance(timedelta(minutes=1))
    await run(bench, worker)
    assert (await bench.batch(second)).status is BatchState.COMPLETED


@pytest.mark.parametrize(
    ("awaited", "status"),
    [(AfterStatus.COMPLETED, BatchState.FAILED), (AfterStatus.FINISHED, BatchState.COMPLETED)],
)
async def test_a_batch_that_waits_for_one_that_fails(bench, awaited, status):
    fail(bench, "a")
    first = await bench.submit("a")
    second = await bench.submit("b", after=first.id, after_status=awaited)
    await run(bench)
    assert (await bench.batch(second)).status is status


async def test_a_batch_whose_predecessor_was_deleted_ends(bench):
    first = await bench.submit("a")
    second = await bench.submit("b", after=first.id)
    await bench.control.pause(second.batch_id, user_id=bench.user_id)
    worker = bench.worker()
    await run(bench, worker)
    await bench.batches.delete(first.batch_id, user_id=bench.user_id)
    await run(bench, worker)
    ended = await bench.batch(second)
    assert (ended.status, ended.stop_reason) == (BatchState.FAILED, "condition")


async def test_another_user_s_batch_cannot_be_waited_for(bench, other_user_id):
    first = await bench.submit("a", by=other_user_id)
    with pytest.raises(BadInput, match="There is no batch"):
        await bench.submit("b", after=first.id)


async def test_what_a_condition_leaves_out_is_skipped_from_the_start_and_counts_as_done(bench):
    items = [Item(Target("a", "A")), Item(Target("b", "B"), skip_reason="Only Europe is asked.")]
    batch = await bench.submit(*items)
    assert batch.counts.skipped == 1
    await run(bench)
    ended = await bench.batch(batch)
    assert (bench.kind.ran, ended.status) == (["a"], BatchState.COMPLETED)


async def test_a_batch_that_leaves_out_everything_is_done_at_once(bench):
    batch = await bench.submit(Item(Target("a", "A"), skip_reason="No."))
    assert batch.status is BatchState.COMPLETED
    assert batch.finished_at is not None


async def test_higher_priority_goes_first_inside_a_batch(bench):
    items = [Item(Target(key, key), priority=priority) for key, priority in (("a", 0), ("b", 5), ("c", 1))]
    await bench.submit(*items, max_parallel=1)
    await run(bench)
    assert bench.kind.ran == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Policy(max_parallel=0), "max_parallel must be 1 or more"),
        (Policy(max_attempts=-1), "max_attempts must be 1 or more"),
        (Policy(attempt_timeout=timedelta(0)), "attempt_timeout must be longer"),
        (Policy(batch_timeout=-HOUR), "batch_timeout must be longer"),
        (Policy(priority=1001), "priority must lie between"),
        (Policy(budget=FailureBudget(count=-1)), "count must be 0 or more"),
        (Policy(budget=FailureBudget(percent=100.5)), "between 0 and 100"),
        (Policy(budget=FailureBudget(strict=True)), "needs a count or a percent"),
        (Policy(waves=Waves((1, 0))), "every wave must have"),
        (Policy(waves=Waves((1,), -1)), "tolerated must be 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_policy_that_makes_no_sense_is_refused_before_anything_runs(bench, policy, message):
    fields = {name: getattr(policy, name) for name in Policy.__slots__}
    with pytest.raises(BadInput, match=message):
        await bench.submit("a", **fields)
    assert await bench.rows("select 1 from batches") == []


async def test_completing_in_the_last_moment_beats_the_stop(bench):
    gate = asyncio.Event()

    async def slow(_context):
        await gate.wait()
        return Completed()

    bench.kind.script("a", slow)
    fail(bench, "b")
    batch = await bench.submit("a", "b", "c", max_parallel=2, stop_on_error=True)
    worker = bench.worker()
    await bench.begin(worker)
    await worker.completer.run_once()
    await bench.lead(worker)
    gate.set()
    await run(bench, worker)
    assert await bench.statuses(batch) == {"a": "completed", "b": "failed", "c": "skipped"}
    assert (await bench.batch(batch)).status is BatchState.PARTIAL
