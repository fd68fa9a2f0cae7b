"""CSV as RFC 4180 writes it, made inside DuckDB: a line is one text value, a batch's buffer the file's bytes.

A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

import pyarrow as pa

from fanfold.results.columns import ColumnType
from fanfold.results.scan import text_of_moment
from fanfold.results.shown import Shown

FORMULA = "^[-=+@\\t\\r]"
# The empty text is quoted, too: nothing at all means null.
_SPECIAL = f'[",\\r\\n]|^$|{FORMULA}'


def header(columns: Sequence[Shown]) -> bytes:
    """Return the first line."""
    return (",".join(cell(each.column.name) for each in columns) + "\r\n").encode()


def line(columns: Sequence[Shown]) -> str:
    """Return the SQL of a row's line; it takes `$names_csv` and `$ids_csv`, ready-made cells by part."""
    # concat leaves a null out, which is how a null looks in CSV.
    listed = ", ',', ".join(map(_cell_sql, columns))
    return f"concat({listed}, chr(13) || chr(10))"


def cell(text: str) -> str:
    """Return one text as a cell."""
    if not re.search(_SPECIAL, text):
        return text
    guard = "'" if re.match(FORMULA, text) else ""
    return f'"{guard}{text.replace(chr(34), chr(34) * 2)}"'


def bytes_of(batch: pa.RecordBatch) -> bytes:
    """Return the lines of a batch, whose only column is a large string, without touching them one by one."""
    lines, (_, offsets, content) = _column(batch)
    ends = memoryview(offsets).cast("q")
    return bytes(memoryview(content)[ends[lines.offset] : ends[lines.offset + len(lines)]])


def _column(batch: pa.RecordBatch) -> tuple[Any, list[Any]]:
    column: Any = cast("Any", batch).column(0)
    return column, column.buffers()


def _cell_sql(each: Shown) -> str:
    if each.is_instance:
        return each.from_list("_csv").sql
    value = each.comparable
    if each.column.type is ColumnType.TIMESTAMP:
        return text_of_moment(value)
    if each.column.type is not ColumnType.STRING:
        return f"{value}::VARCHAR"
    guarded = f"case when regexp_matches({value}, '{FORMULA}') then '''' || {value} else {value} end"
    quoted = f"""'"' || replace({guarded}, '"', '""') || '"'"""
    return f"case when regexp_matches({value}, '{_SPECIAL}') then {quoted} else {value} end"
