"""A manifest says which Parquet parts are a result set; rows that no manifest names do not exist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from fanfold.db.database import Transaction
from fanfold.db.statements import Statements
from fanfold.kit.ids import uuid7
from fanfold.results.columns import Column, ColumnType

sql = Statements("fanfold.results")


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file."""

    uri: str
    """Its path inside the result store."""
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one attempt wrote; columns without parts are a result without rows."""

    parts: tuple[Part, ...]
    columns: tuple[Column, ...]
    row_count: int
    byte_count: int


@dataclass(frozen=True, slots=True)
class ResultSet:
    """The recorded result of a completed operation."""

    operation_id: UUID
    execution_id: str
    ordinal: int
    target_key: str
    target_id: UUID | None
    target_name: str
    manifest: Manifest

    @property
    def instance_id(self) -> str:
        """What stands in `_instance_id`."""
        return str(self.target_id or self.target_key)


async def record(
    transaction: Transaction, *, batch_id: UUID, operation_id: UUID, user_id: UUID, manifest: Manifest
) -> None:
    """Make *manifest* the operation's result set, in place of an earlier one, if the transaction commits."""
    await transaction.execute(
        sql("record_result_set"),
        id=uuid7(),
        batch_id=batch_id,
        operation_id=operation_id,
        user_id=user_id,
        parts=[asdict(part) for part in manifest.parts],
        columns=[asdict(column) for column in manifest.columns],
        row_count=manifest.row_count,
        byte_count=manifest.byte_count,
    )


async def of_batch(transaction: Transaction, *, batch_id: UUID) -> list[ResultSet]:
    """Return the result sets of the completed operations that the user may see, in the order of the batch."""
    rows = await transaction.fetch(sql("list_result_sets"), batch_id=batch_id)
    # Nearly all operations of a batch have the same columns: each text is read once.
    schemas = {text: _columns(text) for text in {row["columns"] for row in rows}}
    return [_result_set(dict(row), schemas[row["columns"]]) for row in rows]


def _columns(text: str) -> tuple[Column, ...]:
    return tuple(
        Column(column["name"], ColumnType(column["type"]), column["arrow"]) for column in json.loads(text)
    )


def _result_set(row: Mapping[str, Any], columns: tuple[Column, ...]) -> ResultSet:
    return ResultSet(
        operation_id=row["operation_id"],
        execution_id=row["execution_id"],
        ordinal=row["ordinal"],
        target_key=row["item_key"],
        target_id=row["target_id"],
        target_name=row["target_name"],
        manifest=Manifest(
            parts=tuple(Part(**part) for part in row["parts"]),
            columns=columns,
            row_count=row["row_count"],
            byte_count=row["byte_count"],
        ),
    )
