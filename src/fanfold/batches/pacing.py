"""Reads how fast batches go."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES
from fanfold.batches.pace import TRUSTED_ENDS, Pace
from fanfold.batches.views import BatchView, pace_from
from fanfold.db.database import Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.batches")

_CLOSE_LOOK = {"depth": 200, "sample": 100}
"""Of one batch: how many of its last events, and how many of its last durations."""
_GLANCE = {"depth": 60, "sample": 20}
"""The same for each batch of a list."""
_KEPT_SECONDS = 1.0
_KEPT_BATCHES = 10_000


async def with_pace(transaction: Transaction, batches: Sequence[BatchView]) -> list[BatchView]:
    """Return the batches with how fast they go, those that have not ended.

    A single one is looked at closely; while it cannot tell its pace yet, with what earlier batches tell.
    """
    unfinished = _unfinished(batches)
    paces = await _read(transaction, unfinished, alone=len(batches) == 1) if unfinished else {}
    return [batch.paced(paces.get(batch.id)) for batch in batches]


@dataclass(frozen=True, slots=True)
class _Kept:
    revision: str
    until: float
    pace: Pace | None


class Paces:
    """Looks at a batch once a second at most while nothing of it changes, however many ask.

    What is kept is what estimates are made of; counts and states are the caller's own, and fresh.
    """

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._kept: OrderedDict[tuple[UUID, bool], _Kept] = OrderedDict()

    async def give(self, transaction: Transaction, batches: Sequence[BatchView]) -> list[BatchView]:
        """Do as `with_pace`."""
        alone, now = len(batches) == 1, self._seconds()
        unfinished = _unfinished(batches)
        stale = [batch for batch in unfinished if not self._is_fresh(batch, now, alone=alone)]
        if stale:
            paces = await _read(transaction, stale, alone=alone)
            for batch in stale:
                kept = _Kept(batch.revision, now + _KEPT_SECONDS, paces.get(batch.id))
                self._kept[batch.id, alone] = kept
                self._kept.move_to_end((batch.id, alone))
        given = [batch.paced(self._pace(batch, alone=alone)) for batch in batches]
        while len(self._kept) > _KEPT_BATCHES:
            self._kept.popitem(last=False)
        return given

    def _is_fresh(self, batch: BatchView, now: float, *, alone: bool) -> bool:
        kept = self._kept.get((batch.id, alone))
        return kept is not None and now < kept.until and kept.revision == batch.revision

    def _pace(self, batch: BatchView, *, alone: bool) -> Pace | None:
        if batch.status in TERMINAL_BATCH_STATES:
            return None
        kept = self._kept.get((batch.id, alone))
        return None if kept is None else kept.pace


def _unfinished(batches: Sequence[BatchView]) -> list[BatchView]:
    return [batch for batch in batches if batch.status not in TERMINAL_BATCH_STATES]


async def _read(transaction: Transaction, batches: Sequence[BatchView], *, alone: bool) -> dict[UUID, Pace]:
    ids = [batch.id for batch in batches]
    # Whose batches these are is known by now, and what a user may see of limits is dear to find.
    async with transaction.as_service():
        found = await transaction.fetch(sql("get_pace"), ids=ids, **(_CLOSE_LOOK if alone else _GLANCE))
    paces = {row["id"]: pace_from(row) for row in found}
    if alone:
        paces = {key: await _with_history(transaction, pace, batch_id=key) for key, pace in paces.items()}
    return paces


async def _with_history(transaction: Transaction, pace: Pace, *, batch_id: UUID) -> Pace:
    if pace.ended_count >= TRUSTED_ENDS:
        return pace
    history = await transaction.fetch(sql("get_history"), id=batch_id)
    return replace(pace, history=tuple(row["seconds"] for row in history))
