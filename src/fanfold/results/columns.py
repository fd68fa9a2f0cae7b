"""The columns of a result set: the few types that users see, and how many schemas become one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa

INSTANCE_NAME = "_instance_name"
INSTANCE_ID = "_instance_id"
UNKNOWN = "null"
"""The type of a column that holds nothing but nulls: it fits to every other."""

# The reader adds the first two; the others are DuckDB's own names for a row's place in its file.
_TAKEN = frozenset({INSTANCE_NAME, INSTANCE_ID, "filename", "file_index", "file_row_number"})
_NESTED = ("list<", "large_list<", "fixed_size_list<", "struct<", "map<", "extension<arrow.json>")
_DECIMAL_DIGITS = 38
_INTEGER_DIGITS = 19


class ColumnType(StrEnum):
    """What a column looks like to a user."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"


@dataclass(frozen=True, slots=True)
class Column:
    """One column as stored."""

    name: str
    type: ColumnType
    arrow: str
    """Arrow's name of the stored type, e.g. `decimal128(18, 4)`; `null` if it holds nothing but nulls."""


@dataclass(frozen=True, slots=True)
class UnitedColumn:
    """One column over many operations."""

    name: str
    type: ColumnType
    sql_type: str | None
    """What DuckDB casts every operation's values to; None where all have one type already."""
    nested: bool = False
    """Lists, structs and the like; compared and written to CSV as JSON text."""
    note: str | None = None
    """What a reader should know: the operations differ in it."""

    @property
    def key(self) -> str:
        """Two columns of different operations are one if their keys are equal."""
        return self.name.lower()


def storable(schema: pa.Schema) -> pa.Schema:
    """Return *schema* with unique, usable names and with the types that a result set keeps.

    Names are made unique without regard to case, as SQL compares them; a time without a zone is taken as UTC.
    """
    names: set[str] = set(_TAKEN)
    fields: list[tuple[str, pa.DataType]] = []
    for position, (given, kind) in enumerate(zip(schema.names, schema.types, strict=True), start=1):
        name = _unused(given.replace("\0", "") or f"column_{position}", names)
        names.add(name.lower())
        fields.append((name, _storable_type(kind)))
    return pa.schema(fields)


def columns_of(given: pa.Schema) -> tuple[Column, ...]:
    """Describe what is stored of the schema that was *given*."""
    stored = storable(given)
    arrows = [
        UNKNOWN if was == pa.null() else str(now) for was, now in zip(given.types, stored.types, strict=True)
    ]
    return tuple(
        Column(name, column_type(arrow), arrow) for name, arrow in zip(stored.names, arrows, strict=True)
    )


def column_type(arrow: str) -> ColumnType:
    """Return what users see for Arrow's name of a type; what is neither of the others shows as text."""
    if _is_integer(arrow) or _is_decimal(arrow) or _is_float(arrow):
        return ColumnType.NUMBER
    if arrow == "bool":
        return ColumnType.BOOLEAN
    if arrow.startswith("date"):
        return ColumnType.DATE
    return ColumnType.TIMESTAMP if arrow.startswith("timestamp") else ColumnType.STRING


def unite(schemas: Sequence[tuple[Column, ...]]) -> list[UnitedColumn]:
    """Join schemas by column name, in order of first appearance, and note where they differ."""
    variants: dict[str, Counter[Column]] = {}
    for schema, count in Counter(schemas).items():
        for column in schema:
            variants.setdefault(column.name.lower(), Counter())[column] += count
    total = len(schemas)
    return [
        _united(list(counts), missing=total - counts.total(), operation_count=total)
        for counts in variants.values()
    ]


def _unused(name: str, taken: set[str]) -> str:
    if name.lower() not in taken:
        return name
    number = 2
    while f"{name}_{number}".lower() in taken:
        number += 1
    return f"{name}_{number}"


def _storable_type(kind: pa.DataType) -> pa.DataType:
    if isinstance(kind, pa.DictionaryType):
        return _storable_type(_value_type(kind))
    if isinstance(kind, pa.TimestampType):
        return pa.timestamp("us", "UTC")
    if kind in {pa.null(), pa.large_string(), pa.string_view()}:
        return pa.string()
    if isinstance(kind, pa.Decimal256Type):
        return pa.float64()
    narrow: dict[pa.DataType, pa.DataType] = {pa.float16(): pa.float32(), pa.date64(): pa.date32()}
    return narrow.get(kind, kind)


def _value_type(dictionary: Any) -> pa.DataType:
    return dictionary.value_type


def _united(columns: Sequence[Column], *, missing: int, operation_count: int) -> UnitedColumn:
    known = [column for column in columns if column.arrow != UNKNOWN] or columns
    arrows = {column.arrow: column.type for column in known}
    notes = [f"missing in {missing} of {operation_count} results"] if missing else []
    kind, sql_type = known[0].type, _sql_type_alone(known[0].arrow)
    if len(arrows) > 1:
        kind, sql_type = _common_type(arrows)
        if len(set(arrows.values())) > 1:
            seen = " and ".join(sorted({str(each) for each in arrows.values()}))
            notes.append(f"{seen} in different results, shown as {kind}")
    nested = sql_type is None and known[0].arrow.startswith(_NESTED)
    return UnitedColumn(columns[0].name, kind, sql_type, nested, "; ".join(notes) or None)


def _sql_type_alone(arrow: str) -> str | None:
    if arrow.startswith("timestamp"):
        # With a zone it would be shown in the session's; without one it stays what was stored, UTC.
        return "TIMESTAMP"
    shown_as_text = column_type(arrow) is ColumnType.STRING and not arrow.startswith(_NESTED)
    return "VARCHAR" if shown_as_text and arrow != "string" else None


def _common_type(arrows: Iterable[str]) -> tuple[ColumnType, str | None]:
    kinds = {column_type(arrow) for arrow in arrows}
    if kinds == {ColumnType.NUMBER}:
        return ColumnType.NUMBER, _widest_number(arrows)
    if kinds == {ColumnType.DATE, ColumnType.TIMESTAMP}:
        return ColumnType.TIMESTAMP, "TIMESTAMP"
    if len(kinds) == 1 and ColumnType.STRING not in kinds:
        only = next(iter(kinds))
        return only, "TIMESTAMP" if only is ColumnType.TIMESTAMP else None
    return ColumnType.STRING, "VARCHAR"


def _widest_number(arrows: Iterable[str]) -> str:
    if any(_is_float(arrow) for arrow in arrows):
        return "DOUBLE"
    decimals = [_decimal_shape(arrow) for arrow in arrows if _is_decimal(arrow)]
    if not decimals:
        return "HUGEINT" if "uint64" in arrows else "BIGINT"
    scale = max(scale for _, scale in decimals)
    whole = max(precision - scale for precision, scale in decimals)
    if any(_is_integer(arrow) for arrow in arrows):
        whole = max(whole, _INTEGER_DIGITS + ("uint64" in arrows))
    return f"DECIMAL({whole + scale}, {scale})" if whole + scale <= _DECIMAL_DIGITS else "DOUBLE"


def _is_integer(arrow: str) -> bool:
    return re.fullmatch(r"u?int\d+", arrow) is not None


def _is_float(arrow: str) -> bool:
    return arrow in {"halffloat", "float", "double"}


def _is_decimal(arrow: str) -> bool:
    return arrow.startswith("decimal")


def _decimal_shape(arrow: str) -> tuple[int, int]:
    precision, scale = re.findall(r"\d+", arrow.partition("(")[2])
    return int(precision), int(scale)
