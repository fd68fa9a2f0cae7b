"""Reads batches for those who own them; row-level security shows nobody anything else.

It never changes anything, and its cost per batch does not grow with the batch's operations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fanfold.batches.errors import BatchNotFound, OperationNotFound
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, BatchState, OperationState, Reason
from fanfold.batches.model import Call, Counts, Operation
from fanfold.batches.pacing import Paces, with_pace
from fanfold.batches.paging import (
    BATCH_ORDERS,
    OPERATION_ORDERS,
    Page,
    batch_cursor,
    operation_cursor,
    ordered,
    read_batch_cursor,
    read_operation_cursor,
    resumed,
    sorted_cursor,
    total_of,
)
from fanfold.batches.rows import attempt_from, call_from, operation_from
from fanfold.batches.views import (
    BatchView,
    Listing,
    OperationLine,
    OperationView,
    Statistics,
    line_from,
    view_from,
)
from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements
from fanfold.kit.ids import uuid_or_none

sql = Statements("fanfold.batches")

WAITING = ("slot", "retry", "remote")
"""For a free slot, for its next attempt, for the remote side."""


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """Which batches a list shows."""

    statuses: tuple[BatchState, ...] = ()
    kind: str | None = None
    workflow_id: UUID | None = None
    q: str | None = None
    """A part of the name or of the batch id."""


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations a list shows."""

    statuses: tuple[OperationState, ...] = ()
    q: str | None = None
    """A part of the target's name or key."""
    reasons: tuple[Reason, ...] = ()
    fingerprints: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Of `WAITING`."""

    def given(self) -> dict[str, Any]:
        """Return the parameters of the statements that filter."""
        return {
            "status": list(self.statuses) or None,
            "q": self.q or None,
            "reasons": list(self.reasons) or None,
            "fingerprints": list(self.fingerprints) or None,
            "waiting": list(self.waiting) or None,
        }


class BatchReader:
    """Reads for the acting user."""

    def __init__(self, database: Database, *, paces: Paces | None = None) -> None:
        self._database = database
        self._paces = paces or Paces()

    async def get(self, reference: str, *, user_id: UUID) -> BatchView:
        """Return a batch by its public id or its uuid; raise `BatchNotFound`."""
        return await self._find(reference, user_id=user_id)

    async def list(self, where: BatchFilter, page: Page, *, user_id: UUID) -> Listing[BatchView]:
        """Return a page of batches, the newest first unless sorted otherwise; raise `BadInput`."""
        before_at, before_id = read_batch_cursor(page.cursor)
        statement = ordered(sql("list_batches"), page, orders=BATCH_ORDERS)
        given = {
            "user_id": user_id,
            "status": list(where.statuses) or None,
            "kind": where.kind,
            "workflow_id": where.workflow_id,
            "q": where.q or None,
        }
        rows = await self._database.read_for(
            user_id,
            statement,
            **given,
            before_at=before_at,
            before_id=before_id,
            limit=page.limit + 1,
            offset=page.offset,
        )
        more = len(rows) > page.limit
        total = total_of(page, len(rows), more=more)
        if total is None:
            [counted] = await self._database.read_for(user_id, sql("count_batches"), **given)
            total = counted["total"]
        views = [view_from(row) for row in rows[: page.limit]]
        views = await self._paces.give(self._database, views, user_id=user_id)
        goes_on = more and (page.sort or "-created_at") == "-created_at"
        return Listing(views, total, batch_cursor(views[-1].created_at, views[-1].id) if goes_on else None)

    async def operations(
        self, reference: str, *, where: OperationFilter, page: Page, user_id: UUID
    ) -> Listing[Operation]:
        """Return a page of a batch's operations in the order of the selection unless sorted otherwise."""
        page = resumed(page)
        batch = await self._find(reference, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            operations = await page_of_operations(transaction, batch.id, where=where, page=page)
            total = _known_total(batch.counts, where)
            if total is None:
                total = total_of(page, len(operations), more=len(operations) == page.limit)
            if total is None:
                total = await transaction.value(sql("count_operations"), batch_id=batch.id, **where.given())
        if (page.sort or "ordinal") == "ordinal":
            full = len(operations) == page.limit
            cursor = operation_cursor(operations[-1].ordinal) if full else None
        else:
            cursor = sorted_cursor(page, len(operations))
        return Listing(operations, total, cursor, slow_before=batch.progress.slow_before)

    async def lines(self, batch_id: UUID, *, user_id: UUID) -> list[OperationLine]:
        """Return all operations of a batch in one line each; none of a batch that is not the user's."""
        rows = await self._database.read_for(user_id, sql("list_operation_lines"), batch_id=batch_id)
        return [line_from(row) for row in rows]

    async def operation(self, reference: str, operation_id: str, *, user_id: UUID) -> OperationView:
        """Return one operation with parameters and attempts; raise `BatchNotFound`, `OperationNotFound`."""
        identifier = uuid_or_none(operation_id)
        batch = await self._find(reference, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            row = await transaction.fetch_one(sql("get_operation"), id=identifier, batch_id=batch.id)
            if row is None:
                raise OperationNotFound(operation_id)
            attempts = await transaction.fetch(sql("list_attempts"), operation_id=identifier)
            calls = await transaction.fetch(sql("list_calls"), operation_id=identifier)
        operation = operation_from(row)
        base = row["base_parameters"]
        asked: defaultdict[int, list[Call]] = defaultdict(list)
        for call in calls:
            asked[call["attempt"]].append(call_from(call))
        made = tuple(attempt_from(attempt, base=base, calls=asked[attempt["number"]]) for attempt in attempts)
        slow_before = batch.progress.slow_before
        return OperationView(operation, {**base, **operation.overrides}, made, slow_before=slow_before)

    async def statistics(self, *, user_id: UUID) -> Statistics:
        """Return the acting user's batches in numbers."""
        rows = await self._database.read_for(user_id, sql("get_statistics"), user_id=user_id)
        return _statistics_of(rows)

    async def _find(self, reference: str, *, user_id: UUID) -> BatchView:
        given = {"id": uuid_or_none(reference), "reference": reference}
        row = await self._database.read_one_for(user_id, sql("get_batch"), **given)
        if row is None:
            raise BatchNotFound(reference)
        return (await self._paces.give(self._database, [view_from(row)], user_id=user_id))[0]


async def find(transaction: Transaction, reference: str) -> BatchView:
    """Return a batch by its public id or its uuid; raise `BatchNotFound`."""
    row = await transaction.fetch_one(sql("get_batch"), id=uuid_or_none(reference), reference=reference)
    if row is None:
        raise BatchNotFound(reference)
    return (await with_pace(transaction, [view_from(row)]))[0]


async def live_batches(
    transaction: Transaction, *, user_id: UUID, since: datetime | None, ids: Sequence[UUID], limit: int
) -> tuple[datetime, list[BatchView]]:
    """Return the time, and the user's batches that go on, ended about or after *since*, or are chosen.

    They come without their pace, the newest first.
    """
    rows = await transaction.fetch(
        sql("list_live_batches"), user_id=user_id, since=since, ids=list(ids), limit=limit
    )
    return rows[0]["now"], [view_from(row) for row in rows if row["id"] is not None]


async def page_of_operations(
    transaction: Transaction, batch_id: UUID, *, where: OperationFilter, page: Page
) -> list[Operation]:
    """Return a page of operations of a batch that the acting user was seen to own."""
    rows = await transaction.fetch(
        ordered(sql("list_operations"), page, orders=OPERATION_ORDERS),
        batch_id=batch_id,
        after_ordinal=read_operation_cursor(page.cursor),
        **where.given(),
        limit=page.limit,
        offset=page.offset,
    )
    return [operation_from(row) for row in rows]


async def operations_by_id(
    transaction: Transaction, batch_id: UUID, *, ids: Iterable[UUID]
) -> list[Operation]:
    """Return chosen operations of a batch, in its order."""
    rows = await transaction.fetch(sql("list_operations_by_id"), batch_id=batch_id, ids=list(ids))
    return [operation_from(row) for row in rows]


def _known_total(counts: Counts, where: OperationFilter) -> int | None:
    if where.q or where.reasons or where.fingerprints or where.waiting:
        return None
    states = where.statuses or tuple(OperationState)
    by_state = {
        OperationState.PENDING: counts.pending,
        OperationState.RUNNING: counts.running,
        OperationState.COMPLETED: counts.completed,
        OperationState.FAILED: counts.failed,
        OperationState.SKIPPED: counts.skipped,
        OperationState.CANCELLED: counts.cancelled,
    }
    return sum(by_state[state] for state in set(states))


def _statistics_of(rows: Sequence[Row]) -> Statistics:
    by_status: dict[str, int] = {}
    by_kind: dict[str, int] = {}
    for row in rows:
        by_status[row["status"]] = by_status.get(row["status"], 0) + row["batch_count"]
        by_kind[row["kind"]] = by_kind.get(row["kind"], 0) + row["batch_count"]
    timed = sum(row["timed_count"] for row in rows)
    seconds = sum(row["run_seconds"] for row in rows)
    return Statistics(
        by_status=by_status,
        by_kind=by_kind,
        active_count=sum(count for status, count in by_status.items() if status not in TERMINAL_BATCH_STATES),
        total_operations=sum(row["total_count"] for row in rows),
        completed_operations=sum(row["completed_count"] for row in rows),
        failed_operations=sum(row["failed_count"] for row in rows),
        average_duration_ms=round(1000 * seconds / timed) if timed else None,
    )
