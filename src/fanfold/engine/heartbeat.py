"""Renews the leases of this worker's attempts and stops those that are no longer its own."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from fanfold.engine.completer import Completer
from fanfold.engine.roster import Roster
from fanfold.engine.store import EngineStore
from fanfold.engine.vitals import Vitals
from fanfold.kit.injection import Point, reach
from fanfold.kit.service import Loop

log = logging.getLogger(__name__)


class Heartbeat(Loop):
    """Beats three times per lease, so that two may be lost."""

    def __init__(
        self,
        store: EngineStore,
        roster: Roster,
        *,
        completer: Completer,
        vitals: Vitals,
        lease: timedelta,
    ) -> None:
        super().__init__(interval=lease.total_seconds() / 3)
        self._lease_seconds = lease.total_seconds()
        self._held_until = 0.0
        self._vitals = vitals
        self._store = store
        self._roster = roster
        self._completer = completer

    async def run_once(self) -> bool:
        """Beat once; who could not for a whole lease stops its attempts, for others go on with them."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout_at(max(self._held_until, begun + self.interval)):
                await self._beat()
        except Exception:
            if loop.time() >= self._held_until and len(self._roster):
                log.warning("heartbeat.silent", extra={"attempts": len(self._roster)})
                self._roster.abandon(self._roster.attempts())
            raise
        self._held_until = begun + self._lease_seconds
        return False

    async def _beat(self) -> None:
        believed = self._roster.attempts()
        # A verdict that waits to be written needs its lease as much as an attempt at work.
        reach(Point.BEFORE_BEAT)
        held = await self._store.beat(believed | self._completer.attempts(), reading=self._vitals.read())
        reach(Point.AFTER_BEAT)
        if lost := believed & self._roster.attempts() - held:
            log.warning("heartbeat.lost", extra={"attempts": len(lost)})
            self._roster.abandon(lost)
        if batches := self._roster.batches():
            # A cancel's notification may have come between the claim and the start of an attempt.
            self._roster.stop_batches(await self._store.stopping(list(batches)))
