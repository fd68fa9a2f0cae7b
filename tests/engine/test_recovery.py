"""Workers die, come back late, and end politely; nothing is lost and nobody writes twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fanfold.batches.lifecycle import BatchState
from fanfold.engine.work import Waiting
from fanfold.sdk.outcome import Completed


async def test_a_lost_worker_s_operation_goes_to_another_with_its_state(bench):
    async def begin(context):
        await context.save({"remote": 7}, remote_ref="r-7")
        await asyncio.Event().wait()

    bench.kind.script("a", begin, lambda c: Completed({"found": c.state}))
    batch = await bench.submit("a")
    dead, alive = bench.worker(), bench.worker()
    await dead.claimer.run_once()
    await dead.roster.drain(timeout=0.2)
    assert await alive.store.rescue() == 0
    bench.clock.advance(timedelta(seconds=16))
    assert await alive.store.rescue() == 1
    await bench.drain(alive)
    done = await bench.batch(batch)
    assert done.status is BatchState.COMPLETED
    (row,) = await bench.rows("select summary from operations")
    assert row["summary"] == {"found": {"remote": 7}}
    states = await bench.rows("select state from attempts order by number")
    assert [row["state"] for row in states] == ["lost", "succeeded"]
    dead.roster.abandon(dead.roster.attempts())


async def test_a_late_worker_changes_nothing(bench):
    release = asyncio.Event()

    async def slow(context):
        await release.wait()
        return Completed({"by": "late"})

    bench.kind.script("a", slow, lambda _: Completed({"by": "second"}))
    await bench.submit("a")
    late, second = bench.worker(), bench.worker()
    await late.claimer.run_once()
    bench.clock.advance(timedelta(seconds=16))
    await second.store.rescue()
    await bench.drain(second)
    release.set()
    await bench.drain(late)
    (row,) = await bench.rows("select summary, status from operations")
    assert row["summary"] == {"by": "second"}
    states = await bench.rows("select state from attempts order by number")
    assert [row["state"] for row in states] == ["lost", "succeeded"]


async def test_a_late_save_ends_the_attempt_without_a_verdict(bench):
    release = asyncio.Event()

    async def slow(context):
        await release.wait()
        await context.save({"too": "late"})
        return Completed()

    bench.kind.script("a", slow)
    await bench.submit("a")
    late, second = bench.worker(), bench.worker()
    await late.claimer.run_once()
    bench.clock.advance(timedelta(seconds=16))
    await second.store.rescue()
    await bench.drain(second)
    release.set()
    await late.roster.drain(timeout=5)
    assert await late.completer.run_once() is False
    (row,) = await bench.rows("select state from operations")
    assert row["state"] is None


async def test_a_heartbeat_keeps_the_lease_and_finds_what_is_lost(bench):
    bench.kind.script("a", lambda _: asyncio.Event().wait())
    await bench.submit("a")
    worker, other = bench.worker(), bench.worker()
    await worker.claimer.run_once()
    for _ in range(5):
        bench.clock.advance(timedelta(seconds=10))
        await worker.heartbeat.run_once()
        assert await other.store.rescue() == 0
    bench.clock.advance(timedelta(seconds=16))
    assert await other.store.rescue() == 1
    await worker.heartbeat.run_once()
    await worker.roster.drain(timeout=5)
    assert len(worker.roster) == 0


async def test_a_heartbeat_waits_for_no_attempt_that_is_being_written(bench):
    for target in ("a", "b"):
        bench.kind.script(target, lambda _: asyncio.Event().wait())
    await bench.submit("a", "b")
    worker = bench.worker()
    await worker.claimer.run_once()
    before = {row["id"]: row["lease_until"] for row in await bench.rows("select * from attempts")}
    written = min(before)
    bench.clock.advance(timedelta(seconds=5))
    async with bench.service.transaction() as transaction, asyncio.timeout(10):
        await transaction._connection.execute("select 1 from attempts where id = $1 for update", written)
        await worker.heartbeat.run_once()
    assert len(worker.roster) == 2
    after = {row["id"]: row["lease_until"] for row in await bench.rows("select * from attempts")}
    assert {one for one in before if after[one] > before[one]} == before.keys() - {written}


async def test_an_operation_that_kills_its_workers_is_given_up(bench):
    bench.kind.script("a", *[lambda _: asyncio.Event().wait()] * 3)
    batch = await bench.submit("a")
    for _ in range(3):
        worker = bench.worker()
        await worker.claimer.run_once()
        bench.clock.advance(timedelta(seconds=16))
        await worker.store.rescue()
        worker.roster.abandon(worker.roster.attempts())
    (row,) = await bench.rows("select status, reason, error from operations")
    assert (row["status"], row["reason"]) == ("failed", "lost")
    assert row["error"]["message"] == "The worker that ran it stopped answering."
    assert (await bench.batch(batch)).status is BatchState.FAILED


async def test_what_a_stopping_worker_gives_back_goes_on_at_once_as_the_same_attempt(bench):
    bench.kind.script("a", lambda _: asyncio.Event().wait())
    batch = await bench.submit("a")
    leaving, staying = bench.worker(), bench.worker()
    await leaving.claimer.run_once()
    for seat in await leaving.roster.drain(timeout=0):
        seat.abandon()
        leaving.completer.put(Waiting(seat.claimed, None, timedelta()))
    await leaving.completer.run_once()
    await bench.drain(staying)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    (row,) = await bench.rows("select number, state, lease_token from attempts")
    assert tuple(row) == (1, "succeeded", 2)


async def test_a_running_worker_is_woken_by_a_submit_and_drains_on_stop(bench):
    stop = asyncio.Event()
    done = asyncio.Event()

    async def work(context):
        done.set()
        return Completed()

    bench.kind.script("a", work)
    worker = bench.worker()
    life = asyncio.create_task(worker.run(stop))
    batch = await bench.submit("a")
    async with asyncio.timeout(10):
        await done.wait()
    stop.set()
    async with asyncio.timeout(10):
        await life
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    (row,) = await bench.rows("select stopped_at from workers")
    assert row["stopped_at"] is not None


async def test_a_database_that_is_away_while_a_kind_saves_burns_no_attempt(bench, monkeypatch):
    async def begin(context):
        await context.save({"step": 1})
        return Completed({"began": True})

    bench.kind.script("a", begin, lambda c: Completed({"state": c.state}))
    batch = await bench.submit("a", max_attempts=1)
    worker = bench.worker()

    async def away(*_args, **_given):
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(worker.store, "save", away)
        await bench.step(worker)
    await bench.drain(worker)
    assert (await bench.batch(batch)).status is BatchState.COMPLETED
    (row,) = await bench.rows("select attempt_count from operations")
    assert row["attempt_count"] == 1
