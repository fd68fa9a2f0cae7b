"""Rows of a worksheet (ECMA-376, SpreadsheetML), made inside DuckDB: a row is one text of XML.

Text is never a formula: it is written as a string, and one that begins like a formula keeps its apostrophe
(`quotePrefix`), so that it stays text when somebody edits the cell or saves the sheet as CSV (OWASP).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from fanfold.results.columns import ColumnType
from fanfold.results.csv_lines import FORMULA
from fanfold.results.shown import Shown

LONGEST_TEXT = 32_767
"""Characters in a cell of a spreadsheet; the rest is cut off."""

# The positions of the formats in `workbook.STYLES`.
HEADING, DAY, MOMENT, GUARDED = 1, 2, 3, 4

_NOT_IN_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff]"
# What a spreadsheet would read as an escaped character stays what it is.
_ESCAPED = "_(x[0-9A-Fa-f]{4}_)"
_EMPTY = "'<c/>'"
_EPOCH_DAY = 25_569
_DAY_MICROSECONDS = 86_400_000_000
# A spreadsheet keeps fifteen digits: a longer whole number, an identifier mostly, stays whole as text.
_WIDEST = "1e15"


def line(columns: Sequence[Shown]) -> str:
    """Return the SQL of a row; it takes `$names_xlsx` and `$ids_xlsx`, ready-made cells by part."""
    return f"concat('<row>', {', '.join(map(_cell_sql, columns))}, '</row>')"


def cell(text: str, style: int | None = None) -> str:
    """Return one text as a cell."""
    if style is None and re.match(FORMULA, text):
        style = GUARDED
    clean = re.sub(_ESCAPED, r"_x005F_\1", re.sub(_NOT_IN_XML, "", text[:LONGEST_TEXT]))
    attribute = "" if style is None else f' s="{style}"'
    return f'<c t="inlineStr"{attribute}><is><t xml:space="preserve">{escape(clean)}</t></is></c>'


def heading(columns: Sequence[Shown]) -> bytes:
    """Return the first row."""
    return f"<row>{''.join(cell(each.column.name, HEADING) for each in columns)}</row>".encode()


def _cell_sql(each: Shown) -> str:
    if each.is_instance:
        return each.from_list("_xlsx").sql
    value = each.comparable
    shown = {
        ColumnType.STRING: _text_sql,
        ColumnType.NUMBER: _number_sql,
        ColumnType.BOOLEAN: _truth_sql,
        ColumnType.DATE: _day_sql,
        ColumnType.TIMESTAMP: _moment_sql,
    }[each.column.type]
    return f"case when {value} is null then {_EMPTY} else {shown(value)} end"


def _text_sql(value: str) -> str:
    cut = f"regexp_replace(left({value}, {LONGEST_TEXT}), '{_NOT_IN_XML}', '', 'g')"
    kept = f"regexp_replace({cut}, '{_ESCAPED}', '_x005F_\\1', 'g')"
    safe = f"replace(replace(replace({kept}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
    guard = f"""case when regexp_matches({value}, '{FORMULA}') then ' s="{GUARDED}"' else '' end"""
    start, end = '<is><t xml:space="preserve">', "</t></is></c>"
    return f"""concat('<c t="inlineStr"', {guard}, '>{start}', {safe}, '{end}')"""


def _number_sql(value: str) -> str:
    plain = f"typeof({value}) in ('DOUBLE', 'FLOAT') or ({value} > -{_WIDEST} and {value} < {_WIDEST})"
    number = f"concat('<c><v>', {value}::VARCHAR, '</v></c>')"
    return f"case when {plain} then {number} else {_text_sql(f'{value}::VARCHAR')} end"


def _truth_sql(value: str) -> str:
    return f"""case when {value} then '<c t="b"><v>1</v></c>' else '<c t="b"><v>0</v></c>' end"""


def _day_sql(value: str) -> str:
    return _dated_sql(
        value, style=DAY, serial=f"(datediff('day', DATE '1970-01-01', {value}) + {_EPOCH_DAY})"
    )


def _moment_sql(value: str) -> str:
    return _dated_sql(
        value, style=MOMENT, serial=f"(epoch_us({value}) / {_DAY_MICROSECONDS}.0 + {_EPOCH_DAY})::DOUBLE"
    )


def _dated_sql(value: str, *, style: int, serial: str) -> str:
    # Spreadsheets know no day before 1900, and take 1900 for a leap year.
    known = f"{value} >= DATE '1900-03-01' and {value} < DATE '10000-01-01'"
    number = f"""concat('<c s="{style}"><v>', ({serial})::VARCHAR, '</v></c>')"""
    return f"case when {known} then {number} else {_text_sql(f'{value}::VARCHAR')} end"
