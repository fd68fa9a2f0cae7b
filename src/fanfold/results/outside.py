"""Runs blocking work outside the event loop, and never leaves it behind when its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_STOP_AGAIN = 0.05


class _Unwanted(Exception):
    """The caller went away before a thread was free."""


async def outside(
    work: Callable[[], T], *, threads: Executor | None = None, stop: Callable[[], object] | None = None
) -> T:
    """Return what *work* returns in a thread.

    A cancelled caller leaves only after the thread has, so that nobody closes what the thread still uses;
    *stop* makes the thread hurry.
    """
    unwanted = Event()

    def wanted_work() -> T:
        if unwanted.is_set():
            raise _Unwanted
        return work()

    running = asyncio.get_running_loop().run_in_executor(threads, wanted_work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        unwanted.set()
        # Not `running.cancel()`, which forgets the thread instead of stopping it.
        while not running.done():
            if stop is not None:
                # Again and again: an interrupt that comes before the query has begun is forgotten.
                stop()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({running}, timeout=_STOP_AGAIN)
        running.exception()
        raise
