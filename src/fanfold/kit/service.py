"""The shape of every loop: one step that a test can call, and a life around it."""

from __future__ import annotations

import abc
import logging

from fanfold.kit.signal import Signal

log = logging.getLogger(__name__)


class Loop(abc.ABC):
    """Runs `run_once` until it is stopped; a step that raises is logged and repeated after the interval."""

    def __init__(self, *, interval: float) -> None:
        self.interval = interval
        self.wake = Signal()
        self._stopping = False
        self._failing: type[Exception] | None = None

    @abc.abstractmethod
    async def run_once(self) -> bool:
        """Do one step; return True to be called again at once, False to wait for a wake-up or interval."""

    async def run(self) -> None:
        """Loop until `stop` is called."""
        while not self._stopping:
            if not await self._guarded_step():
                await self.wake.wait(self.interval)

    def stop(self) -> None:
        """Leave the loop after the step under way; legal before the start and twice."""
        self._stopping = True
        self.wake.set()

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping

    async def _guarded_step(self) -> bool:
        try:
            more = await self.run_once()
        except Exception as error:
            # One traceback per trouble: while the database is away, every step fails the same way.
            known, self._failing = self._failing is type(error), type(error)
            about = {"loop": type(self).__name__, "error": str(error)}
            log.warning("loop.step_failed", extra=about, exc_info=None if known else error)
            return False
        self._failing = None
        return more
