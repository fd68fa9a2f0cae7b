"""AMC's data types for parameters, and which JSON values they take (AMC reporting API, inputParameters)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast

_ARRAY = re.compile(r"ARRAY\s*<\s*(\w+)\s*>", re.IGNORECASE)
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INTERVAL = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?")


@dataclass(frozen=True, slots=True)
class DataType:
    """A scalar type, or an array of one."""

    name: str
    is_array: bool = False

    def __str__(self) -> str:
        return f"ARRAY<{self.name}>" if self.is_array else self.name

    def as_json(self) -> str | dict[str, Any]:
        """Return it as AMC wants it declared; arrays need both of their fields."""
        if not self.is_array:
            return self.name
        return {"type": "ARRAY", "elementDataType": self.name, "elementNullable": False}

    def fault(self, value: Any) -> str | None:
        """Return what is wrong with *value* in words that complete "… must be", None when nothing is."""
        expectation, accepts = _SCALARS[self.name]
        if not self.is_array:
            return None if accepts(value) else expectation
        if isinstance(value, list) and all(accepts(element) for element in cast("list[Any]", value)):
            return None
        return f"a list of which each element is {expectation}"


def data_type_of(declared: Any) -> DataType | None:
    """Read `STRING`, `ARRAY<STRING>` or AMC's own array object; None for what is no AMC type."""
    if isinstance(declared, Mapping):
        fields = cast("Mapping[str, Any]", declared)
        return (
            _known(str(fields.get("elementDataType", "")), is_array=True)
            if fields.get("type") == "ARRAY"
            else None
        )
    array = _ARRAY.fullmatch(str(declared).strip())
    if array:
        return _known(array.group(1), is_array=True)
    return _known(str(declared).strip(), is_array=False)


def is_date(value: Any) -> bool:
    """Whether *value* is a `YYYY-MM-DD` that exists."""
    return (
        isinstance(value, str) and _DATE.fullmatch(value) is not None and _parses(date.fromisoformat, value)
    )


def is_timestamp(value: Any) -> bool:
    """Whether *value* is a `YYYY-MM-DDTHH:MM:SS` that exists; AMC takes no offset and no `Z`."""
    matches = isinstance(value, str) and _TIMESTAMP.fullmatch(value) is not None
    return matches and _parses(datetime.fromisoformat, cast("str", value))


def _known(name: str, *, is_array: bool) -> DataType | None:
    return DataType(name.upper(), is_array=is_array) if name.upper() in _SCALARS else None


def _whole_number(bits: int) -> tuple[str, Callable[[Any], bool]]:
    bound = 1 << (bits - 1)

    def accepts(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and -bound <= value < bound

    return f"a whole number of {bits} bits", accepts


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_decimal(value: Any) -> bool:
    # A decimal may come as text, since a JSON number loses digits beyond the fifteenth.
    if isinstance(value, str):
        try:
            return Decimal(value).is_finite()
        except InvalidOperation:
            return False
    return _is_number(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_interval(value: Any) -> bool:
    return isinstance(value, str) and _INTERVAL.fullmatch(value) is not None


def _parses(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


_SCALARS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "STRING": ("text", _is_text),
    "BYTE": _whole_number(8),
    "SHORT": _whole_number(16),
    "INTEGER": _whole_number(32),
    "LONG": _whole_number(64),
    "FLOAT": ("a number", _is_number),
    "DOUBLE": ("a number", _is_number),
    "DECIMAL": ("a decimal number", _is_decimal),
    "BOOLEAN": ("true or false", lambda value: isinstance(value, bool)),
    "DATE": ("a date like 2026-01-31", is_date),
    "TIMESTAMP": ("a moment like 2026-01-31T18:00:00, without an offset", is_timestamp),
    "BINARY": ("text", _is_text),
    "CALENDAR_INTERVAL": ("an ISO 8601 duration like P7D", _is_interval),
}
