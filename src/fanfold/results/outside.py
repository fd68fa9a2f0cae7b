"""Runs blocking work outside the event loop, and never leaves it behind when its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")

_STOP_AGAIN = 0.05


async def outside(
    work: Callable[[], T], *, threads: Executor | None = None, stop: Callable[[], object] | None = None
) -> T:
    """Return what *work* returns in a thread.

    A cancelled caller leaves only after the thread has, so that nobody closes what the thread still uses;
    *stop* makes the thread hurry.
    """
    future = asyncio.get_running_loop().run_in_executor(threads, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        future.cancel()
        while not future.done():
            if stop is not None:
                # Again and again: an interrupt that comes before the query has begun is forgotten.
                stop()
            await asyncio.wait({future}, timeout=_STOP_AGAIN)
        if not future.cancelled():
            future.exception()
        raise
