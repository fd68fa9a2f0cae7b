"""CSV as RFC 4180 writes it, made inside DuckDB: a line is one text value, a batch's buffer the file's bytes.

A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, cast

import pyarrow as pa

from fanfold.results.columns import INSTANCE_ID, INSTANCE_NAME, ColumnType, UnitedColumn
from fanfold.results.scan import comparable, text_of_moment

_FORMULA = "^[-=+@\\t\\r]"
# The empty text is quoted, too: nothing at all means null.
_SPECIAL = f'[",\\r\\n]|^$|{_FORMULA}'


def header(columns: Sequence[UnitedColumn]) -> bytes:
    """Return the first line."""
    names = [INSTANCE_NAME, INSTANCE_ID, *(column.name for column in columns)]
    return (",".join(map(cell, names)) + "\r\n").encode()


def line(columns: Sequence[UnitedColumn]) -> str:
    """Return the SQL of a row's line; it takes `$instances`, the ready-made first cells by part."""
    cells = ["list_extract($instances, p + 1)"]
    cells += [_cell_sql(index, column) for index, column in enumerate(columns)]
    # concat leaves a null out, which is how a null looks in CSV.
    listed = ", ',', ".join(cells)
    return f"concat({listed}, chr(13) || chr(10))"


def cell(text: str) -> str:
    """Return one text as a cell."""
    if not re.search(_SPECIAL, text):
        return text
    guard = "'" if re.match(_FORMULA, text) else ""
    return f'"{guard}{text.replace(chr(34), chr(34) * 2)}"'


def instance_cells(instances: Iterable[tuple[str, str]]) -> list[str]:
    """Return the cells of instance name and id for each part."""
    return [f"{cell(name)},{cell(identifier)}" for name, identifier in instances]


def bytes_of(batch: pa.RecordBatch) -> bytes:
    """Return the lines of a batch, whose only column is a large string, without touching them one by one."""
    lines, (_, offsets, content) = _column(batch)
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(content)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _column(batch: pa.RecordBatch) -> tuple[Any, list[Any]]:
    column: Any = cast("Any", batch).column(0)
    return column, column.buffers()


def _cell_sql(index: int, column: UnitedColumn) -> str:
    value = comparable(index, column)
    if column.type is ColumnType.TIMESTAMP:
        return text_of_moment(value)
    if column.type is not ColumnType.STRING:
        return f"{value}::VARCHAR"
    guarded = f"case when regexp_matches({value}, '{_FORMULA}') then '''' || {value} else {value} end"
    quoted = f"""'"' || replace({guarded}, '"', '""') || '"'"""
    return f"case when regexp_matches({value}, '{_SPECIAL}') then {quoted} else {value} end"
