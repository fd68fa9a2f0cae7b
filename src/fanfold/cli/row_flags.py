"""Which rows of a batch a command is about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from fanfold.client.errors import BadInput
from fanfold.client.results import AsyncResults, Filter, RowsAsked

_CONDITION = re.compile(
    r"(?P<column>.+?)\s*(?P<sign>!=|<=|>=|=|<|>|~| is not null$| is null$| in )(?P<rest>.*)"
)
_OPS = {
    "=": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "~": "contains",
    "in": "in",
    "is null": "is_null",
    "is not null": "not_null",
}
_PLAIN = {"number", "boolean"}


class RowsForm(StrEnum):
    """A file with all rows."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"
    PARQUET = "parquet"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class RowFlags:
    """All rows by default."""

    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Only rows like 'cost>10', 'brand=Acme', 'name~shoe', 'day in 2026-01-01,2026-01-02', "
            "'cost is null'; repeat, all must hold.",
        ),
    ] = None
    columns: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Only these columns, with commas between.")
    ] = None
    sort: Annotated[str | None, typer.Option(help="A column; -COLUMN for descending.")] = None
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out rows that the result store has lost.")
    ] = False

    aggregate: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Show the answer of this SELECT over `results` instead: SQL, a file with it, "
            "or `saved` for that of the batch's workflow.",
        ),
    ] = None

    async def conditions(self, results: AsyncResults) -> list[Filter]:
        """Return the conditions; the columns' types say what their values are."""
        if not self.where:
            return []
        types = {column.name.lower(): column.type for column in (await results.page(limit=1)).columns}
        return [condition(text, types) for text in self.where]

    async def asked(self, results: AsyncResults) -> RowsAsked:
        """Return what was said."""
        asked: RowsAsked = {"where": await self.conditions(results), "sort": self.sort}
        if self.columns:
            asked["columns"] = listed(self.columns)
        if self.aggregate:
            asked["aggregate"] = sql_of(self.aggregate)
        if self.skip_missing:
            asked["skip_missing"] = True
        return asked


def sql_of(given: str) -> str:
    """Return the SQL that is *given*, or the text of the file that it names. Raises `BadInput`."""
    if not given.endswith(".sql"):
        return given
    try:
        return Path(given).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(400, f"{given} cannot be read: {error}.") from error


def listed(text: str | None) -> list[str]:
    """Return the names in *text*, which are parted by commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def condition(text: str, types: dict[str, str]) -> dict[str, Any]:
    """Return the filter that *text* stands for. Raises `BadInput`."""
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise BadInput(400, f"--where {text!r}: give COLUMN=VALUE, or one of != < <= > >= ~ in, is null.")
    column, op = found["column"].strip(), _OPS[found["sign"].strip()]
    if op in {"is_null", "not_null"}:
        return {"column": column, "op": op}
    kind, rest = types.get(column.lower(), ""), found["rest"].strip()
    value = [_value(each, kind) for each in listed(rest)] if op == "in" else _value(rest, kind)
    return {"column": column, "op": op, "value": value}


def _value(text: str, kind: str) -> Any:
    if kind not in _PLAIN:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
