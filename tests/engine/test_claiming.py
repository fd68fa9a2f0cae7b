"""A worker asks again at once where that may bring more, and not while its own verdicts are on their way."""

from __future__ import annotations

import asyncio

from fanfold.sdk.kind import Limit
from fanfold.sdk.outcome import Completed


class Gate:
    """Holds attempts at work until it is opened."""

    def __init__(self, bench, *targets: str) -> None:
        self.opened = asyncio.Event()
        for target in targets:
            bench.kind.script(target, lambda _: self._pass())

    async def _pass(self) -> Completed:
        await self.opened.wait()
        return Completed()


async def test_a_claim_that_took_all_there_is_does_not_ask_again(bench):
    await bench.submit("a", "b", "c", max_parallel=10)
    assert not await bench.worker().claimer.run_once()


async def test_a_claim_that_filled_the_batch_does_not_ask_again(bench):
    await bench.submit("a", "b", "c", max_parallel=2)
    assert not await bench.worker().claimer.run_once()


async def test_a_claim_that_filled_the_worker_asks_again(bench):
    await bench.submit("a", "b", "c", max_parallel=10)
    assert await bench.worker(capacity=2).claimer.run_once()


async def test_what_a_full_key_hid_is_had_by_asking_again(bench):
    gate = Gate(bench, "a1", "a2", "b")
    for target in ("a1", "a2"):
        bench.kind.caps[target] = [Limit("account:1", 1)]
    await bench.submit("a1", "a2", "b", max_parallel=2)
    worker = bench.worker()
    assert await worker.claimer.run_once()
    assert not await worker.claimer.run_once()
    await worker.roster.drain(timeout=0.05)
    assert bench.kind.ran == ["a1", "b"]
    gate.opened.set()


async def test_a_seat_that_gets_free_asks_only_where_the_worker_was_full(bench):
    for capacity, asked in ((2, True), (3, False)):
        gate = Gate(bench, "a", "b")
        await bench.submit("a", "b", max_parallel=2)
        worker = bench.worker(capacity=capacity)
        await worker.claimer.run_once()
        await worker.claimer.wake.wait(0)
        gate.opened.set()
        await worker.roster.drain(timeout=10)
        assert await worker.claimer.wake.wait(0) is asked
        await worker.completer.run_once()
        assert await worker.claimer.wake.wait(0)
