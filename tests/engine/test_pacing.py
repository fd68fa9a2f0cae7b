"""Estimates are looked at once a second; facts at every question."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fanfold.batches.details import JobDetails
from fanfold.batches.lifecycle import BatchState
from fanfold.batches.pacing import Paces
from fanfold.batches.reader import BatchReader
from fanfold.sdk.context import Context
from tests.engine.conftest import Bench


class Seconds:
    """A hand that moves when told."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_an_estimate_is_kept_for_a_second_while_nothing_of_the_batch_changes(bench: Bench):
    seconds = Seconds()
    reader = BatchReader(bench.api, paces=Paces(seconds=seconds))
    batch = await bench.submit("a", "b")
    bench.clock.advance(timedelta(minutes=5))

    async def stalled() -> str | None:
        return (await reader.get(batch.batch_id, user_id=bench.user_id)).progress.stalled_reason

    assert "No worker" in (await stalled() or "")
    await bench.rows("insert into workers (id, name, version, kinds, capacity, heartbeat_at)"
                     " values (gen_random_uuid(), 'w', '1', '{scripted}', 1, $1) returning id",
                     bench.clock.now())  # fmt: skip
    assert "No worker" in (await stalled() or "")
    seconds.at = 1.0
    assert "Nothing has started" in (await stalled() or "")


async def test_what_changes_a_batch_is_seen_at_once(bench: Bench):
    reader = BatchReader(bench.api, paces=Paces(seconds=Seconds()))
    batch = await bench.submit("a", "b")
    before = await reader.get(batch.batch_id, user_id=bench.user_id)
    assert before.progress.current_operations == ()
    worker = bench.worker()

    async def long(_context: Context) -> None:
        await asyncio.Event().wait()

    bench.kind.script("a", long)
    bench.kind.script("b", long)
    await bench.begin(worker)
    begun = await reader.get(batch.batch_id, user_id=bench.user_id)
    assert begun.counts.running == 2
    assert set(begun.progress.current_operations) == {"A", "B"}
    await bench.control.pause(batch.batch_id, user_id=bench.user_id)
    assert (await reader.get(batch.batch_id, user_id=bench.user_id)).status is BatchState.PAUSED


async def test_why_it_waits_is_looked_at_once_a_second(bench: Bench):
    seconds = Seconds()
    details = JobDetails(bench.api, paces=Paces(seconds=seconds), seconds=seconds)
    batch = await bench.submit("a")

    async def causes() -> list[str]:
        detail = await details.get(batch.batch_id, user_id=bench.user_id)
        return [wait.cause for wait in detail.waiting.waits]

    assert await causes() == ["worker"]
    await bench.rows("insert into workers (id, name, version, kinds, capacity, heartbeat_at)"
                     " values (gen_random_uuid(), 'w', '1', '{scripted}', 1, $1) returning id",
                     bench.clock.now())  # fmt: skip
    assert await causes() == ["worker"]
    seconds.at = 1.0
    assert await causes() == []
