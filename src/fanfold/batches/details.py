"""Reads a batch as its own page shows it: with its policy, its pause, its stop and its predecessor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from fanfold.batches.errors import BatchNotFound
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState, OperationState, Reason
from fanfold.batches.model import Pause
from fanfold.batches.pacing import Paces
from fanfold.batches.policy import AfterStatus, Policy
from fanfold.batches.reader import sql
from fanfold.batches.rows import counts_from, pause_from, policy_from
from fanfold.batches.views import BatchView, view_from
from fanfold.batches.waiting import After, Standing
from fanfold.batches.waiting_reader import Waiting, waiting_of_batch, waiting_of_operation
from fanfold.batches.waiting_words import Wait
from fanfold.db.database import Database, Row, Transaction
from fanfold.kit.ids import uuid_or_none
from fanfold.kit.recent import Recent
from fanfold.limits.naming import wide_keys
from fanfold.sdk.kind import Rate
from fanfold.timeline.events import Step, steps_before


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why what had not begun is skipped."""

    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch as its own page shows it."""

    view: BatchView
    policy: Policy
    wave: int
    """Which wave is open, from 1."""
    pause: Pause | None = None
    paused_by: str | None = None
    stopped: Stopped | None = None
    after: After | None = None
    waiting: Waiting = field(default_factory=Waiting)

    @property
    def revision(self) -> str:
        """A word that changes whenever anything of it does, estimates aside."""
        parts = (self.view.revision, self.policy, self.wave, self.pause, self.stopped, self.after,
                 self.waiting)  # fmt: skip
        return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


class JobDetails:
    """Reads for the acting user."""

    def __init__(
        self,
        database: Database,
        *,
        paces: Paces | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._paces = paces or Paces()
        self._recent: Recent[Waiting] = Recent(clock=seconds)

    async def get(self, reference: str, *, user_id: UUID) -> BatchDetail:
        """Return a batch by its public id or its uuid; raise `BatchNotFound`.

        Why it waits is looked at once a second at most while nothing of it changes.
        """
        given = {"id": uuid_or_none(reference), "reference": reference}
        row = await self._database.read_one_for(user_id, sql("get_job"), **given)
        if row is None:
            raise BatchNotFound(reference)
        [view] = await self._paces.give(self._database, [view_from(row)], user_id=user_id)
        standing = _standing(row)
        return _detail(row, view, standing, waiting=await self._waiting(view, standing))

    async def waits_of(self, reference: str, operation_id: UUID, *, user_id: UUID) -> tuple[Wait, ...]:
        """Return why a pending operation waits; raise `BatchNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            row = await _find(transaction, reference)
            operation = await transaction.fetch_one(sql("get_operation"), id=operation_id, batch_id=row["id"])
            if operation is None or operation["status"] != OperationState.PENDING:
                return ()
            return await waiting_of_operation(
                transaction, _standing(row), operation=operation, owner_id=row["user_id"]
            )

    async def timeline(self, reference: str, *, before: int, limit: int, user_id: UUID) -> list[Step]:
        """Return what happened to a batch as a whole, the latest first; raise `BatchNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            row = await _find(transaction, reference)
            return await steps_before(transaction, row["id"], before=before, limit=limit)

    async def _waiting(self, view: BatchView, standing: Standing) -> Waiting:
        if view.status in TERMINAL_BATCH_STATES or not view.counts.pending:
            return Waiting()
        state = (standing, view.updated_at)
        waiting = self._recent.get(view.id, state)
        if waiting is None:
            async with self._database.transaction(user_id=view.user_id) as transaction:
                waiting = await waiting_of_batch(
                    transaction, standing, batch_uuid=view.id, owner_id=view.user_id
                )
            self._recent.keep(view.id, state, finding=waiting)
        return waiting


async def _find(transaction: Transaction, reference: str) -> Row:
    row = await transaction.fetch_one(sql("get_job"), id=uuid_or_none(reference), reference=reference)
    if row is None:
        raise BatchNotFound(reference)
    return row


def _detail(row: Row, view: BatchView, standing: Standing, *, waiting: Waiting) -> BatchDetail:
    return BatchDetail(
        view=view,
        policy=standing.policy,
        wave=standing.wave,
        pause=standing.pause,
        paused_by=row["paused_by"],
        stopped=Stopped(standing.stopped, row["stopped_at"]) if standing.stopped else None,
        after=standing.after,
        waiting=waiting,
    )


def _standing(row: Mapping[str, Any]) -> Standing:
    policy, ends, wave = _policy(row), row["wave_ends"], row["wave"]
    left = None
    if policy.budget.strict and row["tolerated"] is not None:
        left = row["tolerated"] - row["failed_count"] + row["forgiven_count"]
    return Standing(
        status=BatchState(row["status"]),
        counts=counts_from(row),
        policy=policy,
        wave=wave,
        kind=row["kind"],
        wide_keys=wide_keys(batch=row["id"], user=row["user_id"], kind=row["kind"]),
        wave_end=ends[wave - 1] if wave <= len(ends) else None,
        failures_left=left,
        quiet_until=row["quiet_until"],
        pause=pause_from(row),
        stopped=Reason(row["stop_reason"]) if row["stop_reason"] else None,
        after=_after(row),
    )


def _policy(row: Mapping[str, Any]) -> Policy:
    policy = policy_from(row)
    if row["rate_count"] is None:
        return policy
    return replace(policy, rate=Rate(row["rate_count"], timedelta(milliseconds=row["rate_ms"])))


def _after(row: Mapping[str, Any]) -> After | None:
    if row["after_status"] is None:
        return None
    status = BatchState(row["after_state"]) if row["after_state"] else None
    return After(row["after_batch"], status, AfterStatus(row["after_status"]))
