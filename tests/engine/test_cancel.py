"""A cancel reaches what waits, what runs, and the remote side; and loses no race."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fanfold.batches.errors import IllegalTransition
from fanfold.batches.lifecycle import BatchState
from fanfold.engine.work import Stop
from fanfold.sdk.errors import Retryable
from fanfold.sdk.outcome import Completed, Snoozed


async def cancel(bench, batch):
    return await bench.batches.cancel(batch.batch_id, user_id=bench.user_id, reason="enough")


async def test_what_has_not_begun_ends_at_once(bench):
    batch = await bench.submit("a", "b")
    stopped = await cancel(bench, batch)
    assert stopped.status is BatchState.CANCELLED
    assert stopped.cancel_reason == "enough"
    assert await bench.statuses(batch) == {"a": "cancelled", "b": "cancelled"}
    await bench.drain(bench.worker())
    assert bench.kind.ran == []


async def test_a_second_cancel_changes_nothing(bench):
    batch = await bench.submit("a")
    first = await cancel(bench, batch)
    assert await cancel(bench, batch) == first


async def test_a_finished_batch_cannot_be_cancelled(bench):
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    with pytest.raises(IllegalTransition, match="is completed: it cannot cancel now"):
        await cancel(bench, batch)


async def test_a_snoozed_operation_is_woken_to_stop_its_remote_side(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(hours=1), {"remote": 1}))
    batch = await bench.submit("a", operation_timeout=timedelta(hours=3), attempt_timeout=timedelta(hours=3))
    worker = bench.worker()
    await bench.drain(worker)
    assert (await cancel(bench, batch)).status is BatchState.CANCELLING
    await bench.drain(worker)
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_an_attempt_at_work_is_told_and_its_remote_side_stopped(bench):
    async def work(context):
        await context.cancelled.wait()
        raise asyncio.CancelledError

    bench.kind.script("a", work)
    batch = await bench.submit("a")
    worker = bench.worker()
    await worker.claimer.run_once()
    await cancel(bench, batch)
    worker.roster.stop_batches({batch.id: Stop.USER})
    await bench.drain(worker)
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_an_attempt_that_completes_in_spite_of_the_cancel_keeps_its_result(bench):
    async def work(context):
        await context.cancelled.wait()
        return Completed({"just": "in time"})

    bench.kind.script("a", work)
    batch = await bench.submit("a")
    worker = bench.worker()
    await worker.claimer.run_once()
    await cancel(bench, batch)
    worker.roster.stop_batches({batch.id: Stop.USER})
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_snooze_written_after_the_cancel_is_woken_too(bench):
    async def work(context):
        await cancel(bench, batch)
        return Snoozed(timedelta(minutes=20), {"remote": 1})

    bench.kind.script("a", work)
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_a_failure_written_after_the_cancel_is_not_tried_again(bench):
    async def work(context):
        await cancel(bench, batch)
        return Retryable("Flaky.")

    bench.kind.script("a", work)
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    assert bench.kind.ran == ["a"]
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_an_operation_whose_worker_died_is_cancelled_by_another(bench):
    bench.kind.script("a", lambda _: asyncio.Event().wait())
    batch = await bench.submit("a")
    dead, alive = bench.worker(), bench.worker()
    await dead.claimer.run_once()
    await cancel(bench, batch)
    bench.clock.advance(timedelta(seconds=16))
    await alive.rescuer.run_once()
    await bench.drain(alive)
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED
    dead.roster.abandon(dead.roster.attempts())


async def test_a_cancelled_batch_can_be_retried(bench):
    batch = await bench.submit("a", "b")
    await cancel(bench, batch)
    again, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id, select=["cancelled"])
    assert (again.status, count) == (BatchState.QUEUED, 2)
    await bench.drain(bench.worker())
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
