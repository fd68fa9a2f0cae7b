"""What a live stream tells about one batch: all of it first, then what changed.

Changes come from the timeline. What it does not carry, such as a snooze, is seen by looking again at the
operations that were told to be running.

Each statement sees more than the one before it, so the order of reading matters: the batch comes before its
events and they before its operations, or a stream could end before it told how the last operations did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from fanfold.batches import presenting, schemas
from fanfold.batches.errors import BatchNotFound
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, OperationState
from fanfold.batches.live_schemas import JobDelta, JobEnd, JobSnapshot
from fanfold.batches.model import Operation
from fanfold.batches.paging import Page
from fanfold.batches.reader import OperationFilter, find, operations_by_id, page_of_operations
from fanfold.batches.views import BatchView
from fanfold.db.database import Database, Transaction
from fanfold.timeline.events import Event, events_after, last_event_id
from fanfold.timeline.messages import Message

MOST_OPERATIONS = 200
"""In one snapshot, and looked after by one stream."""
MOST_CHANGED = 100
"""Changed operations in one message; of more it says only that there are."""
_MOST_EVENTS = 1_000


class BatchSource:
    """Composes one batch's messages as its owner may see it."""

    def __init__(self, database: Database, batch_id: UUID, *, user_id: UUID) -> None:
        self._database = database
        self._batch_id = batch_id
        self._user_id = user_id
        self._cursor: int | None = None
        self._revision = ""
        self._running: dict[UUID, tuple[Operation, bool]] = {}
        """Operations as they were told to be at work, and whether they were called slow."""

    async def snapshot(self) -> Message:
        """Return the batch and its first operations."""
        async with self._database.transaction(user_id=self._user_id) as transaction:
            # The event first: what happens between the two reads is told again, and nothing is left out.
            event_id = await last_event_id(transaction, self._batch_id)
            batch = await find(transaction, str(self._batch_id))
            operations = await self._first_operations(transaction)
        said = JobSnapshot(job=presenting.job(batch), operations=_shown(operations, batch))
        return _message("snapshot", said, event_id=event_id, batch=batch)

    async def since(self, event_id: int) -> Message | None:
        """Return what changed after an event; None if one message does not hold it."""
        async with self._database.transaction(user_id=self._user_id) as transaction:
            batch = await find(transaction, str(self._batch_id))
            events = await events_after(transaction, self._batch_id, after=event_id, limit=_MOST_EVENTS)
            ids, more = _operations_of(events)
            if more or len(events) == _MOST_EVENTS:
                return None
            if not events and event_id > await last_event_id(transaction, self._batch_id):
                # Not an event of this batch, or of this database.
                return None
            operations = await operations_by_id(transaction, self._batch_id, ids=ids)
        latest = events[-1].id if events else event_id
        return _delta(batch, operations, event_id=latest, more=False)

    async def advance(self) -> Message | None:
        """Return what changed since the last call, None for nothing; the first only takes its bearings."""
        async with self._database.transaction(user_id=self._user_id) as transaction:
            if self._cursor is None:
                await self._take_bearings(transaction)
                return None
            try:
                batch = await find(transaction, str(self._batch_id))
            except BatchNotFound:
                return _deleted(self._cursor)
            events = await events_after(transaction, self._batch_id, after=self._cursor, limit=_MOST_EVENTS)
            ids, more = _operations_of(events)
            seen = await operations_by_id(transaction, self._batch_id, ids=ids | self._running.keys())
        changed = [one for one in seen if one.id in ids or self._differs(one, batch)]
        more = more or len(events) == _MOST_EVENTS or len(changed) > MOST_CHANGED
        if not events and not changed and batch.revision == self._revision:
            return None
        self._remember(batch, seen, cursor=events[-1].id if events else self._cursor)
        return _delta(batch, changed, event_id=self._cursor, more=more)

    async def _take_bearings(self, transaction: Transaction) -> None:
        cursor = await last_event_id(transaction, self._batch_id)
        batch = await find(transaction, str(self._batch_id))
        self._remember(batch, await self._first_operations(transaction), cursor=cursor)

    async def _first_operations(self, transaction: Transaction) -> list[Operation]:
        page = Page(limit=MOST_OPERATIONS)
        return await page_of_operations(transaction, self._batch_id, where=OperationFilter(), page=page)

    def _remember(self, batch: BatchView, seen: Iterable[Operation], *, cursor: int) -> None:
        self._cursor = cursor
        self._revision = batch.revision
        for operation in seen:
            if operation.status is OperationState.RUNNING and len(self._running) < MOST_OPERATIONS:
                slow = presenting.is_slow(operation, batch.progress.slow_before)
                self._running[operation.id] = (operation, slow)
            else:
                self._running.pop(operation.id, None)

    def _differs(self, operation: Operation, batch: BatchView) -> bool:
        slow = presenting.is_slow(operation, batch.progress.slow_before)
        return self._running.get(operation.id) != (operation, slow)


def _operations_of(events: Sequence[Event]) -> tuple[set[UUID], bool]:
    ids: dict[UUID, None] = {}
    for event in reversed(events):
        ids.update(dict.fromkeys(event.operation_ids))
    return set(list(ids)[:MOST_OPERATIONS]), len(ids) > MOST_CHANGED


def _delta(batch: BatchView, operations: Sequence[Operation], *, event_id: int, more: bool) -> Message:
    said = JobDelta(
        status=presenting.status_word(batch.status),
        progress=presenting.job_progress(batch.progress),
        row_count=batch.row_count,
        operations=[] if more else _shown(operations, batch),
        more=more,
        truncated=more,
    )
    return _message("delta", said, event_id=event_id, batch=batch)


def _message(name: str, said: JobSnapshot | JobDelta, *, event_id: int, batch: BatchView) -> Message:
    end = None
    if batch.status in TERMINAL_BATCH_STATES:
        end = _end(presenting.status_word(batch.status), event_id)
    return Message(name, said.as_json(), event_id, end)


def _deleted(event_id: int) -> Message:
    end = _end("deleted", event_id)
    return Message(end.name, end.payload, event_id, end)


def _end(status: str, event_id: int) -> Message:
    return Message("end", JobEnd(status=status).as_json(), event_id)


def _shown(operations: Iterable[Operation], batch: BatchView) -> list[schemas.Operation]:
    slow_before = batch.progress.slow_before
    return [presenting.operation(operation, slow_before=slow_before) for operation in operations]
