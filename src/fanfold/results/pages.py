"""A page of a table, and what is to be said beside its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, UnitedColumn
from fanfold.results.errors import UnreadablePart
from fanfold.results.notes import ColumnNote
from fanfold.results.selection import Selection
from fanfold.results.source import integers
from fanfold.results.values import json_column


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the united table."""

    columns: tuple[UnitedColumn, ...]
    """`_instance_name` and `_instance_id` first unless chosen; none before the first result."""
    rows: list[dict[str, Any]]
    """Values that JSON knows, by column name."""
    total_rows: int
    """All rows that the filters let through."""
    notes: tuple[ColumnNote, ...] = ()
    """Where the instances differ in their columns."""
    skipped: tuple[UnreadablePart, ...] = ()
    """Parts that were left out because they cannot be read."""

    def body(self) -> dict[str, Any]:
        """Return the `aggregated_data` of contract A; notes and skipped parts are there if there are any."""
        body: dict[str, Any] = {
            "columns": [
                {"name": each.name, "type": each.type, **({"note": each.note} if each.note else {})}
                for each in self.columns
            ],
            "rows": self.rows,
            "total_rows": self.total_rows,
        }
        return body | remarks(self.notes, self.skipped)


def remarks(notes: tuple[ColumnNote, ...], skipped: tuple[UnreadablePart, ...]) -> dict[str, Any]:
    """Return what an answer says beside its rows, for JSON; empty if there is nothing to say."""
    body: dict[str, Any] = {}
    if notes:
        body["notes"] = [
            {
                "column": each.column,
                "instances": list(each.instances),
                "instance_count": each.instance_count,
                "note": each.note,
            }
            for each in notes
        ]
    if skipped:
        body["skipped"] = [
            {
                "instance_name": each.target_name,
                "execution_id": each.execution_id,
                "part": each.uri,
                "reason": each.reason,
            }
            for each in skipped
        ]
    return body


def json_rows(table: pa.Table, selection: Selection) -> list[dict[str, Any]]:
    """Return the rows of a page, values that JSON knows by column name."""
    numbers = integers(table)
    by_part = selection.instances
    of_instance = {INSTANCE_NAME: by_part["names"], INSTANCE_ID: by_part["ids"]}
    stored = iter(range(1, table.num_columns))
    values = [
        [of_instance[each.column.name][number] for number in numbers]
        if each.is_instance
        else json_column(table.column(next(stored)))
        for each in selection.shown
    ]
    names = [each.column.name for each in selection.shown]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
