"""Reads how fast batches go."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES
from fanfold.batches.pace import TRUSTED_ENDS, Pace
from fanfold.batches.progress import Progress
from fanfold.batches.views import BatchView, pace_from
from fanfold.db.database import Database, Transaction
from fanfold.db.statements import Statements
from fanfold.kit.recent import Recent

sql = Statements("fanfold.batches")

_CLOSE_LOOK = {"depth": 200, "sample": 100}
"""Of one batch: how many of its last events, and how many of its last durations."""
_GLANCE = {"depth": 60, "sample": 20}
"""The same for each batch of a list."""


async def with_pace(transaction: Transaction, batches: Sequence[BatchView]) -> list[BatchView]:
    """Return the batches with how fast they go, those that have not ended.

    A single one is looked at closely; while it cannot tell its pace yet, with what earlier batches tell.
    """
    unfinished = _unfinished(batches)
    paces = await _read(transaction, unfinished, alone=len(batches) == 1) if unfinished else {}
    return _paced(batches, paces)


class Paces:
    """Looks at a batch once a second at most while nothing of it changes, however many ask.

    What is kept are the estimates; counts and states are the caller's own, and fresh.
    """

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._recent: Recent[Progress] = Recent(clock=seconds)

    async def give(
        self, database: Database, batches: Sequence[BatchView], *, user_id: UUID
    ) -> list[BatchView]:
        """Do as `with_pace`, in a transaction of its own where there is something to look at."""
        alone, found = len(batches) == 1, dict[UUID, Progress]()
        stale: list[BatchView] = []
        for batch in _unfinished(batches):
            progress = self._recent.get((batch.id, alone), batch.facts)
            if progress is None:
                stale.append(batch)
            else:
                found[batch.id] = progress
        if stale:
            async with database.transaction(user_id=user_id) as transaction:
                paces = await _read(transaction, stale, alone=alone)
            for batch in _paced(stale, paces):
                self._recent.keep((batch.id, alone), batch.facts, finding=batch.progress)
                found[batch.id] = batch.progress
        return [replace(batch, progress=found[batch.id]) if batch.id in found else batch for batch in batches]


def _paced(batches: Sequence[BatchView], paces: Mapping[UUID, Pace]) -> list[BatchView]:
    return [batch.paced(paces[batch.id]) if batch.id in paces else batch for batch in batches]


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
