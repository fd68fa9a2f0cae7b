"""Queries with their values in them, for what takes none: a view."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from fanfold.results.duck import VALUE, Query


def spelled(query: Query) -> str:
    """Return a query's text with its values in it."""

    def value(found: re.Match[str]) -> str:
        return found[0] if found[1] is None else literal(query.values[found[1]])

    return VALUE.sub(value, query.text)


def literal(value: Any) -> str:
    """Return *value* as DuckDB writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(each) for each in cast('Sequence[Any]', value))}]"
    return quoted(str(value), "'")


def quoted(text: str, mark: str = '"') -> str:
    """Return *text* between marks: a name, or with single ones a text."""
    return mark + text.replace(mark, mark * 2) + mark
