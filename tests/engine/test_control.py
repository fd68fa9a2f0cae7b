"""A pause rests a batch, a freeze also what runs; a resume lets both go on; a change binds at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fanfold.batches.errors import IllegalTransition
from fanfold.batches.lifecycle import BatchState, PauseMode
from fanfold.batches.model import Item, Submission
from fanfold.batches.policy import FailureBudget, QuietHours
from fanfold.engine.work import Stop
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Permanent
from fanfold.sdk.kind import Rate
from fanfold.sdk.outcome import Completed, Snoozed

HOUR = timedelta(hours=1)


async def pause(bench, batch, **how):
    return await bench.control.pause(batch.batch_id, user_id=bench.user_id, **how)


async def resume(bench, batch):
    return await bench.control.resume(batch.batch_id, user_id=bench.user_id)


async def test_a_draining_batch_ends_what_runs_and_begins_nothing(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit("a", "b", max_parallel=1)
    worker = bench.worker()
    await bench.drain(worker)
    paused = await pause(bench, batch, reason="lunch")
    assert paused.status is BatchState.PAUSED
    assert paused.pause is not None
    assert paused.pause.reason == "lunch"
    bench.clock.advance(timedelta(minutes=2))
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "completed", "b": "pending"}
    assert (await resume(bench, batch)).pause is None
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_pause_before_the_first_claim_holds_everything(bench):
    batch = await bench.submit("a")
    await pause(bench, batch)
    await bench.drain(bench.worker())
    assert bench.kind.ran == []


async def test_a_freeze_stops_what_runs_where_it_stands_and_a_resume_goes_on_there(bench):
    async def begin(context):
        await context.save({"step": 1})
        await asyncio.Event().wait()

    bench.kind.script("a", begin, lambda c: Completed({"resumed": c.state}))
    batch = await bench.submit("a", "b", max_parallel=1)
    worker = bench.worker()
    await bench.begin(worker)
    await pause(bench, batch, mode=PauseMode.FREEZE)
    await worker.heartbeat.run_once()
    await bench.drain(worker)
    assert len(worker.roster) == 0
    assert await bench.statuses(batch) == {"a": "running", "b": "pending"}
    assert bench.kind.cancelled == []
    await resume(bench, batch)
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    rows = await bench.rows("select summary, attempt_count from operations where item_key = 'a'")
    assert dict(rows[0]) == {"summary": {"resumed": {"step": 1}}, "attempt_count": 1}


async def test_frozen_time_counts_against_no_timeout(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit("a", batch_timeout=HOUR)
    worker = bench.worker()
    await bench.drain(worker)
    await pause(bench, batch, mode=PauseMode.FREEZE)
    bench.clock.advance(5 * HOUR)
    await bench.lead(worker)
    await bench.drain(worker)
    await resume(bench, batch)
    await bench.lead(worker)
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_frozen_batch_can_be_cancelled_and_its_remote_side_is_told(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit("a")
    worker = bench.worker()
    await bench.drain(worker)
    await pause(bench, batch, mode=PauseMode.FREEZE)
    await bench.batches.cancel(batch.batch_id, user_id=bench.user_id)
    await bench.drain(worker)
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_a_freeze_can_become_a_drain(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit("a", "b", max_parallel=1)
    worker = bench.worker()
    await bench.drain(worker)
    await pause(bench, batch, mode=PauseMode.FREEZE)
    await pause(bench, batch, mode=PauseMode.DRAIN)
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "completed", "b": "pending"}


async def test_a_pause_with_a_time_ends_by_itself(bench):
    batch = await bench.submit("a")
    worker = bench.worker()
    await pause(bench, batch, resume_at=bench.clock.now() + HOUR)
    await bench.lead(worker)
    await bench.drain(worker)
    assert bench.kind.ran == []
    assert await worker.store.next_due() == HOUR
    bench.clock.advance(HOUR)
    await bench.lead(worker)
    await bench.drain(worker)
    assert bench.kind.ran == ["a"]


async def test_a_pause_into_the_past_is_refused(bench):
    batch = await bench.submit("a")
    with pytest.raises(BadInput, match="must lie in the future"):
        await pause(bench, batch, resume_at=bench.clock.now())


async def test_pausing_and_resuming_twice_is_as_once(bench):
    batch = await bench.submit("a")
    assert (await resume(bench, batch)).status is BatchState.QUEUED
    first = await pause(bench, batch)
    bench.clock.advance(HOUR)
    second = await pause(bench, batch)
    assert first.pause == second.pause
    await resume(bench, batch)
    assert (await resume(bench, batch)).status is BatchState.QUEUED
    told = await bench.rows("select name from events where name like 'batch.%' order by id")
    assert [row["name"] for row in told] == ["batch.paused", "batch.resumed"]


async def test_a_hundred_clicks_at_once_leave_one_truth(bench):
    batch = await bench.submit("a", "b")
    clicks = [pause(bench, batch), resume(bench, batch)] * 50
    await asyncio.gather(*clicks)
    await resume(bench, batch)
    await bench.drain(bench.worker())
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_an_ended_batch_refuses_pause_resume_and_change(bench):
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    for verb in (pause, resume, bench.change):
        with pytest.raises(IllegalTransition, match="is completed: it cannot"):
            await (verb(batch) if verb == bench.change else verb(bench, batch))


async def test_parallelism_turned_down_and_up_binds_with_the_next_claim(bench):
    for key in "abcdef":
        bench.kind.script(key, lambda _: Snoozed(timedelta(minutes=1), {"remote": 1}))
    batch = await bench.submit(*"abcdef", max_parallel=2)
    worker = bench.worker()
    await bench.drain(worker)
    assert len(bench.kind.ran) == 2
    await bench.change(batch, max_parallel=5)
    await bench.drain(worker)
    assert len(bench.kind.ran) == 5
    await bench.change(batch, max_parallel=1)
    bench.clock.advance(timedelta(minutes=2))
    await bench.drain(worker)
    assert (await bench.statuses(batch))["f"] == "running"
    assert sum(status == "running" for status in (await bench.statuses(batch)).values()) == 1


async def test_a_rate_given_while_it_runs_binds_and_can_be_taken_back(bench):
    batch = await bench.submit(*[f"t{number}" for number in range(10)], max_parallel=10)
    changed = await bench.change(batch, rate=Rate(2, timedelta(minutes=1)))
    assert changed.policy.rate == Rate(2, timedelta(minutes=1))
    worker = bench.worker()
    await bench.drain(worker)
    assert len(bench.kind.ran) == 2
    await bench.change(batch, rate=None)
    await bench.drain(worker)
    assert len(bench.kind.ran) == 10


async def test_a_budget_turned_down_below_the_failures_stops_at_once(bench):
    for key in "ab":
        bench.kind.script(key, lambda _: Permanent("no"))
    batch = await bench.submit("a", "b", "c", "d", max_parallel=2)
    worker = bench.worker()
    await bench.step(worker)
    changed = await bench.change(batch, budget=FailureBudget(count=1))
    assert changed.stop_reason == "budget"
    await bench.lead(worker)
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "failed", "b": "failed", "c": "skipped", "d": "skipped"}


async def test_quiet_hours_given_while_it_runs_hold_back_what_has_not_begun(bench):
    batch = await bench.submit("a")
    now = bench.clock.now()
    later = now + HOUR
    period = QuietHours(now.time().replace(second=0, microsecond=0), later.time(), "UTC")
    await bench.change(batch, quiet_hours=(period,))
    worker = bench.worker()
    await bench.drain(worker)
    assert bench.kind.ran == []
    assert await worker.store.next_due() == HOUR
    bench.clock.advance(HOUR)
    await bench.drain(worker)
    assert bench.kind.ran == ["a"]


async def test_a_change_that_makes_no_sense_changes_nothing(bench):
    batch = await bench.submit("a")
    with pytest.raises(BadInput, match="max_parallel must be 1 or more"):
        await bench.change(batch, max_parallel=0)
    with pytest.raises(BadInput, match="between 0 and 100"):
        await bench.change(batch, budget=FailureBudget(percent=101))
    assert (await bench.batch(batch)).policy.max_parallel == batch.policy.max_parallel


async def test_the_timeline_says_who_changed_what(bench):
    batch = await bench.submit("a")
    await bench.change(batch, max_parallel=7)
    (row,) = await bench.rows("select detail from events where name = 'batch.changed'")
    assert row["detail"] == {"actor": str(bench.user_id), "changes": {"max_parallel": [5, 7]}}


async def test_an_attempt_that_ignores_the_cancel_is_stopped_hard(bench):
    async def deaf(_context):
        await asyncio.Event().wait()

    bench.kind.script("a", deaf)
    batch = await bench.submit("a")
    worker = bench.worker()
    await bench.begin(worker)
    await bench.batches.cancel(batch.batch_id, user_id=bench.user_id)
    worker.roster.stop_batches({batch.id: Stop.USER})
    (seat,) = await worker.roster.drain(timeout=0.05)
    assert seat.cancelled.is_set()
    seat.abandon()
    await bench.drain(worker)
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.CANCELLED


async def test_a_cancelled_draft_has_ended(bench):
    items = [Item(Target("a", "A"))]
    draft = Submission("scripted", "draft", items, draft=True)
    batch = await bench.batches.submit(draft, user_id=bench.user_id)
    await bench.drain(bench.worker())
    assert bench.kind.ran == []
    ended = await bench.batches.cancel(batch.batch_id, user_id=bench.user_id)
    assert ended.status is BatchState.CANCELLED
    assert ended.finished_at is not None
