"""Runs the statements of the worker's side: claim, wake, finish, snooze, heartbeat, rescue."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from fanfold.batches.errors import StaleAttempt
from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements
from fanfold.engine.fingerprint import fingerprint
from fanfold.engine.vitals import Reading
from fanfold.engine.work import (
    Claimed,
    Failed,
    Finished,
    Frozen,
    Stop,
    Verdict,
    Waiting,
    claimed_from,
    frozen_from,
)
from fanfold.kit.injection import Point, reach
from fanfold.results import manifest as result_sets

sql = Statements("fanfold.engine")

_LOST = {"class": "WorkerLost", "message": "The worker that ran it stopped answering.", "hint": None}

_WRITTEN = (Point.AFTER_COMPLETION, Point.AFTER_FAILURE, Point.AFTER_SNOOZE)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one claim brought."""

    claimed: Sequence[Claimed]
    frozen: Sequence[Frozen]
    stopping: dict[UUID, Stop]
    """Batches of woken operations that must stop."""
    more: bool
    """Whether another claim at once may bring more."""


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """When a target is left alone."""

    failures: int = 5
    """Failures of one cause in a row that open its breaker."""
    cool_down: timedelta = timedelta(minutes=1)
    """Until one operation may try it; doubles with every failed probe."""
    longest: timedelta = timedelta(minutes=15)


