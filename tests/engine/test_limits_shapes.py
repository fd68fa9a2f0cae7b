"""Rates, weights, wide keys, locks, adapted caps, breakers and quiet hours: all ways to close a key hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, time, timedelta

import pytest

from fanfold.batches.lifecycle import BatchState
from fanfold.batches.model import Item
from fanfold.batches.policy import LockMode, QuietHours
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Permanent, TargetUnavailable, Throttled
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Completed, Snoozed

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def snooze(bench, *targets, limits=()):
    for target in targets:
        bench.kind.caps[target] = list(limits)
        bench.kind.script(target, lambda _: Snoozed(MINUTE, {"remote": 1}))


async def set_limit(bench, key, **columns):
    names, values = ", ".join(columns), ", ".join(f"${index + 2}" for index in range(len(columns)))
    query = f"insert into limits (key, {names}) values ($1, {values})"
    async with bench.service.transaction() as transaction:
        await transaction._connection.execute(query, key, *columns.values())


async def starts(bench) -> list[datetime]:
    return [
        row["started_at"] for row in await bench.rows("select started_at from attempts order by started_at")
    ]


@pytest.mark.parametrize(
    "rate",
    [Rate(1, MINUTE), Rate(3, MINUTE), Rate(10, MINUTE), Rate(60, timedelta(hours=1)), Rate(5, SECOND)],
)
async def test_no_window_of_the_rate_s_time_ever_holds_more_than_the_rate(bench, rate):
    targets = [f"t{number:03}" for number in range(80)]
    for target in targets:
        bench.kind.caps[target] = [Limit("api", rate=rate)]
    await bench.submit(*targets, max_parallel=80)
    workers = [bench.worker(), bench.worker()]
    for _ in range(120):
        await asyncio.gather(*(bench.step(worker) for worker in workers))
        bench.clock.advance(rate.per / 23)
    begun = await starts(bench)
    busiest = max(sum(first <= other < first + rate.per for other in begun) for first in begun)
    assert busiest == rate.count
    assert len(begun) >= min(80, 5 * rate.count)


async def test_the_worker_is_told_when_the_next_token_is_due(bench):
    for target in "abc":
        bench.kind.caps[target] = [Limit("api", rate=Rate(2, MINUTE))]
    await bench.submit("a", "b", "c")
    worker = bench.worker()
    await bench.drain(worker)
    assert bench.kind.ran == ["a", "b"]
    wait = await worker.store.next_due()
    assert wait is not None
    assert MINUTE <= wait <= MINUTE * 1.01


async def test_an_operation_takes_as_many_units_as_it_weighs(bench):
    for target, weight in (("heavy1", 4), ("heavy2", 4), ("light1", 1), ("light2", 1), ("light3", 1)):
        snooze(bench, target, limits=[Limit("pool", 6, weight=weight)])
    await bench.submit("heavy1", "heavy2", "light1", "light2", "light3", max_parallel=5)
    await bench.drain(bench.worker())
    assert sorted(bench.kind.ran) == ["heavy1", "light1", "light2"]
    (usage,) = await bench.rows("select running_count from limit_usage where key = 'pool'")
    assert usage["running_count"] == 6


async def test_weights_spend_a_rate_too(bench):
    for target in "abc":
        bench.kind.caps[target] = [Limit("api", rate=Rate(10, MINUTE), weight=4)]
    await bench.submit("a", "b", "c", max_parallel=3)
    await bench.drain(bench.worker())
    assert bench.kind.ran == ["a", "b"]


async def test_an_operation_that_needs_more_than_there_ever_is_is_refused(bench):
    bench.kind.caps["a"] = [Limit("pool", 3, weight=4)]
    with pytest.raises(BadInput, match="pool never has the 4 units"):
        await bench.submit("a")


@pytest.mark.parametrize("key", ["global", "kind:scripted", "user"])
async def test_a_wide_key_bounds_all_batches_that_it_covers(bench, key, other_user_id):
    await set_limit(bench, f"user:{bench.user_id}" if key == "user" else key, max_running=3)
    snooze(bench, *"abcdefgh")
    await bench.submit(*"abcd", max_parallel=4)
    await bench.submit(*"efgh", max_parallel=4)
    await asyncio.gather(*(bench.drain(worker) for worker in [bench.worker() for _ in range(3)]))
    assert len(bench.kind.ran) == 3
    await bench.submit("z", by=other_user_id)
    await bench.drain(bench.worker())
    assert ("z" in bench.kind.ran) == (key == "user")


async def test_a_wide_rate_bounds_all_batches_that_it_covers(bench):
    await set_limit(bench, "kind:scripted", rate_count=2, rate_ms=60_000)
    await bench.submit(*"abc", max_parallel=3)
    await bench.submit(*"def", max_parallel=3)
    await bench.drain(bench.worker())
    assert len(bench.kind.ran) == 2


async def test_a_limit_turned_down_binds_what_was_submitted_already(bench):
    snooze(bench, *"abcd", limits=[Limit("pool", 4)])
    await bench.submit(*"abcd", max_parallel=4)
    await bench.rows("update limits set max_running = 2 where key = 'pool' returning 1")
    await bench.drain(bench.worker())
    assert len(bench.kind.ran) == 2


async def test_exclusive_batches_never_touch_a_target_together_and_sharing_ones_may(bench):
    snooze(bench, "a")
    targets = [Item(Target("a", "A", id=uuid7()))]
    await bench.submit(*targets, lock=LockMode.SHARED)
    await bench.submit(*targets, lock=LockMode.SHARED)
    exclusive = await bench.submit(*targets, lock=LockMode.EXCLUSIVE)
    worker = bench.worker()
    await bench.drain(worker)
    assert len(bench.kind.ran) == 2
    assert (await bench.batch(exclusive)).counts.pending == 1
    bench.kind.steps.clear()
    bench.clock.advance(MINUTE)
    await bench.drain(worker)
    assert (await bench.batch(exclusive)).status is BatchState.COMPLETED


async def test_a_lock_waits_for_its_target_alone(bench):
    snooze(bench, "a")
    await bench.submit("a", lock=LockMode.EXCLUSIVE)
    await bench.drain(bench.worker())
    second = await bench.submit("a", "b", lock=LockMode.EXCLUSIVE)
    await bench.drain(bench.worker())
    assert await bench.statuses(second) == {"a": "pending", "b": "completed"}


async def test_a_pause_that_the_remote_side_names_closes_the_key_for_everyone_and_burns_nothing(bench):
    for target in "abc":
        bench.kind.caps[target] = [Limit("account:1", 10)]
    bench.kind.script("a", lambda _: Throttled("slow down", key="account:1", after=timedelta(seconds=90)))
    batch = await bench.submit("a", "b", "c", max_parallel=1, max_attempts=1)
    worker = bench.worker()
    await bench.drain(worker)
    assert bench.kind.ran == ["a"]
    bench.clock.advance(timedelta(seconds=89))
    await bench.drain(worker)
    assert bench.kind.ran == ["a"]
    bench.clock.advance(SECOND)
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


async def test_too_many_without_a_time_halves_the_key_and_it_recovers_slowly(bench):
    targets = [f"t{number:02}" for number in range(40)]
    snooze(bench, *targets, limits=[Limit("api", 8)])
    for target in targets[:8]:
        bench.kind.script(target, *[lambda _: Throttled("busy", key="api")])
    await bench.submit(*targets, max_parallel=40)
    worker = bench.worker()
    await bench.step(worker)
    assert len(bench.kind.ran) == 8
    # Eight refusals of one wave halve it once.
    bench.clock.advance(3 * SECOND)
    await bench.drain(worker)
    (usage,) = await bench.rows("select running_count from limit_usage where key = 'api'")
    assert usage["running_count"] == 4
    for expected in (5, 6, 7, 8, 8):
        bench.clock.advance(10 * SECOND)
        await bench.drain(worker)
        (usage,) = await bench.rows("select running_count from limit_usage where key = 'api'")
        assert usage["running_count"] == expected


async def accuse(bench, worker, failures, message="down"):
    """Let operations on the one target fail so many times in a row."""
    for number in range(failures):
        bench.kind.script(f"x{number}", *[lambda _: TargetUnavailable(message)] * 9)
        bench.kind.caps[f"x{number}"] = [Limit("host:1", guarded=True)]
        await bench.submit(f"x{number}", max_attempts=1)
        await bench.step(worker)


async def test_failures_of_a_target_in_a_row_open_its_breaker_and_one_probe_closes_it(bench):
    worker = bench.worker()
    await accuse(bench, worker, 5)
    for target in "abc":
        bench.kind.caps[target] = [Limit("host:1", guarded=True)]
    batch = await bench.submit("a", "b", "c", "elsewhere", max_parallel=4)
    bench.kind.ran.clear()
    await bench.drain(worker)
    assert bench.kind.ran == ["elsewhere"]
    assert await worker.store.next_due() == MINUTE
    gate = asyncio.Event()

    async def probe(_context):
        await gate.wait()
        return Completed()

    bench.kind.script("a", probe)
    bench.clock.advance(MINUTE)
    await bench.begin(worker)
    await bench.begin(worker)
    assert bench.kind.ran == ["elsewhere", "a"]
    gate.set()
    await bench.drain(worker)
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    assert await bench.rows("select 1 from breakers") == []


async def test_a_failed_probe_opens_the_breaker_for_twice_as_long(bench):
    worker = bench.worker()
    await accuse(bench, worker, 5)
    bench.clock.advance(MINUTE)
    bench.kind.caps["a"] = [Limit("host:1", guarded=True)]
    bench.kind.script("a", lambda _: TargetUnavailable("down"))
    await bench.submit("a", max_attempts=1)
    await bench.step(worker)
    assert await worker.store.next_due() == 2 * MINUTE


async def test_causes_are_counted_apart_and_our_own_faults_not_at_all(bench):
    worker = bench.worker()
    await accuse(bench, worker, 4)
    await accuse(bench, worker, 4, message="certificate expired")
    for number in range(9):
        bench.kind.script(f"p{number}", lambda _: Permanent("no such column"))
        bench.kind.caps[f"p{number}"] = [Limit("host:1", guarded=True)]
    await bench.submit(*[f"p{number}" for number in range(9)], max_parallel=9)
    await bench.drain(worker)
    assert Counter(bench.kind.ran)["p8"] == 1
    rows = await bench.rows("select failure_count, opened_at from breakers order by cause")
    assert [tuple(row) for row in rows] == [(4, None), (4, None)]


async def test_a_success_between_failures_begins_the_count_anew(bench):
    worker = bench.worker()
    await accuse(bench, worker, 4)
    bench.kind.caps["good"] = [Limit("host:1", guarded=True)]
    await bench.submit("good")
    await bench.drain(worker)
    await accuse(bench, worker, 4)
    assert await bench.rows("select 1 from limits where probe_at is not null") == []


async def test_a_target_in_its_quiet_hours_waits_and_the_others_go_on(bench):
    bench.kind.caps["a"] = [Limit("host:1", 5)]
    batch = await bench.submit("a", "b", max_parallel=2)
    period = QuietHours(time(0), time(6), "UTC").stored()
    await bench.rows("update limits set quiet_hours = $1 where key = 'host:1' returning 1", [period])
    worker = bench.worker()
    await bench.drain(worker)
    assert await bench.statuses(batch) == {"a": "pending", "b": "completed"}
    bench.clock.advance(timedelta(hours=6))
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED


@pytest.mark.parametrize(
    ("period", "at", "until"),
    [
        (QuietHours(time(9), time(17)), "2026-03-02 08:59+00", None),
        (QuietHours(time(9), time(17)), "2026-03-02 09:00+00", "2026-03-02 17:00+00"),
        (QuietHours(time(9), time(17)), "2026-03-02 17:00+00", None),
        (QuietHours(time(22), time(6)), "2026-03-02 23:00+00", "2026-03-03 06:00+00"),
        (QuietHours(time(22), time(6)), "2026-03-03 05:59+00", "2026-03-03 06:00+00"),
        (QuietHours(time(22), time(6), days=(1,)), "2026-03-03 05:00+00", "2026-03-03 06:00+00"),
        (QuietHours(time(22), time(6), days=(1,)), "2026-03-03 23:00+00", None),
        (QuietHours(time(0), time(0)), "2026-03-02 12:00+00", "2026-03-03 00:00+00"),
        (QuietHours(time(9), time(17), "America/New_York"), "2026-03-02 15:00+00", "2026-03-02 22:00+00"),
        # The clocks went forward at 2 in the night: the end is six o'clock as people there read it.
        (QuietHours(time(22), time(6), "Europe/Berlin"), "2026-03-28 22:30+00", "2026-03-29 04:00+00"),
    ],
)
async def test_quiet_hours_are_read_on_the_target_s_own_clock(bench, period, at, until):
    (row,) = await bench.rows(
        "select quiet_until($1, $2::text::timestamptz) found, $3::text::timestamptz expected",
        [period.stored()],
        at,
        until,
    )
    assert row["found"] == row["expected"]


async def test_a_batch_behind_a_full_key_that_all_its_operations_hold_costs_nothing(bench):
    snooze(bench, "busy", limits=[Limit("account:1", 1)])
    await bench.submit("busy")
    worker = bench.worker()
    await bench.drain(worker)
    for number in range(50):
        bench.kind.caps[f"t{number}"] = [Limit("account:1", 1), Limit(f"instance:{number}", 1)]
    batch = await bench.submit(*[f"t{number}" for number in range(50)])
    (row,) = await bench.rows("select common_keys from batches where id = $1", batch.id)
    assert row["common_keys"] == ["account:1"]
    await bench.drain(worker)
    assert bench.kind.ran == ["busy"]


async def test_a_key_that_was_blocked_before_anybody_declared_it_gets_its_cap(bench):
    await set_limit(bench, "api", blocked_until=bench.clock.now() - MINUTE)
    snooze(bench, *"abc", limits=[Limit("api", 2, guarded=True)])
    await bench.submit(*"abc", max_parallel=3)
    await bench.drain(bench.worker())
    assert len(bench.kind.ran) == 2
    (row,) = await bench.rows("select max_running, guarded from limits where key = 'api'")
    assert tuple(row) == (2, True)


async def test_what_a_person_has_set_outlasts_what_a_kind_declares(bench):
    await set_limit(bench, "api", max_running=1, pinned=True)
    snooze(bench, *"abc", limits=[Limit("api", 3)])
    await bench.submit(*"abc", max_parallel=3)
    await bench.drain(bench.worker())
    assert len(bench.kind.ran) == 1


async def test_operations_count_against_the_connection_that_they_use(bench):
    connection = uuid7()
    await set_limit(bench, f"connection:{connection}", max_running=1, pinned=True)
    snooze(bench, "a", "b")
    await bench.submit(*(Item(Target(key, key, connection_id=connection)) for key in "ab"), max_parallel=2)
    await bench.drain(bench.worker())
    assert len(bench.kind.ran) == 1
