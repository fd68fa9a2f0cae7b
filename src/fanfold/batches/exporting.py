"""One line per target, as filtered, as CSV or JSON lines: page after page, in memory that does not grow.

Each page is a transaction of its own, so that a slow reader holds no session of the database.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from fanfold.batches.model import Operation
from fanfold.batches.paging import Page
from fanfold.batches.patching import merged
from fanfold.batches.reader import BatchReader, OperationFilter
from fanfold.batches.store import find
from fanfold.db.database import Database
from fanfold.results.csv_lines import cell

_AT_ONCE = 2_000


class LineFormat(StrEnum):
    """How targets are written."""

    CSV = "csv"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        """Its name on the web."""
        return "text/csv; charset=utf-8" if self is LineFormat.CSV else "application/x-ndjson"


COLUMNS = (
    "target_key", "target_name", "attributes", "execution_id", "status", "reason", "attempt_count",
    "started_at", "finished_at", "duration_ms", "row_count", "error_class", "error_message", "error_hint",
    "fingerprint", "parameters",
)  # fmt: skip


class OperationExport:
    """Writes operations for the acting user."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reader = BatchReader(database)

    async def lines(
        self, reference: str, *, where: OperationFilter, form: LineFormat, user_id: UUID
    ) -> AsyncGenerator[bytes]:
        """Return the file in pieces; raise `BatchNotFound`, `BadInput` before the first one."""
        async with self._database.transaction(user_id=user_id) as transaction:
            base = (await find(transaction, reference)).parameters
        page = Page(limit=_AT_ONCE)
        first = await self._reader.operations(reference, where=where, page=page, user_id=user_id)

        async def pieces() -> AsyncGenerator[bytes]:
            found = first
            if form is LineFormat.CSV:
                yield (",".join(COLUMNS) + "\r\n").encode()
            while True:
                yield b"".join(_line(record(one, base), form) for one in found.items)
                if found.next_cursor is None:
                    return
                following = replace(page, cursor=found.next_cursor)
                found = await self._reader.operations(reference, where=where, page=following, user_id=user_id)

        return pieces()


def record(operation: Operation, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an export says of an operation, in the order of `COLUMNS`."""
    error = operation.error or {}
    started, finished = operation.started_at, operation.finished_at
    duration = round((finished - started).total_seconds() * 1000) if started and finished else None
    values = (
        operation.target.key, operation.target.name, dict(operation.target.attributes),
        operation.execution_id, operation.status, operation.reason, operation.attempt_count, started,
        finished, duration,
        operation.row_count, error.get("class"), error.get("message"), error.get("hint"),
        operation.error_fingerprint, merged(base, operation.overrides),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _line(values: Mapping[str, Any], form: LineFormat) -> bytes:
    if form is LineFormat.JSONL:
        return orjson.dumps(values, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
    return (",".join(_cell(value) for value in values.values()) + "\r\n").encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return cell(orjson.dumps(value).decode())
    return cell(str(value))
