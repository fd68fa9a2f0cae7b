"""Types the text columns of a result: as AMC declares them, or as their values allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

# AMC reporting API, outputColumns; arrays, rows and intervals come as bracketed or plain text.
_TYPES: dict[str, pa.DataType] = {
    "BYTE": pa.int8(),
    "SHORT": pa.int16(),
    "INTEGER": pa.int32(),
    "LONG": pa.int64(),
    "FLOAT": pa.float64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("ms"),
}
_TEXT = "STRING"
_MOST_DIGITS = 38
_DEFAULT_SCALE = 17

# Patterns of whole values. Leading zeros are kept as text: they are codes, not numbers.
_WHOLE = r"^(0|-?[1-9]\d{0,17})$"
_FRACTION = r"^-?(0|[1-9]\d*)\.\d+([eE][+-]?\d+)?$|^(0|-?[1-9]\d{0,17})$"
_INFERRED: tuple[tuple[str, pa.DataType], ...] = (
    (_WHOLE, pa.int64()),
    (_FRACTION, pa.float64()),
    (r"^(?i:true|false)$", pa.bool_()),
    (r"^\d{4}-\d{2}-\d{2}$", pa.date32()),
    (r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z?$", pa.timestamp("ms")),
)


@dataclass(slots=True)
class Column:
    """A column and the types that its values seen so far leave possible, the narrowest first."""

    name: str
    declared: str | None
    candidates: list[pa.DataType]
    has_values: bool = False

    def see(self, values: pa.StringArray) -> None:
        """Drop the candidates that *values* rule out."""
        if values.null_count == len(values):
            return
        self.has_values = True
        while self.candidates and not self._fits(values, self.candidates[0]):
            del self.candidates[0]

    @property
    def type(self) -> pa.DataType:
        """The type to store: text when nothing narrower is certain."""
        certain = self.candidates and (self.has_values or self.declared is not None)
        return self.candidates[0] if certain else pa.string()

    @property
    def warning(self) -> str | None:
        """A sentence when the values are not what AMC declared."""
        if self.declared in {None, _TEXT} or self.candidates:
            return None
        return f"Column {self.name} holds values that are no {self.declared}; it is kept as text."

    def _fits(self, values: pa.StringArray, candidate: pa.DataType) -> bool:
        if self.declared is None:
            pattern = next(pattern for pattern, type_ in _INFERRED if type_ == candidate)
            matches = pc.match_substring_regex(values, pattern)
            if not pc.all(matches).as_py():
                return False
        try:
            cast_text(values, candidate)
        except pa.ArrowInvalid:
            return False
        return True


def columns_of(header: Sequence[str], output_columns: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Return the header's columns with the types that AMC declares for them, or open to inference."""
    declared = {str(column.get("name")).lower(): column for column in output_columns}
    return [_column(name, declared.get(name.lower())) for name in _unique(header)]


def cast_text(values: pa.StringArray, target: pa.DataType) -> pa.Array[Any]:
    """Return *values* as *target*. Raises `pa.ArrowInvalid` where one does not fit."""
    if pa.types.is_timestamp(target):
        values = pc.replace_substring_regex(values, pattern="Z$", replacement="")
    return values if target == pa.string() else values.cast(target)


def typed(batch: pa.RecordBatch, columns: Sequence[Column], *, schema: pa.Schema) -> pa.RecordBatch:
    """Return *batch* in the surveyed types."""
    arrays = {
        column.name: cast_text(text_column(batch, position), column.type)
        for position, column in enumerate(columns)
    }
    return pa.RecordBatch.from_pydict(arrays, schema=schema)


def text_column(batch: pa.RecordBatch, position: int) -> pa.StringArray:
    """Return a column of a batch of texts."""
    return cast("pa.StringArray", batch.column(position))


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """Return the schema of the surveyed columns."""
    return pa.schema([pa.field(column.name, column.type) for column in columns])


def _column(name: str, declaration: Mapping[str, Any] | None) -> Column:
    if declaration is None:
        return Column(name, None, [type_ for _, type_ in _INFERRED])
    data_type = declaration.get("dataType")
    declared = data_type.upper() if isinstance(data_type, str) else "ARRAY"
    if declared == "DECIMAL":
        return Column(name, declared, [_decimal(declaration)])
    return Column(name, declared, [_TYPES[declared]]) if declared in _TYPES else Column(name, _TEXT, [])


def _decimal(declaration: Mapping[str, Any]) -> pa.DataType:
    precision = declaration.get("precision") or _MOST_DIGITS
    scale = declaration.get("scale")
    return pa.decimal128(int(precision), _DEFAULT_SCALE if scale is None else int(scale))


def _unique(header: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name in header:
        taken = {used.lower() for used in names}
        number, candidate = 2, name or "column"
        while candidate.lower() in taken:
            candidate = f"{name or 'column'}_{number}"
            number += 1
        names.append(candidate)
    return names