class EngineStore:
    """The worker's door to the database; it acts as the service role."""

    def __init__(
        self,
        database: Database,
        *,
        worker_id: UUID,
        kinds: Sequence[str],
        lease: timedelta,
        breaker: BreakerRule | None = None,
    ) -> None:
        self._database = database
        self._worker_id = worker_id
        self._kinds = list(kinds)
        self._lease = lease
        self._breaker = breaker or BreakerRule()

    async def register(self, *, name: str, version: str, capacity: int) -> None:
        """Enter this worker into the list."""
        async with self._database.transaction() as transaction:
            given = {"id": self._worker_id, "name": name, "version": version, "capacity": capacity}
            await transaction.execute(sql("register_worker"), kinds=self._kinds, **given)

    async def leave(self) -> None:
        """Note the end of this worker."""
        async with self._database.transaction() as transaction:
            await transaction.execute(sql("leave"), worker_id=self._worker_id)

    async def claim(self, capacity: int, *, known: Container[UUID] = ()) -> Taken:
        """Take up to *capacity* operations within every limit: first ended snoozes, then what is due.

        With them comes what their batches froze, for those that are not *known* yet.
        """
        async with self._database.transaction() as transaction:
            woken = await transaction.fetch(sql("wake"), capacity=capacity, **self._claimant())
            room = capacity - len(woken)
            claimed = await _claim(transaction, room, self._claimant()) if room > 0 else []
            more = len(claimed) == room or any(row["more"] for row in claimed)
            batches = {row["batch_id"] for row in (*woken, *claimed)}
            unknown = [batch_id for batch_id in batches if batch_id not in known]
            frozen = await transaction.fetch(sql("batches_frozen"), ids=unknown) if unknown else []
            stopping = await _stopping(transaction, [row["batch_id"] for row in woken])
            if woken or claimed:
                reach(Point.BEFORE_CLAIM_COMMIT)
        return Taken(
            [claimed_from(row) for row in (*woken, *claimed)],
            [frozen_from(row) for row in frozen],
            stopping,
            more,
        )

    async def stopping(self, batch_ids: Sequence[UUID]) -> dict[UUID, Stop]:
        """Return those of the batches whose attempts must stop, and why."""
        async with self._database.transaction() as transaction:
            return await _stopping(transaction, batch_ids)

    async def save(self, claimed: Claimed, state: Any, *, remote_ref: str | None) -> None:
        """Store a kind's state now. Raises `StaleAttempt`."""
        async with self._database.transaction() as transaction:
            saved = await transaction.value(
                sql("save_state"), **_fence(claimed), state=state, remote_ref=remote_ref
            )
        if saved is None:
            raise StaleAttempt

    async def adopt(self, claimed: Claimed, remote_ref: str) -> bool:
        """Take a remote run unless another operation has it."""
        async with self._database.transaction() as transaction:
            await transaction.execute(sql("lock_remote_ref"), remote_ref=remote_ref)
            taken = await transaction.value(
                sql("adopt"),
                attempt_id=claimed.attempt_id,
                operation_id=claimed.operation_id,
                remote_ref=remote_ref,
            )
        return taken is not None

    async def finish(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        """Write verdicts in one transaction; return the operations whose attempt was still ours."""
        finished = [verdict for verdict in verdicts if isinstance(verdict, Finished)]
        failed = [verdict for verdict in verdicts if isinstance(verdict, Failed)]
        waiting = [verdict for verdict in verdicts if isinstance(verdict, Waiting)]
        async with self._database.transaction() as transaction:
            written: set[UUID] = set()
            if finished:
                reach(Point.BEFORE_COMPLETION)
                written |= await _write_finished(transaction, finished)
                reach(Point.BEFORE_COMPLETION_COMMIT)
            if failed:
                reach(Point.BEFORE_FAILURE)
                written |= await _write_failed(transaction, failed, self._breaker)
                reach(Point.BEFORE_FAILURE_COMMIT)
            if waiting:
                reach(Point.BEFORE_SNOOZE)
                written |= await _write_waiting(transaction, waiting)
                reach(Point.BEFORE_SNOOZE_COMMIT)
        for point, group in zip(_WRITTEN, (finished, failed, waiting), strict=True):
            if group:
                reach(point)
        return written

    async def beat(self, attempt_ids: Iterable[int], *, reading: Reading) -> set[int]:
        """Renew the leases of these attempts; return those that are still this worker's."""
        async with self._database.transaction() as transaction:
            rows = await transaction.fetch(
                sql("beat"),
                worker_id=self._worker_id,
                lease=self._lease,
                attempt_ids=list(attempt_ids),
                cpu_percent=reading.cpu_percent,
                memory_bytes=reading.memory_bytes,
                loop_lag_ms=reading.loop_lag_ms,
            )
        return {row["id"] for row in rows}

    async def rescue(self) -> int:
        """Take operations back whose lease ran out; return how many."""
        error = _LOST | {"fingerprint": fingerprint("WorkerLost", _LOST["message"] or "")}
        async with self._database.transaction() as transaction:
            rows = await transaction.fetch(sql("rescue"), error=error, fingerprint=error["fingerprint"])
            if rows:
                reach(Point.BEFORE_RESCUE_COMMIT)
        if rows:
            reach(Point.AFTER_RESCUE)
        return len(rows)

    async def next_due(self) -> timedelta | None:
        """Return how long until something is due by time alone."""
        async with self._database.transaction() as transaction:
            return await transaction.value(sql("next_due"))

    def _claimant(self) -> dict[str, Any]:
        return {"worker_id": self._worker_id, "lease": self._lease, "kinds": self._kinds}


async def _claim(transaction: Transaction, capacity: int, claimant: dict[str, Any]) -> list[Row]:
    await transaction.execute(sql("lock_claims"))
    return await transaction.fetch(sql("claim"), capacity=capacity, **claimant)


async def _stopping(transaction: Transaction, batch_ids: Sequence[UUID]) -> dict[UUID, Stop]:
    if not batch_ids:
        return {}
    rows = await transaction.fetch(sql("stopping"), ids=list(batch_ids))
    return {row["id"]: Stop(row["why"]) for row in rows}


def _fence(claimed: Claimed) -> dict[str, Any]:
    return {
        "operation_id": claimed.operation_id,
        "attempt_id": claimed.attempt_id,
        "lease_token": claimed.lease_token,
    }


def _fences(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "operation_ids": [verdict.claimed.operation_id for verdict in verdicts],
        "attempt_ids": [verdict.claimed.attempt_id for verdict in verdicts],
        "lease_tokens": [verdict.claimed.lease_token for verdict in verdicts],
        "batch_ids": list({verdict.claimed.batch_id for verdict in verdicts}),
    }


async def _write_finished(transaction: Transaction, verdicts: Sequence[Finished]) -> set[UUID]:
    rows = await transaction.fetch(
        sql("complete"),
        **_fences(verdicts),
        states=[verdict.state for verdict in verdicts],
        summaries=[_json(verdict.summary) for verdict in verdicts],
        row_counts=[verdict.manifest.row_count if verdict.manifest else None for verdict in verdicts],
    )
    written = {row["id"] for row in rows}
    for verdict in verdicts:
        if verdict.manifest is not None and verdict.claimed.operation_id in written:
            await result_sets.record(
                transaction,
                batch_id=verdict.claimed.batch_id,
                operation_id=verdict.claimed.operation_id,
                user_id=verdict.user_id,
                manifest=verdict.manifest,
            )
    return written


async def _write_failed(
    transaction: Transaction, verdicts: Sequence[Failed], breaker: BreakerRule
) -> set[UUID]:
    await _write_causes(transaction, verdicts, breaker)
    rows = await transaction.fetch(
        sql("fail"),
        **_fences(verdicts),
        attempt_states=[verdict.attempt_state for verdict in verdicts],
        reasons=[verdict.reason for verdict in verdicts],
        errors=[_json(verdict.error) for verdict in verdicts],
        fingerprints=[verdict.error["fingerprint"] for verdict in verdicts],
        retry_after_ms=[_milliseconds(verdict.retry_after) for verdict in verdicts],
        counts=[verdict.counted for verdict in verdicts],
        forget=[verdict.forget for verdict in verdicts],
    )
    return {row["id"] for row in rows}


async def _write_causes(transaction: Transaction, verdicts: Sequence[Failed], breaker: BreakerRule) -> None:
    throttled = {verdict.blocked_key: verdict for verdict in verdicts if verdict.blocked_key is not None}
    accusing = [verdict for verdict in verdicts if verdict.accuses]
    if not throttled and not accusing:
        return
    # Limits come after batches in the lock order, and before what finishing them changes.
    batches = {verdict.claimed.batch_id for verdict in verdicts}
    await transaction.execute(sql("lock_batches"), ids=list(batches))
    for key, verdict in sorted(throttled.items()):
        wait = _milliseconds(verdict.blocked_for)
        await transaction.execute(sql("block_key"), key=key, after_ms=wait, halve=verdict.halved)
    if accusing:
        await transaction.execute(
            sql("trip"),
            operation_ids=[verdict.claimed.operation_id for verdict in accusing],
            causes=[verdict.error["fingerprint"] for verdict in accusing],
            errors=[_json(verdict.error) for verdict in accusing],
            threshold=breaker.failures,
            cool_down_ms=_milliseconds(breaker.cool_down),
            longest_ms=_milliseconds(breaker.longest),
        )


async def _write_waiting(transaction: Transaction, verdicts: Sequence[Waiting]) -> set[UUID]:
    rows = await transaction.fetch(
        sql("snooze"),
        **_fences(verdicts),
        states=[None if verdict.state is None else _json(verdict.state) for verdict in verdicts],
        after_ms=[_milliseconds(verdict.after) for verdict in verdicts],
    )
    return {row["id"] for row in rows}


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _milliseconds(duration: timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds() * 1000)
