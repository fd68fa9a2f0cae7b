"""Takes due operations while there is room, ended snoozes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from uuid import UUID

from fanfold.engine.completer import Completer
from fanfold.engine.executor import Executor
from fanfold.engine.roster import Roster, Seat
from fanfold.engine.store import EngineStore
from fanfold.engine.work import Claimed, Frozen, Stop
from fanfold.kit.injection import Point, reach
from fanfold.kit.service import Loop

MOST_AT_ONCE = 1000
BATCHES_KEPT = 2 * MOST_AT_ONCE


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
        """Told when no more was due, so that the promoter looks for when something will be."""
        self._frozen: OrderedDict[UUID, Frozen] = OrderedDict()

    async def run_once(self) -> bool:
        """Claim what fits; return whether more may be had at once."""
        room = min(MOST_AT_ONCE, self._roster.free)
        if room <= 0:
            return False
        taken = await self._store.claim(room, known=self._frozen)
        if taken.claimed:
            reach(Point.AFTER_CLAIM)
        self._remember(taken.frozen)
        for claimed in taken.claimed:
            self._frozen.move_to_end(claimed.batch_id)
            self._seat(claimed, self._frozen[claimed.batch_id], why=taken.stopping.get(claimed.batch_id))
        if not taken.more:
            self._idle()
        return taken.more

    def _seat(self, claimed: Claimed, frozen: Frozen, *, why: Stop | None) -> None:
        async def work(seat: Seat) -> None:
            if why is not None:
                seat.stop(why)
            verdict = await self._executor.execute(seat, frozen)
            if verdict is not None:
                self._completer.put(verdict)

        self._roster.start(claimed, work)

    def _remember(self, frozen: Iterable[Frozen]) -> None:
        for batch in frozen:
            self._frozen[batch.batch_id] = batch
        # Room for all of one claim, so that nothing of it is forgotten before it is seated.
        while len(self._frozen) > BATCHES_KEPT:
            self._frozen.popitem(last=False)
