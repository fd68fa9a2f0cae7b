"""Wakes the claimer at the moment when the next retry, snooze or blocked key is due."""

from __future__ import annotations

from collections.abc import Callable

from fanfold.engine.store import EngineStore
from fanfold.kit.service import Loop

LONGEST_SLEEP = 5.0
SHORTEST_SLEEP = 0.02


class Promoter(Loop):
    """Sleeps until something is due; asked anew whenever the claimer finds nothing."""

    def __init__(self, store: EngineStore, *, due: Callable[[], None]) -> None:
        super().__init__(interval=LONGEST_SLEEP)
        self._store = store
        self._due = due

    async def run_once(self) -> bool:
        """Look for what is due next and sleep until then; a wake-up during the sleep only looks again."""
        wait = await self._store.next_due()
        seconds = LONGEST_SLEEP if wait is None else wait.total_seconds()
        # What is due now and was not claimed waits for something else than time, so this must not spin.
        if not await self.wake.wait(min(LONGEST_SLEEP, max(SHORTEST_SLEEP, seconds))):
            self._due()
        return True
