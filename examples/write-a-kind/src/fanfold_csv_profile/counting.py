"""Counts what is in a CSV file. It only computes, so it runs in another process."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Column:
    """What stands below one heading."""

    name: str
    filled: int = 0
    empty: int = 0
    values: set[str] = field(default_factory=set)


def count_columns(path: Path, delimiter: str) -> list[Column]:
    """Return the columns of the file, none for an empty one. Raises `OSError`, `ValueError`."""
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        columns = [Column(name) for name in next(reader, [])]
        for row in reader:
            if len(row) != len(columns):
                raise ValueError(f"line {reader.line_num} has {len(row)} values for {len(columns)} columns")
            for column, value in zip(columns, row, strict=True):
                if value:
                    column.filled += 1
                    column.values.add(value)
                else:
                    column.empty += 1
    return columns
