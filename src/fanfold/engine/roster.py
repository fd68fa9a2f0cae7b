"""The attempts at work in this process: how many, whose, and how to stop them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fanfold.engine.work import Claimed, Stop

GRACE_SECONDS = 5.0
"""How long a cancelled attempt may go on by itself before its task is cancelled."""


@dataclass(slots=True, eq=False)
class Seat:
    """One attempt at work."""

    claimed: Claimed
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    why: Stop | None = None
    task: asyncio.Task[None] | None = None

    def stop(self, why: Stop) -> None:
        """Ask the attempt to stop, and make it after the grace; a frozen one stops where it stands."""
        if self.cancelled.is_set():
            return
        self.why = why
        if why is Stop.FREEZE:
            self.abandon()
            return
        self.cancelled.set()
        asyncio.get_running_loop().call_later(GRACE_SECONDS, self.abandon)

    def abandon(self) -> None:
        """Stop the attempt's task now."""
        if self.task is not None and not self.task.done():
            self.task.cancel()


class Roster:
    """Seats for as many attempts as the worker's capacity."""

    def __init__(self, capacity: int, *, freed: Callable[[], None]) -> None:
        self._capacity = capacity
        self._freed = freed
        self._seats: dict[int, Seat] = {}

    @property
    def free(self) -> int:
        """How many more attempts there is room for."""
        return self._capacity - len(self._seats)

    def __len__(self) -> int:
        return len(self._seats)

    def attempts(self) -> set[int]:
        """Return the ids of the attempts at work."""
        return set(self._seats)

    def batches(self) -> set[UUID]:
        """Return the batches whose operations are at work."""
        return {seat.claimed.batch_id for seat in self._seats.values()}

    def start(self, claimed: Claimed, work: Callable[[Seat], Coroutine[Any, Any, None]]) -> None:
        """Seat an attempt and run *work* for it."""
        seat = Seat(claimed)
        self._seats[claimed.attempt_id] = seat
        seat.task = asyncio.create_task(work(seat))
        seat.task.add_done_callback(lambda task: self._leave(seat, task))

    def stop_batches(self, stopping: Mapping[UUID, Stop]) -> None:
        """Ask all attempts of these batches to stop, each for its reason."""
        for seat in list(self._seats.values()):
            if (why := stopping.get(seat.claimed.batch_id)) is not None:
                seat.stop(why)

    def abandon(self, attempt_ids: Iterable[int]) -> None:
        """Stop attempts at once whose lease is lost."""
        for attempt_id in attempt_ids:
            if (seat := self._seats.get(attempt_id)) is not None:
                seat.abandon()

    async def drain(self, timeout: float) -> list[Seat]:
        """Wait for all attempts, at most *timeout* seconds; return those still at work."""
        tasks = [seat.task for seat in self._seats.values() if seat.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout)
        return list(self._seats.values())

    def _leave(self, seat: Seat, task: asyncio.Task[None]) -> None:
        was_full = self.free <= 0
        # An attempt that snoozed may already sit here again under the same id.
        if self._seats.get(seat.claimed.attempt_id) is seat:
            del self._seats[seat.claimed.attempt_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
        # With room to spare, the last claim took what there was; more comes with what the verdicts free.
        if was_full:
            self._freed()
