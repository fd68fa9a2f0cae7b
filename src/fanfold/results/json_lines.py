"""One JSON object per row, made inside DuckDB: a line is one text value, as in `csv_lines`."""

from __future__ import annotations

import json
from collections.abc import Sequence

import orjson

from fanfold.results.columns import ColumnType
from fanfold.results.scan import text_of_moment
from fanfold.results.shown import Shown


def keys(columns: Sequence[Shown]) -> list[str]:
    """Return what stands before each value, for `$keys`."""
    names = (orjson.dumps(each.column.name).decode() for each in columns)
    return [f"{',' if index else '{'}{name}:" for index, name in enumerate(names)]


def line(columns: Sequence[Shown]) -> str:
    """Return the SQL of a row's line; it takes `$keys`, and `$names_json` and `$ids_json` by part."""
    cells = (f"list_extract($keys, {index + 1}), {_cell_sql(each)}" for index, each in enumerate(columns))
    return f"concat({', '.join(cells)}, '}}' || chr(10))"


def cell(text: str) -> str:
    """Return one text as JSON."""
    return orjson.dumps(text).decode()


def without_constants(lines: bytes) -> bytes:
    """Return *lines* with null for infinity and not-a-number, as DuckDB writes them inside lists."""
    if not any(word in lines for word in (b"NaN", b"Infinity")):
        return lines
    rows = (json.loads(each, parse_constant=lambda _: None) for each in lines.splitlines())
    texts = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
    return "".join(text + "\n" for text in texts).encode()


def _cell_sql(each: Shown) -> str:
    if each.is_instance:
        return each.from_list("_json").sql
    is_moment = each.column.type is ColumnType.TIMESTAMP
    value = text_of_moment(each.sql) if is_moment else each.sql
    return f"coalesce(to_json({value})::VARCHAR, 'null')"
