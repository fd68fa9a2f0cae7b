from __future__ import annotations

import asyncio
import threading

import pytest

from fanfold.results.outside import outside


async def test_it_returns_what_the_thread_returns():
    assert await outside(threading.get_ident) != threading.get_ident()


async def test_a_failure_comes_back():
    with pytest.raises(ZeroDivisionError):
        await outside(lambda: 1 // 0)


async def test_a_cancelled_caller_leaves_after_the_thread():
    begun, stopped, left = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        stopped.wait()
        left.set()

    calling = asyncio.create_task(outside(work, stop=stopped.set))
    await begun.wait()
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert left.is_set()
