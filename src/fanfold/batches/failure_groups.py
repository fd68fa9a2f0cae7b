"""Reads failures by cause: of one batch, of its attempts that were made good, of all batches of a user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fanfold.batches.lifecycle import Reason
from fanfold.batches.store import find, sql
from fanfold.db.database import Database, Row

EXAMPLES = 5


class Advice(StrEnum):
    """What to do about a cause."""

    RETRY = "retry"
    """Another attempt may succeed."""
    WAIT = "wait"
    """The target or its account needs a rest before another attempt."""
    EXTEND = "extend"
    """It takes longer than it may."""
    FIX = "fix"
    """Another attempt would fail the same way."""


SENTENCES: Mapping[Advice, str] = {
    Advice.RETRY: "Retry this group: another attempt may succeed.",
    Advice.WAIT: "Let the target rest, then retry this group; a lower parallelism or rate spares it.",
    Advice.EXTEND: "It took longer than it may: ask for less, or allow more time, then retry this group.",
    Advice.FIX: "It would fail again in the same way: mend the target, or retry with other parameters.",
}
_BY_REASON: Mapping[str, Advice] = {
    Reason.TIMEOUT: Advice.EXTEND,
    Reason.THROTTLED: Advice.WAIT,
    Reason.TARGET_UNAVAILABLE: Advice.WAIT,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures of one cause."""

    fingerprint: str
    error_class: str
    message: str
    """Of one of them."""
    hint: str | None
    reason: Reason | None
    """The most frequent; None when no operation ended by this cause."""
    retryable: bool
    failure_count: int
    """Operations that have failed by it."""
    share: float
    """Percent of all failed operations."""
    first_seen_at: datetime
    last_seen_at: datetime

    @property
    def advice(self) -> Advice:
        """What to do about it."""
        if not self.retryable:
            return Advice.FIX
        return _BY_REASON.get(self.reason or Reason.ERROR, Advice.RETRY)


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """A cause inside one batch."""

    cause: Cause
    examples: Sequence[Mapping[str, str]]
    """The first operations: `operation_id`, `target_id`, `target_name`."""
    attempt_count: int | None = None
    """Attempts that ended so, if they were asked for."""
    recovered_count: int | None = None
    """Operations that met it and succeeded later."""


@dataclass(frozen=True, slots=True)
class SpreadCause:
    """A cause over many batches."""

    cause: Cause
    batch_count: int
    batches: Sequence[Mapping[str, Any]]
    """The last that it hit: `job_id`, `name`, `kind`, `failure_count`."""


@dataclass(frozen=True, slots=True)
class FailureGroups:
    """A page of the groups of one batch."""

    batch_id: str
    groups: Sequence[FailureGroup]
    group_count: int
    failure_count: int


@dataclass(frozen=True, slots=True)
class SpreadCauses:
    """A page of the causes over all batches."""

    causes: Sequence[SpreadCause]
    group_count: int
    failure_count: int


class FailureReader:
    """Reads for the acting user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_batch(
        self, reference: str, *, user_id: UUID, attempts: bool = False, limit: int = 50, offset: int = 0
    ) -> FailureGroups:
        """Return a batch's failures by cause, the most frequent first; raise `BatchNotFound`.

        With *attempts* come the causes of attempts that were tried again.
        """
        statement = sql("list_attempt_groups" if attempts else "list_failure_groups")
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await find(transaction, reference)
            rows = await transaction.fetch(
                statement, batch_id=batch.id, examples=EXAMPLES, limit=limit, offset=offset
            )
            if not rows and offset:
                first = await transaction.fetch(
                    statement, batch_id=batch.id, examples=EXAMPLES, limit=1, offset=0
                )
                return FailureGroups(batch.batch_id, (), *_totals(first))
        return FailureGroups(batch.batch_id, [_group(row) for row in rows], *_totals(rows))

    async def of_user(
        self, *, user_id: UUID, since: datetime | None = None, limit: int = 50, offset: int = 0
    ) -> SpreadCauses:
        """Return the causes that have hit the user's batches since then (a week), the widest first."""
        given = {"user_id": user_id, "since": since, "examples": EXAMPLES}
        async with self._database.transaction(user_id=user_id) as transaction:
            rows = await transaction.fetch(sql("list_failure_causes"), **given, limit=limit, offset=offset)
            counted = rows
            if not rows and offset:
                counted = await transaction.fetch(sql("list_failure_causes"), **given, limit=1, offset=0)
        spread = [SpreadCause(_cause(row), row["batch_count"], row["batches"] or ()) for row in rows]
        return SpreadCauses(spread, *_totals(counted))


def _totals(rows: Sequence[Row]) -> tuple[int, int]:
    return (rows[0]["group_count"], rows[0]["total_count"]) if rows else (0, 0)


def _group(row: Row) -> FailureGroup:
    return FailureGroup(_cause(row), row["examples"], row["attempt_count"], row["recovered_count"])


def _cause(row: Row) -> Cause:
    error: Mapping[str, Any] = row["error"] or {}
    return Cause(
        fingerprint=row["fingerprint"],
        error_class=error.get("class", ""),
        message=error.get("message", ""),
        hint=error.get("hint"),
        reason=Reason(row["reason"]) if row["reason"] else None,
        retryable=error.get("retryable", True),
        failure_count=row["failure_count"],
        share=round(100 * row["failure_count"] / row["total_count"], 2) if row["total_count"] else 0.0,
        first_seen_at=row["first_seen_at"],
        last_seen_at=row["last_seen_at"],
    )
