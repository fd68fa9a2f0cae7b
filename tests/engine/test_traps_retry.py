"""Traps that shipped elsewhere, each with its thread: what a retry takes, and what a list shows after it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanfold.batches.failure_groups import FailureReader
from fanfold.batches.lifecycle import BatchState, OperationState
from fanfold.batches.paging import Page
from fanfold.batches.policy import FailureBudget
from fanfold.batches.reader import BatchReader, OperationFilter
from fanfold.sdk.errors import BadInput, Permanent, Retryable, Throttled
from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Completed


def no(_context):
    return Permanent("No.")


async def operations(bench, batch, **where):
    reader = BatchReader(bench.api)
    found, page = [], Page(limit=200)
    while True:
        listing = await reader.operations(
            batch.batch_id, where=OperationFilter(**where), page=page, user_id=bench.user_id
        )
        found += listing.items
        if listing.next_cursor is None:
            return found
        page = Page(limit=200, cursor=listing.next_cursor)


async def test_a_retry_takes_the_latest_attempt_and_each_target_once(bench):
    """https://github.com/apache/airflow/pull/69998"""
    bench.kind.script("cured", lambda _: Retryable("Once."), lambda _: Completed())
    bench.kind.script("worse", lambda _: Retryable("Once."), lambda _: Permanent("For good."))
    batch = await bench.submit("cured", "worse", backoff_base=timedelta())
    worker = bench.worker()
    await bench.drain(worker)
    bench.kind.ran.clear()
    _, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id, select=["remainder"])
    await bench.drain(worker)
    assert (count, bench.kind.ran) == (1, ["worse"])
    rows = await bench.rows(
        "select a.number from attempts a join operations o on o.id = a.operation_id "
        "where o.item_key = 'worse' order by a.number"
    )
    assert [row["number"] for row in rows] == [1, 2, 3]


async def test_the_same_retry_twice_runs_a_target_once(bench):
    """https://github.com/apache/airflow/pull/69998"""
    bench.kind.script("a", no)
    batch = await bench.submit("a", "b")
    worker = bench.worker()
    await bench.drain(worker)
    bench.kind.ran.clear()
    counts = [(await bench.batches.retry(batch.batch_id, user_id=bench.user_id))[1] for _ in range(2)]
    await bench.drain(worker)
    assert (counts, bench.kind.ran) == ([1, 0], ["a"])


async def test_a_retry_of_one_leaves_its_neighbours_as_they_are(bench):
    """https://github.com/apache/airflow/issues/64526"""
    for key in ("a", "b", "c"):
        bench.kind.script(key, no)
    batch = await bench.submit("a", "b", "c", "fine")
    worker = bench.worker()
    await bench.drain(worker)
    query = "select o::text as line, xmin::text from operations o where item_key <> 'b' order by ordinal"
    before = await bench.rows(query)
    (chosen,) = await operations(bench, batch, q="b")
    await bench.batches.retry(batch.batch_id, user_id=bench.user_id, operation_ids=[chosen.id])
    await bench.drain(worker)
    assert await bench.rows(query) == before
    counts = (await bench.batch(batch)).counts
    assert (counts.completed, counts.failed, counts.total) == (2, 2, 4)


async def test_zero_targets_are_a_clean_no_op_also_on_retry(bench):
    """https://github.com/apache/airflow/issues/43214"""
    with pytest.raises(BadInput, match="The list of targets is empty"):
        await bench.submit()
    batch = await bench.submit("a")
    await bench.drain(bench.worker())
    before = await bench.rows("select b::text as line, xmin::text from batches b")
    same, count = await bench.batches.retry(batch.batch_id, user_id=bench.user_id)
    assert (same.status, count) == (BatchState.COMPLETED, 0)
    assert await bench.rows("select b::text as line, xmin::text from batches b") == before


async def test_a_failure_on_page_forty_is_in_the_summary(bench):
    """https://github.com/astronomer/agents/issues/228"""
    keys = [f"t{number:03}" for number in range(400)]
    bench.kind.script("t395", no)
    batch = await bench.submit(*keys, max_parallel=200)
    await bench.drain(bench.worker(capacity=200))
    ended = await bench.batch(batch)
    assert (ended.status, ended.counts.failed) == (BatchState.PARTIAL, 1)
    found = await FailureReader(bench.api).of_batch(batch.batch_id, user_id=bench.user_id)
    (group,) = found.groups
    assert [example["target_id"] for example in group.examples] == ["t395"]


async def test_what_failed_is_in_the_result_although_the_goal_is_reached(bench):
    """https://github.com/aws/aws-durable-execution-sdk-js/issues/214"""
    bench.kind.script("b", no)
    batch = await bench.submit("a", "b", "c", budget=FailureBudget(count=1))
    await bench.drain(bench.worker())
    shown = {one.target.key: one for one in await operations(bench, batch)}
    assert len(shown) == 3
    assert (shown["b"].status, shown["b"].error["message"]) == (OperationState.FAILED, "No.")
    assert (await bench.batch(batch)).status is BatchState.PARTIAL


async def test_the_list_of_what_completed_is_whole_after_the_end(bench):
    """https://github.com/flyteorg/flyte/issues/7867"""
    keys = [f"t{number:03}" for number in range(450)]
    batch = await bench.submit(*keys, max_parallel=250)
    await bench.drain(bench.worker(capacity=250))
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    completed = await operations(bench, batch, statuses=(OperationState.COMPLETED,))
    assert [one.target.key for one in completed] == keys


async def test_item_keys_survive_a_rate_limited_re_drive(bench):
    """https://github.com/triggerdotdev/trigger.dev/issues/3989"""
    bench.kind.caps = {"a": [Limit("api", 5)], "b": [Limit("api", 5)]}
    minute = timedelta(minutes=1)
    bench.kind.script("a", lambda _: Throttled("Slow down.", key="api", after=minute), no)
    batch = await bench.submit("a", "b")
    worker = bench.worker()
    await bench.drain(worker)
    bench.clock.advance(minute + timedelta(seconds=1))
    await bench.drain(worker)
    await bench.batches.retry(batch.batch_id, user_id=bench.user_id)
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "completed", "b": "completed"}
    assert bench.kind.ran.count("a") == 3
    rows = await bench.rows("select count(*) as n, count(distinct item_key) as keys from operations")
    assert tuple(rows[0]) == (2, 2)


async def test_a_retry_that_waits_holds_no_slot(bench):
    """https://github.com/PrefectHQ/prefect/issues/3516"""
    bench.kind.caps = {key: [Limit("one", 1)] for key in ("a", "b")}
    bench.kind.script("a", lambda _: Retryable("Later.", after=timedelta(hours=1)))
    batch = await bench.submit("a", "b", max_parallel=1)
    worker = bench.worker()
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "pending", "b": "completed"}
    rows = await bench.rows("select coalesce(sum(running_count), 0) as n from limit_usage")
    assert rows[0]["n"] == 0
