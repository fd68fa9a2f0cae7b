"""The worker's processes for CPU-heavy functions: begun at the first use, replaced when one of them dies."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import TypeVar

from fanfold.sdk.errors import Retryable

T = TypeVar("T")


class Computing:
    """A pool of as many processes as the machine has cores."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """Return what *call* returns in another process; it and its value must be picklable.

        Raises `Retryable` when that process died: what else ran there died with it.
        """
        pool = self._pool
        if pool is None:
            # A fork would copy this process's sockets and threads.
            pool = self._pool = ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("forkserver"))
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, call)
        except BrokenProcessPool as error:
            if self._pool is pool:
                self._pool = None
            message = "A process that computed for this attempt, or for another beside it, died."
            raise Retryable(message, hint="It may have run out of memory.") from error

    def close(self) -> None:
        """End the processes; what they were doing is lost."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
