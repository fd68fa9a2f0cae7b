"""One row per target, as filtered, in every format that results have.

Each page of operations is a transaction of its own, and a file begins when all of them are read:
a slow reader holds no session of the database.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from fanfold.batches.model import Operation
from fanfold.batches.paging import Page
from fanfold.batches.patching import merged
from fanfold.batches.reader import BatchReader, OperationFilter
from fanfold.batches.store import find
from fanfold.db.database import Database
from fanfold.results.exporting import File, FileFormat
from fanfold.results.reader import ResultReader

_AT_ONCE = 2_000
MOST_SUMMARY_COLUMNS = 100
REST = "summary.more"
"""What of the summaries has no column of its own, as JSON."""

COLUMNS: Mapping[str, type] = {
    "target_key": str,
    "target_name": str,
    "region": str,
    "brands": str,
    "tags": str,
    "execution_id": str,
    "status": str,
    "reason": str,
    "attempt_count": int,
    "started_at": datetime,
    "finished_at": datetime,
    "duration_ms": int,
    "row_count": int,
    "error_class": str,
    "error_message": str,
    "error_hint": str,
    "fingerprint": str,
    "parameters": dict,
    "attributes": dict,
}
"""Of every export; a summary's fields come after them, in JSON lines as one object."""


class OperationExport:
    """Writes operations for the acting user."""

    def __init__(self, database: Database, results: ResultReader) -> None:
        self._database = database
        self._results = results
        self._reader = BatchReader(database)

    async def file(self, reference: str, *, where: OperationFilter, form: FileFormat, user_id: UUID) -> File:
        """Return the file in chunks; raise `BatchNotFound`, `BadInput` before the first one."""
        async with self._database.transaction(user_id=user_id) as transaction:
            base = (await find(transaction, reference)).parameters
        nested = form is FileFormat.JSONL
        columns = {**COLUMNS, "summary": dict} if nested else COLUMNS
        flat = None if nested else FlatSummaries()

        async def pages() -> AsyncGenerator[list[dict[str, Any]]]:
            page = Page(limit=_AT_ONCE)
            while True:
                found = await self._reader.operations(reference, where=where, page=page, user_id=user_id)
                yield [record(one, base) | _summary(one.summary, flat) for one in found.items]
                if found.next_cursor is None:
                    return
                page = replace(page, cursor=found.next_cursor)

        return await self._results.table(pages(), form, columns=columns)


class FlatSummaries:
    """Gives every field of many summaries a column, `summary.a.b`, as long as there are not too many."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def row(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of one summary; lists stay whole."""
        row: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for name, value in _fields("summary", summary):
            # Columns meet without regard to case; a name that is taken is one of the rest.
            key = name.lower()
            if key not in self._known and len(self._known) < MOST_SUMMARY_COLUMNS and key != REST:
                self._known.add(key)
            target = row if key in self._known and name not in row else rest
            target[name] = value
        return row | ({REST: rest} if rest else {})


def record(operation: Operation, base: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an export says of an operation beside its summary, in the order of `COLUMNS`."""
    error = operation.error or {}
    attributes = operation.target.attributes
    started, finished = operation.started_at, operation.finished_at
    duration = round((finished - started).total_seconds() * 1000) if started and finished else None
    values = (
        operation.target.key, operation.target.name, _listed(attributes.get("region")),
        _listed(attributes.get("brands", attributes.get("brand"))), _listed(attributes.get("tags")),
        operation.execution_id, operation.status.value, operation.reason and operation.reason.value,
        operation.attempt_count, started, finished, duration, operation.row_count,
        error.get("class"), error.get("message"), error.get("hint"), operation.error_fingerprint,
        merged(base, operation.overrides), dict(attributes),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _summary(summary: Mapping[str, Any] | None, flat: FlatSummaries | None) -> dict[str, Any]:
    if flat is None:
        return {"summary": summary}
    return flat.row(summary or {})


def _fields(path: str, value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        name = f"{path}.{key}"
        if isinstance(each, dict):
            yield from _fields(name, cast("dict[str, Any]", each))
        elif each is not None:
            yield name, each


def _listed(value: object) -> str | None:
    """Return one text for a text or a list of them, None if it is neither."""
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value))) or None
    return value if isinstance(value, str) else None
