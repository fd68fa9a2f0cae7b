"""One worker: composes the loops, listens for wake-ups, and drains at the end."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from fanfold import __version__
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database
from fanfold.db.notify import CANCEL, WORK, Notifications
from fanfold.db.outage import OUTAGE
from fanfold.engine.attempt import Clients, World
from fanfold.engine.calls import CallLog
from fanfold.engine.claimer import Claimer
from fanfold.engine.completer import Completer
from fanfold.engine.computing import Computing
from fanfold.engine.executor import Executor
from fanfold.engine.heartbeat import Heartbeat
from fanfold.engine.leader import Leader
from fanfold.engine.leading import LeaderStore
from fanfold.engine.promoter import Promoter
from fanfold.engine.pruner import Pruner
from fanfold.engine.rescuer import Rescuer
from fanfold.engine.roster import Roster
from fanfold.engine.store import BreakerRule, EngineStore
from fanfold.engine.vitals import Vitals
from fanfold.engine.work import Waiting
from fanfold.kit.clock import Clock, SystemClock
from fanfold.kit.ids import uuid7
from fanfold.kit.service import Loop
from fanfold.results.store import ResultStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How one worker process works."""

    capacity: int = 50
    lease: timedelta = timedelta(seconds=15)
    poll_seconds: float = 2.0
    drain_seconds: float = 20.0
    breaker: BreakerRule = field(default_factory=BreakerRule)
    results_kept: timedelta | None = None
    """How long rows stay after their batch's end; None: for ever."""


class Worker:
    """The loops of one process; each is public so that a test can step it."""

    def __init__(
        self,
        database: Database,
        *,
        url: str,
        catalog: Catalog,
        clients: Clients,
        results: ResultStore,
        options: WorkerOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.id: UUID = uuid7()
        self.options = options or WorkerOptions()
        lease = self.options.lease
        self.store = EngineStore(
            database,
            worker_id=self.id,
            kinds=list(catalog.kinds),
            lease=lease,
            breaker=self.options.breaker,
        )
        self.computing = Computing()
        self.calls = CallLog(database)
        world = World(self.store, clients, results, clock or SystemClock(), self.computing, self.calls)
        self.roster = Roster(self.options.capacity, freed=self._look)
        self.completer = Completer(self.store, results, written=self._look)
        self.claimer = Claimer(
            self.store,
            Executor(world, catalog),
            roster=self.roster,
            completer=self.completer,
            idle=self._wait_for_time,
            poll=self.options.poll_seconds,
        )
        self.vitals = Vitals()
        self.heartbeat = Heartbeat(
            self.store, self.roster, completer=self.completer, vitals=self.vitals, lease=lease
        )
        self.promoter = Promoter(self.store, due=self._look)
        self.rescuer = Rescuer(self.store, lease=lease)
        self.leader = Leader(LeaderStore(database))
        self.pruner = Pruner(database, results, results_kept=self.options.results_kept)
        self._notifications = Notifications(url, (WORK, CANCEL), listener=self._told)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until *stop* is set, then finish what was begun and give the rest back."""
        await self.store.register(
            name=f"{socket.gethostname()}:{os.getpid()}", version=__version__, capacity=self.options.capacity
        )
        feeding: list[Loop] = [self.claimer, self.promoter, self.rescuer, self.leader, self.pruner]
        keeping: list[Loop] = [self.completer, self.heartbeat, self.vitals, self.calls]
        async with asyncio.TaskGroup() as tasks:
            listener = tasks.create_task(self._notifications.run())
            feeders = [tasks.create_task(loop.run()) for loop in feeding]
            for loop in keeping:
                tasks.create_task(loop.run())
            await stop.wait()
            log.info("worker.draining", extra={"running": len(self.roster)})
            for loop in feeding:
                loop.stop()
            # A claim under way must be seated before the seats are counted.
            await asyncio.wait(feeders, timeout=self.options.drain_seconds)
            await self._drain()
            for loop in keeping:
                loop.stop()
            listener.cancel()
        self.computing.close()
        await self.store.leave()
        log.info("worker.stopped")

    async def _drain(self) -> None:
        for seat in await self.roster.drain(self.options.drain_seconds):
            seat.abandon()
            self.completer.put(Waiting(seat.claimed, None, timedelta()))
        await self.completer.flush()
        with suppress(*OUTAGE):
            await self.calls.run_once()

    def _look(self) -> None:
        if self.roster.free > 0:
            self.claimer.wake.set()

    def _wait_for_time(self) -> None:
        self.promoter.wake.set()

    def _told(self, channel: str, payload: str) -> None:
        if channel == WORK:
            if payload:
                self.leader.wake.set()
            self._look()
        elif not payload or UUID(payload) in self.roster.batches():
            # The heartbeat asks why; after a gap any batch may have been told to stop.
            self.heartbeat.wake.set()
