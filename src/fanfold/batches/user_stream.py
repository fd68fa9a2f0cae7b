"""What a live stream tells about all batches of one user: those that go on, then which changed, and how.

It compares what it reads with what it told, so it needs no order of events across batches. What it costs
grows with the batches that have not ended, never with their operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from fanfold.batches import presenting
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES
from fanfold.batches.live_schemas import Change, JobChange, JobsDelta, JobsSnapshot
from fanfold.batches.pacing import with_pace
from fanfold.batches.reader import live_batches
from fanfold.batches.views import BatchView
from fanfold.db.database import Database
from fanfold.timeline.messages import Message

MOST_JOBS = 100
"""In one message, and looked after by one stream."""
_LOOK_AGAIN = timedelta(seconds=15)
"""How often a batch in which nothing happens is looked at, for it may have stalled."""
_RESUMABLE = timedelta(minutes=10)
"""After a longer absence a stream begins anew."""
_LAST_MOMENT = 253_402_300_799_000
"""The end of the year 9999, in milliseconds; what is later is no id of ours."""


@dataclass(frozen=True, slots=True)
class _Told:
    batch: BatchView
    bare_revision: str
    """Of the counters alone, which tells whether a closer look is worth it."""
    looked_at: datetime


class UserSource:
    """Composes the messages about one user's batches."""

    def __init__(self, database: Database, *, user_id: UUID) -> None:
        self._database = database
        self._user_id = user_id
        self._since: datetime | None = None
        self._told: dict[UUID, _Told] = {}

    async def snapshot(self) -> Message:
        """Return the batches that have not ended, and those that ended in the last minute."""
        async with self._database.transaction(user_id=self._user_id) as transaction:
            now, batches = await live_batches(
                transaction, user_id=self._user_id, since=None, ids=(), limit=MOST_JOBS + 1
            )
            batches = await with_pace(transaction, batches)
        shown = [presenting.job(batch) for batch in batches[:MOST_JOBS]]
        return _message("snapshot", JobsSnapshot(jobs=shown, more=len(batches) > MOST_JOBS), now=now)

    async def since(self, event_id: int) -> Message | None:
        """Return what changed after a message; None after so long that it is better to begin anew."""
        if event_id > _LAST_MOMENT:
            return None
        then = datetime.fromtimestamp(event_id / 1000, UTC)
        async with self._database.transaction(user_id=self._user_id) as transaction:
            now, batches = await live_batches(
                transaction, user_id=self._user_id, since=then, ids=(), limit=MOST_JOBS + 1
            )
            if not timedelta() <= now - then < _RESUMABLE or len(batches) > MOST_JOBS:
                return None
            horizon = then - _LOOK_AGAIN
            changed = [batch for batch in batches if batch.updated_at > horizon]
            changed = await with_pace(transaction, changed)
        changes = [_entry(_first_change(batch, since=horizon), batch) for batch in changed]
        return _message("delta", JobsDelta(jobs=changes, more=False), now=now)

    async def advance(self) -> Message | None:
        """Return what changed since the last call, None for nothing; the first only takes its bearings."""
        first = self._since is None
        async with self._database.transaction(user_id=self._user_id) as transaction:
            now, batches = await live_batches(
                transaction,
                user_id=self._user_id,
                since=self._since,
                ids=list(self._told),
                limit=2 * MOST_JOBS,
            )
            suspect = [batch for batch in batches if self._is_suspect(batch, now)]
            looked = await with_pace(transaction, suspect)
        changes = self._changes(suspect, looked, now=now) + self._gone(batches)
        self._since = now
        self._forget_old()
        if first or not changes:
            return None
        delta = JobsDelta(jobs=changes[:MOST_JOBS], more=len(changes) > MOST_JOBS)
        return _message("delta", delta, now=now)

    def _is_suspect(self, batch: BatchView, now: datetime) -> bool:
        told = self._told.get(batch.id)
        if told is None or told.bare_revision != batch.revision:
            return True
        return batch.status not in TERMINAL_BATCH_STATES and now - told.looked_at >= _LOOK_AGAIN

    def _changes(
        self, bare: Sequence[BatchView], looked: Sequence[BatchView], *, now: datetime
    ) -> list[JobChange]:
        changes: list[JobChange] = []
        for before, batch in zip(bare, looked, strict=True):
            told = self._told.pop(batch.id, None)
            self._told[batch.id] = _Told(batch, before.revision, now)
            if told is None or told.batch.revision != batch.revision:
                changes.append(_entry(_change(told.batch if told else None, batch), batch))
        return changes

    def _gone(self, batches: Sequence[BatchView]) -> list[JobChange]:
        if len(batches) == 2 * MOST_JOBS:
            # Not all were read, so that what is missing may still be there.
            return []
        gone = self._told.keys() - {batch.id for batch in batches}
        names = [self._told.pop(batch_id).batch.batch_id for batch_id in gone]
        return [JobChange(change="deleted", job_id=name, job=None) for name in names]

    def _forget_old(self) -> None:
        surplus = len(self._told) - MOST_JOBS
        ended = [key for key, told in self._told.items() if told.batch.status in TERMINAL_BATCH_STATES]
        for key in ended[: max(0, surplus)]:
            del self._told[key]


def _change(before: BatchView | None, batch: BatchView) -> Change:
    if batch.status in TERMINAL_BATCH_STATES:
        return "ended" if before is None or before.status not in TERMINAL_BATCH_STATES else "progress"
    begun_before = before is not None and _is_begun(before)
    if _is_begun(batch) and not begun_before:
        return "started"
    return "submitted" if before is None else "progress"


def _first_change(batch: BatchView, *, since: datetime) -> Change:
    """Return what is new about a batch to somebody who was away."""
    if batch.finished_at is not None:
        return "ended"
    if batch.started_at is not None:
        return "started" if batch.started_at > since else "progress"
    return "submitted" if batch.created_at > since else "progress"


def _is_begun(batch: BatchView) -> bool:
    return batch.started_at is not None and batch.status not in TERMINAL_BATCH_STATES


def _entry(change: Change, batch: BatchView) -> JobChange:
    return JobChange(change=change, job_id=batch.batch_id, job=presenting.job(batch))


def _message(name: str, said: JobsSnapshot | JobsDelta, *, now: datetime) -> Message:
    return Message(name, said.as_json(), int(now.timestamp() * 1000))
