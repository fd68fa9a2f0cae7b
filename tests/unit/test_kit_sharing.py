from __future__ import annotations

import asyncio

import pytest

from fanfold.kit.sharing import Shared


class Readings:
    """Readings that end when the test says so."""

    def __init__(self) -> None:
        self.begun: list[asyncio.Future[bytes]] = []
        self._one_more = asyncio.Event()

    async def __call__(self) -> bytes:
        self.begun.append(asyncio.get_running_loop().create_future())
        self._one_more.set()
        return await self.begun[-1]

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.begun) < count:
                self._one_more.clear()
                await self._one_more.wait()

    def end(self, number: int, text: bytes) -> None:
        self.begun[number].set_result(text)


@pytest.fixture
def readings() -> Readings:
    return Readings()


async def test_who_asks_while_a_reading_runs_shares_the_next_one(readings: Readings):
    shared = Shared[bytes]()
    first = asyncio.create_task(shared.get("q", readings))
    await readings.wait_for(1)
    later = [asyncio.create_task(shared.get("q", readings)) for _ in range(10)]
    await asyncio.sleep(0)
    readings.end(0, b"old")
    assert (await first) == b"old"
    await readings.wait_for(2)
    readings.end(1, b"new")
    assert {(await task) for task in later} == {b"new"}
    assert len(readings.begun) == 2


async def test_another_question_does_not_wait(readings: Readings):
    shared = Shared[bytes]()
    tasks = [asyncio.create_task(shared.get(question, readings)) for question in ("a", "b")]
    await readings.wait_for(2)
    readings.end(1, b"b")
    readings.end(0, b"a")
    assert [(await task) for task in tasks] == [b"a", b"b"]


async def test_an_error_is_told_to_all_who_shared_it_and_to_nobody_else(readings: Readings):
    shared = Shared[bytes]()
    first = asyncio.create_task(shared.get("q", readings))
    await readings.wait_for(1)
    later = [asyncio.create_task(shared.get("q", readings)) for _ in range(2)]
    await asyncio.sleep(0)
    readings.end(0, b"fine")
    assert (await first) == b"fine"
    await readings.wait_for(2)
    readings.begun[1].set_exception(LookupError("gone"))
    for task in later:
        with pytest.raises(LookupError, match="gone"):
            await task
    again = asyncio.create_task(shared.get("q", readings))
    await readings.wait_for(3)
    readings.end(2, b"back")
    assert (await again) == b"back"


async def test_who_goes_away_takes_nothing_from_the_others(readings: Readings):
    shared = Shared[bytes]()
    gone, stays = (asyncio.create_task(shared.get("q", readings)) for _ in range(2))
    await readings.wait_for(1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    readings.end(0, b"first")
    await readings.wait_for(2)
    readings.end(1, b"second")
    assert (await stays) == b"second"


async def test_nothing_is_kept_when_nobody_asks(readings: Readings):
    shared = Shared[bytes]()
    task = asyncio.create_task(shared.get("q", readings))
    await readings.wait_for(1)
    readings.end(0, b"done")
    await task
    assert not shared._under_way
    assert not shared._next
