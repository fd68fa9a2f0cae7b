"""What this process uses of its machine: processor, memory, and how late its event loop is.

The loop's lateness is what its own timer sees; the rest is read from the system when a heartbeat asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from fanfold.kit.service import Loop

_TICK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was used between two readings; the processes that help with computing are counted in."""

    cpu_percent: float
    """100 is one core."""
    memory_bytes: int
    loop_lag_ms: float
    """By how much the event loop was late at worst."""


def _used() -> tuple[float, int]:
    """Return the processor seconds and the bytes of memory of this process and its helpers."""
    own = psutil.Process()
    seconds, size = 0.0, 0
    for process in (own, *own.children()):
        try:
            times = process.cpu_times()
            size += process.memory_info().rss
        except psutil.Error:
            # A helper that has just ended.
            continue
        seconds += times.user + times.system
    return seconds, size


class Vitals(Loop):
    """Ticks once a second, and tells what was used since it was last asked."""

    def __init__(
        self,
        *,
        used: Callable[[], tuple[float, int]] = _used,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(interval=_TICK_SECONDS)
        self._used = used
        self._now = now
        self._expected: float | None = None
        self._lag = 0.0
        self._read_at = now()
        self._seconds = used()[0]

    async def run_once(self) -> bool:
        """Note by how much this tick comes late."""
        now = self._now()
        if self._expected is not None:
            self._lag = max(self._lag, now - self._expected)
        self._expected = now + self.interval
        return False

    def read(self) -> Reading:
        """Return what was used since the last reading."""
        now = self._now()
        seconds, size = self._used()
        elapsed = now - self._read_at
        # The seconds of helpers that ended are gone, so that the sum may fall.
        spent = max(0.0, seconds - self._seconds)
        reading = Reading(
            cpu_percent=100 * spent / elapsed if elapsed > 0 else 0.0,
            memory_bytes=size,
            loop_lag_ms=1000 * max(0.0, self._lag),
        )
        self._read_at, self._seconds, self._lag = now, seconds, 0.0
        return reading
