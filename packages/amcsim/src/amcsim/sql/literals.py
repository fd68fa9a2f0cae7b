"""JSON values as typed literals of SQL, by AMC's name of the declared type."""

from __future__ import annotations

import json
from datetime import datetime
from typing import cast

_TYPES = {
    "BINARY": "BLOB",
    "BOOLEAN": "BOOLEAN",
    "BYTE": "TINYINT",
    "SHORT": "SMALLINT",
    "INTEGER": "INTEGER",
    "LONG": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DECIMAL": "DECIMAL(38, 9)",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
}
_WHOLE = {"BYTE": 8, "SHORT": 16, "INTEGER": 32, "LONG": 64}


def literal_of(value: object, amc_type: str) -> str:
    """Return the literal of *value*; raises ValueError when it is not of that type."""
    if amc_type.startswith("ARRAY<"):
        return _array(value, amc_type[6:-1])
    return _scalar(value, amc_type)


def timestamp_of(moment: datetime) -> str:
    """Return *moment* as a literal without a zone."""
    return f"CAST('{moment.strftime('%Y-%m-%d %H:%M:%S')}' AS TIMESTAMP)"


def _array(value: object, element_type: str) -> str:
    element = _TYPES.get(element_type, "VARCHAR")
    if value is None:
        return f"CAST(NULL AS {element}[])"
    if isinstance(value, str):
        text = value.strip()
        value = json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",")]
    if isinstance(value, list):
        items = [_scalar(item, element_type) for item in cast("list[object]", value)]
        return f"CAST([{', '.join(items)}] AS {element}[])"
    raise ValueError("expected a list")


def _scalar(value: object, amc_type: str) -> str:
    named = _TYPES.get(amc_type, "VARCHAR")
    if value is None:
        return f"CAST(NULL AS {named})"
    if not isinstance(value, str | int | float | bool):
        raise ValueError("expected a single value")  # noqa: TRY004 -- wrong content of a request, not a wrong call
    text = _checked(value, amc_type).replace("'", "''")
    return f"CAST('{text}' AS {named})" if amc_type in _TYPES else f"'{text}'"


def _checked(value: str | float, amc_type: str) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if amc_type == "BOOLEAN" and text.lower() not in {"true", "false"}:
        raise ValueError(f"'{text}' is neither true nor false")
    if amc_type in _WHOLE and not -(2 ** (_WHOLE[amc_type] - 1)) <= int(text) < 2 ** (_WHOLE[amc_type] - 1):
        raise ValueError(f"'{text}' does not fit")
    if amc_type in {"FLOAT", "DOUBLE", "DECIMAL"}:
        float(text)
    if amc_type in {"DATE", "TIMESTAMP"}:
        text = text.removesuffix("Z")
        datetime.fromisoformat(text)
    return text
