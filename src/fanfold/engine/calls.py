"""Keeps the calls of a worker's attempts and writes them together, once a second at most.

They are for people who look for a cause: a worker that dies takes its last second of them along.
"""

from __future__ import annotations

from collections import Counter

from fanfold.db.database import Database
from fanfold.engine.store import sql
from fanfold.kit.service import Loop
from fanfold.sdk.tracing import Recorder, RemoteCall

_SECONDS = 1.0
_FIRST, _LATEST = 20, 80
# Kept between two writes: more than that is a runaway, of which the first are enough.
_MOST_AT_ONCE = 10_000
_MOST_TEXT = 300


class CallLog(Loop):
    """One per worker."""

    def __init__(self, database: Database, *, first: int = _FIRST, latest: int = _LATEST) -> None:
        super().__init__(interval=_SECONDS)
        self._database = database
        self._first = first
        self._latest = latest
        self._waiting: list[tuple[int, RemoteCall]] = []
        self._count: Counter[int] = Counter()

    def recorder(self, attempt_id: int) -> Recorder:
        """Return what notes the calls of an attempt."""

        def note(call: RemoteCall) -> None:
            if len(self._waiting) < _MOST_AT_ONCE and self._count[attempt_id] < self._latest:
                self._count[attempt_id] += 1
                self._waiting.append((attempt_id, call))

        return note

    async def run_once(self) -> bool:
        """Write what has come since; what cannot be written is dropped."""
        taken, self._waiting = self._waiting, []
        self._count.clear()
        if taken:
            calls = [call for _, call in taken]
            async with self._database.transaction() as transaction:
                await transaction.execute(
                    sql("add_calls"),
                    attempt_ids=[attempt_id for attempt_id, _ in taken],
                    ats=[call.at for call in calls],
                    steps=[_short(call.step) for call in calls],
                    methods=[call.method for call in calls],
                    paths=[_short(call.path) for call in calls],
                    statuses=[call.status for call in calls],
                    durations=[call.duration_ms for call in calls],
                    request_ids=[call.request_id and _short(call.request_id) for call in calls],
                    errors=[call.error and _short(call.error) for call in calls],
                    first=self._first,
                    latest=self._latest,
                )
        return False


def _short(text: str) -> str:
    text = text.replace("\0", "")
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
