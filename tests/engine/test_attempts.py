"""How one operation goes from claim to its end, whatever its kind does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from fanfold.batches.errors import IllegalTransition
from fanfold.batches.lifecycle import BatchState
from fanfold.sdk.errors import Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Completed, Skipped, Snoozed


async def test_a_batch_runs_to_its_end(bench):
    batch = await bench.submit("a", "b", "c")
    assert batch.status is BatchState.QUEUED
    await bench.drain(bench.worker())
    done = await bench.batch(batch)
    assert done.status is BatchState.COMPLETED
    assert done.counts.completed == 3
    assert done.finished_at == bench.clock.now()


async def test_a_permanent_error_is_never_tried_again(bench):
    bench.kind.script("a", lambda _: Permanent("Access denied.", hint="Ask."))
    batch = await bench.submit("a", "b")
    await bench.drain(bench.worker())
    assert bench.kind.ran.count("a") == 1
    done = await bench.batch(batch)
    assert done.status is BatchState.PARTIAL
    (row,) = await bench.rows("select * from operations where item_key = 'a'")
    assert row["reason"] == "error"
    assert row["error"]["message"] == "Access denied."
    assert row["error"]["hint"] == "Ask."


async def test_a_retryable_error_is_tried_three_times_with_growing_waits(bench):
    bench.kind.script("a", *[lambda _: Retryable("Flaky.")] * 3)
    batch = await bench.submit("a")
    worker = bench.worker()
    waits = []
    for _ in range(3):
        await bench.drain(worker)
        (row,) = await bench.rows("select status, due_at from operations")
        if row["status"] == "pending":
            waits.append((row["due_at"] - bench.clock.now()).total_seconds())
            bench.clock.advance(row["due_at"] - bench.clock.now())
    assert bench.kind.ran == ["a"] * 3
    assert 1 <= waits[0] <= 2 < waits[1] * 1.01 <= 4.04
    assert (await bench.batch(batch)).status is BatchState.FAILED


async def test_a_retry_that_waits_holds_no_slot(bench):
    bench.kind.script("a", lambda _: Retryable("Flaky."))
    batch = await bench.submit("a", "b", max_parallel=1)
    await bench.drain(bench.worker())
    assert await bench.statuses(batch) == {"a": "pending", "b": "completed"}


async def test_an_unknown_exception_is_retried_and_its_text_stays_in_the_log(bench):
    bench.kind.script("a", *[lambda _: ValueError("password=hunter2")] * 3)
    await bench.submit("a", backoff_base=timedelta())
    await bench.drain(bench.worker())
    (row,) = await bench.rows("select error from operations")
    assert row["error"]["class"] == "ValueError"
    assert "hunter2" not in row["error"]["message"]
    assert len(row["error"]["fingerprint"]) == 12


async def test_a_snoozed_operation_keeps_its_slot_and_goes_on_as_the_same_attempt(bench):
    bench.kind.script(
        "a", lambda _: Snoozed(timedelta(seconds=30), {"remote": 1}), lambda c: Completed({"state": c.state})
    )
    batch = await bench.submit("a", "b", max_parallel=1)
    worker, other = bench.worker(), bench.worker()
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "running", "b": "pending"}
    bench.clock.advance(timedelta(seconds=30))
    await bench.drain(other)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    (row,) = await bench.rows(
        "select o.summary, a.number, a.lease_token, a.worker_id "
        "from operations o join attempts a on a.operation_id = o.id where item_key = 'a'"
    )
    assert row["summary"] == {"state": {"remote": 1}}
    assert (row["number"], row["lease_token"], row["worker_id"]) == (1, 2, other.id)


async def test_a_skipped_operation_counts_as_a_success_with_its_reason(bench):
    bench.kind.script("a", lambda _: Skipped("Nothing new."))
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    done = await bench.batch(batch)
    assert done.status is BatchState.COMPLETED
    assert done.counts.skipped == 1


async def test_a_throttled_key_waits_for_everyone_and_burns_no_attempt(bench):
    for target in "ab":
        bench.kind.caps[target] = [Limit("account:1", 10)]
    bench.kind.script(
        "a", *[lambda _: Throttled("Slow down.", key="account:1", after=timedelta(seconds=60))] * 4
    )
    batch = await bench.submit("a", "b", max_parallel=1)
    worker = bench.worker()
    for _ in range(4):
        await bench.drain(worker)
        assert await bench.statuses(batch) == {"a": "pending", "b": "pending"}
        bench.clock.advance(timedelta(seconds=61))
    await bench.drain(worker)
    done = await bench.batch(batch)
    assert done.status is BatchState.COMPLETED
    rows = await bench.rows("select state from attempts order by id")
    assert [row["state"] for row in rows] == ["throttled"] * 4 + ["succeeded"] * 2


async def test_an_attempt_that_takes_too_long_is_stopped_with_its_remote_side(bench):
    bench.kind.script("a", lambda _: Snoozed(timedelta(hours=2), {"remote": 1}))
    batch = await bench.submit("a", attempt_timeout=timedelta(minutes=1))
    worker = bench.worker()
    await bench.drain(worker)
    bench.clock.advance(timedelta(minutes=1))
    await bench.drain(worker)
    (row,) = await bench.rows("select status, reason, error from operations")
    assert (row["status"], row["reason"]) == ("failed", "timeout")
    assert "1 minutes" in row["error"]["message"]
    assert bench.kind.cancelled == ["a"]
    assert (await bench.batch(batch)).status is BatchState.FAILED


async def test_an_attempt_at_work_is_stopped_by_its_timeout(bench):
    bench.kind.script("a", lambda _: asyncio.Event().wait())
    await bench.submit("a", attempt_timeout=timedelta(milliseconds=50))
    await bench.drain(bench.worker())
    (row,) = await bench.rows("select status, reason from operations")
    assert (row["status"], row["reason"]) == ("failed", "timeout")


async def test_a_target_that_does_not_answer_is_named_as_the_reason(bench):
    bench.kind.script("a", lambda _: TargetUnavailable("No answer."))
    await bench.submit("a", max_attempts=1)
    await bench.drain(bench.worker())
    (row,) = await bench.rows("select reason from operations")
    assert row["reason"] == "target_unavailable"


async def test_a_target_where_nobody_is_burns_no_attempt(bench):
    away = TargetUnavailable("Nobody there.", reached=False)
    bench.kind.script("a", *[lambda _: away] * 10)
    batch = await bench.submit("a")
    worker = bench.worker()
    for _ in range(10):
        await bench.drain(worker)
        (row,) = await bench.rows("select status, reason, due_at from operations")
        assert (row["status"], row["reason"]) == ("pending", "target_unavailable")
        assert row["due_at"] - bench.clock.now() <= timedelta(seconds=15)
        bench.clock.advance(timedelta(seconds=15))
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_a_target_that_stays_away_fails_in_the_end_and_is_named(bench):
    bench.kind.script("a", *[lambda _: TargetUnavailable("Nobody there.", reached=False)] * 100)
    await bench.submit("a", operation_timeout=timedelta(minutes=2))
    worker = bench.worker()
    await bench.drain(worker)
    (row,) = await bench.rows("select * from operations")
    while row["status"] == "pending":
        bench.clock.advance(row["due_at"] - bench.clock.now())
        await bench.drain(worker)
        (row,) = await bench.rows("select * from operations")
    assert (row["status"], row["reason"]) == ("failed", "target_unavailable")
    assert row["attempt_count"] > 5
    assert row["error"]["message"] == "Nobody there."


async def test_a_saved_state_is_there_for_the_next_attempt(bench):
    async def crash(context):
        await context.save({"intent": "submitting"}, remote_ref="r-1")
        return Retryable("Cut off.")

    bench.kind.script("a", crash, lambda c: Completed({"found": c.state}))
    await bench.submit("a", backoff_base=timedelta())
    await bench.drain(bench.worker())
    (row,) = await bench.rows("select summary from operations")
    assert row["summary"] == {"found": {"intent": "submitting"}}


async def test_a_remote_run_belongs_to_one_operation(bench):
    taken = {}

    async def adopt(context):
        taken[context.target.key] = await context.adopt("r-1")
        return Completed()

    for target in "ab":
        bench.kind.script(target, adopt)
    await bench.submit("a", "b")
    await bench.drain(bench.worker())
    assert sorted(taken.values()) == [False, True]


async def test_retry_runs_exactly_what_failed_and_keeps_the_history(bench):
    bench.kind.script("b", lambda _: Permanent("No."))
    batch = await bench.submit("a", "b", "c")
    worker = bench.worker()
    await bench.drain(worker)
    bench.kind.ran.clear()
    again, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id)
    assert (again.status, count) == (BatchState.RUNNING, 1)
    await bench.drain(worker)
    assert bench.kind.ran == ["b"]
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    rows = await bench.rows(
        "select a.number, a.state from attempts a join operations o on o.id = a.operation_id "
        "where item_key = 'b' order by a.number"
    )
    assert [tuple(row) for row in rows] == [(1, "failed"), (2, "succeeded")]


async def test_a_retry_of_nothing_changes_nothing(bench):
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    same, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id)
    assert (same.status, count) == (BatchState.COMPLETED, 0)


async def test_delete_waits_for_the_end(bench):
    batch = await bench.submit("a")
    with pytest.raises(IllegalTransition, match="is queued: it cannot prune now"):
        await bench.batches.delete(batch.batch_id, user_id=bench.user_id)
    await bench.drain(bench.worker())
    await bench.batches.delete(batch.batch_id, user_id=bench.user_id)
    assert await bench.rows("select * from operations") == []
