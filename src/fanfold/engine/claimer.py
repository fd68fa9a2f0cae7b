"""Takes due operations while there is room, ended snoozes first."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from uuid import UUID

from fanfold.engine.completer import Completer
from fanfold.engine.executor import Executor
from fanfold.engine.roster import Roster, Seat
from fanfold.engine.store import EngineStore
from fanfold.engine.work import Claimed, Frozen
from fanfold.kit.service import Loop

MOST_AT_ONCE = 1000
BATCHES_KEPT = 100

log = logging.getLogger(__name__)


class Claimer(Loop):
    """Feeds the executor."""

    def __init__(
        self,
        store: EngineStore,
        executor: Executor,
        *,
        roster: Roster,
        completer: Completer,
        idle: Callable[[], None],
        poll: float = 1.0,
    ) -> None:
        super().__init__(interval=poll)
        self._store = store
        self._executor = executor
        self._roster = roster
        self._completer = completer
        self._idle = idle
        """Told when nothing was due, so that the promoter looks for when something will be."""
        self._frozen: OrderedDict[UUID, Frozen] = OrderedDict()

    async def run_once(self) -> bool:
        """Claim what fits; return whether more may be had at once."""
        room = min(MOST_AT_ONCE, self._roster.free)
        if room <= 0:
            return False
        claimed = await self._store.claim(room)
        if not claimed:
            self._idle()
            return False
        woken = [one.batch_id for one in claimed if one.woken]
        stopping = await self._store.cancelled(woken) if woken else set[UUID]()
        for one in claimed:
            frozen = await self._freeze(one.batch_id)
            if frozen is not None:
                self._seat(one, frozen, stopped=one.batch_id in stopping)
        return True

    def _seat(self, claimed: Claimed, frozen: Frozen, *, stopped: bool) -> None:
        async def work(seat: Seat) -> None:
            if stopped:
                seat.cancelled.set()
            verdict = await self._executor.execute(claimed, frozen, cancelled=seat.cancelled)
            if verdict is not None:
                self._completer.put(verdict)

        self._roster.start(claimed, work)

    async def _freeze(self, batch_id: UUID) -> Frozen | None:
        if batch_id not in self._frozen:
            frozen = await self._store.frozen(batch_id)
            if frozen is None:
                return None
            self._frozen[batch_id] = frozen
            while len(self._frozen) > BATCHES_KEPT:
                self._frozen.popitem(last=False)
        self._frozen.move_to_end(batch_id)
        return self._frozen[batch_id]
