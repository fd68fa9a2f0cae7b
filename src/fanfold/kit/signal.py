"""A wake-up that is never lost: set while nobody waits, it wakes the next one who does."""

from __future__ import annotations

import asyncio


class Signal:
    """One waiter, many setters; several sets before a wait are one wake-up."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Wake the waiter, or the next one."""
        self._event.set()

    async def wait(self, timeout: float) -> bool:
        """Wait at most *timeout* seconds; return whether the signal came."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
