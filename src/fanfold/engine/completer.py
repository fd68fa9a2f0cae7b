"""Writes verdicts, many per transaction; what cannot be written now is kept and tried again."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from fanfold.engine.store import EngineStore
from fanfold.engine.work import Finished, Verdict
from fanfold.kit.service import Loop
from fanfold.results.store import ResultStore

MOST_AT_ONCE = 1000

log = logging.getLogger(__name__)


class Completer(Loop):
    """Holds the verdicts of this worker until the database has them."""

    def __init__(self, store: EngineStore, results: ResultStore, *, written: Callable[[], None]) -> None:
        super().__init__(interval=1.0)
        self._store = store
        self._results = results
        self._written = written
        self._waiting: deque[Verdict] = deque()
        self._emptied = asyncio.Event()

    def put(self, verdict: Verdict) -> None:
        """Take a verdict and wake the loop."""
        self._waiting.append(verdict)
        self._emptied.clear()
        self.wake.set()

    def attempts(self) -> set[int]:
        """Return the ids of the attempts whose verdicts wait."""
        return {verdict.claimed.attempt_id for verdict in self._waiting}

    async def run_once(self) -> bool:
        """Write what waits."""
        verdicts = [self._waiting[index] for index in range(min(MOST_AT_ONCE, len(self._waiting)))]
        if not verdicts:
            return False
        written = await self._store.finish(verdicts)
        for verdict in verdicts:
            self._waiting.popleft()
            if verdict.claimed.operation_id in written:
                await self._sweep(verdict)
            else:
                # Its parts stay: a commit whose answer was lost looks the same, and then they are recorded.
                log.warning("attempt.stale", extra={"execution_id": verdict.claimed.execution_id})
        if not self._waiting:
            self._emptied.set()
        self._written()
        return bool(self._waiting)

    async def flush(self, *, seconds: float = 10.0) -> None:
        """Wait until all is written, at most *seconds*; another worker's rescuer finds the rest."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._waiting:
                    self.wake.set()
                    await self._emptied.wait()

    async def _sweep(self, verdict: Verdict) -> None:
        """Remove what lost attempts of a finished operation left in the result store."""
        claimed = verdict.claimed
        if isinstance(verdict, Finished) and verdict.manifest is not None and claimed.attempt_number > 1:
            try:
                await self._results.keep_only(
                    verdict.manifest, batch_id=claimed.batch_id, operation_id=claimed.operation_id
                )
            except OSError as error:
                log.warning(
                    "results.not_swept", extra={"execution_id": claimed.execution_id, "error": str(error)}
                )
