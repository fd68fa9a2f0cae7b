"""Compares two batches target by target: what fails newly, is fixed, became slower or says something else.

Targets meet by their key. Only two successes are compared in time, rows and summary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from fanfold.batches.lifecycle import OperationState
from fanfold.batches.model import Batch
from fanfold.batches.paging import number_cursor, read_number_cursor
from fanfold.batches.store import find, sql
from fanfold.db.database import Database, Row
from fanfold.sdk.errors import BadInput, Problem


class Change(StrEnum):
    """How a target fares in a batch beside another; every target has one."""

    NEWLY_FAILED = "newly_failed"
    """Failed here, and had not failed there."""
    STILL_FAILING = "still_failing"
    FIXED = "fixed"
    SUCCEEDED = "succeeded"
    NOT_RUN = "not_run"
    """Waits or works, was cancelled, or skipped because the batch stopped."""
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"


class Difference(StrEnum):
    """What differs between two successes; a target may have several."""

    SLOWER = "slower"
    FASTER = "faster"
    ROW_COUNT = "different_row_count"
    SUMMARY = "different_summary"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when on a target counts as slower or faster: both must hold."""

    ratio: float = 1.5
    milliseconds: int = 1_000


@dataclass(frozen=True, slots=True)
class Side:
    """One batch's operation for a target."""

    operation_id: UUID
    status: OperationState
    duration_ms: int | None
    row_count: int | None
    message: str | None
    fingerprint: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """A target in both batches."""

    key: str
    target_id: UUID | None
    name: str
    change: Change
    differences: Sequence[Difference]
    here: Side | None
    there: Side | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two batches beside each other, and a page of their targets."""

    batch: Batch
    other: Batch
    counts: Mapping[str, int]
    """By change and by difference."""
    targets: Sequence[Compared]
    total: int
    """Targets that the filter lets through."""
    next_cursor: str | None


class Comparer:
    """Compares for the acting user."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def compare(
        self,
        reference: str,
        other: str,
        *,
        user_id: UUID,
        words: Sequence[Change | Difference] = (),
        thresholds: Thresholds,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Comparison:
        """Return *reference* beside *other*, the earlier one; raise `BatchNotFound`, `BadInput`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            batch = await find(transaction, reference)
            earlier = await find(transaction, other)
            if batch.id == earlier.id:
                raise BadInput([Problem("/other_id", "A batch is compared with another one.")])
            rows = await transaction.fetch(
                sql("compare_batches"),
                batch_id=batch.id,
                other_id=earlier.id,
                words=list(words) or None,
                ratio=thresholds.ratio,
                threshold_ms=float(thresholds.milliseconds),
                after=read_number_cursor(cursor),
                limit=limit,
            )
        found = [row for row in rows if row["position"] is not None]
        following = number_cursor(found[-1]["position"]) if len(found) == limit else None
        counts = {word.value: rows[0]["counts"].get(word, 0) for word in (*Change, *Difference)}
        shown = [_compared(row) for row in found]
        return Comparison(batch, earlier, counts, shown, rows[0]["matched"], following)


def _compared(row: Row) -> Compared:
    return Compared(
        key=row["item_key"],
        target_id=row["target_id"],
        name=row["name"],
        change=Change(row["change"]),
        differences=[Difference(word) for word in row["differences"]],
        here=_side(row, ""),
        there=_side(row, "other_"),
    )


def _side(row: Row, prefix: str) -> Side | None:
    if row[f"{prefix}id"] is None:
        return None
    duration = row[f"{prefix}ms"]
    return Side(
        row[f"{prefix}id"],
        OperationState(row[f"{prefix}status"]),
        None if duration is None else round(duration),
        row[f"{prefix}row_count"],
        row[f"{prefix}message"],
        row[f"{prefix}fingerprint"],
    )
