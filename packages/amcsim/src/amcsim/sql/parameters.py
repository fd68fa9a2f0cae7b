"""Declared parameters and the values given for them, put into the query as typed literals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlglot import exp

from amcsim.sql.problem import SqlProblem, span_of

_TYPES = {
    "BOOLEAN": "BOOLEAN",
    "BYTE": "TINYINT",
    "SHORT": "SMALLINT",
    "INTEGER": "INT",
    "LONG": "BIGINT",
    "FLOAT": "FLOAT",
    "DOUBLE": "DOUBLE",
    "DECIMAL": "DECIMAL(38, 9)",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP",
}
_WINDOW_EDGES = ("TIME_WINDOW_START", "TIME_WINDOW_END")


@dataclass(frozen=True, slots=True)
class Parameters:
    """AMC types of the declared parameters by name, their values, and the window for the built-in ones."""

    types: Mapping[str, str]
    values: Mapping[str, Any]
    window: tuple[datetime, datetime]
    values_required: bool = True
    """False when only the declarations matter, as for a workflow that is saved before it is run."""

    def put_in(self, tree: exp.Query) -> None:
        """Replace every parameter call in *tree*; raises SqlProblem for an undeclared or missing one."""
        for call in list(tree.find_all(exp.Anonymous)):
            name = call.name.upper()
            if name in {"CUSTOM_PARAMETER", "BUILT_IN_PARAMETER"}:
                wanted = _argument(call)
                call.replace(
                    self._custom(wanted, call) if name == "CUSTOM_PARAMETER" else self._edge(wanted, call)
                )

    def _custom(self, name: str, call: exp.Expr) -> exp.Expr:
        if name not in self.types:
            raise SqlProblem(f"Parameter '{name}' is not declared in inputParameters", span_of(call))
        value = self.values.get(name)
        if value is None and not self.values_required:
            return exp.null()
        if value is None:
            raise SqlProblem(
                f"No value was provided for parameter '{name}', and it has no default", span_of(call)
            )
        amc_type = self.types[name]
        try:
            if amc_type.startswith("ARRAY<"):
                return _array(value, amc_type[6:-1])
            return _scalar(value, amc_type)
        except ValueError as error:
            raise SqlProblem(
                f"Invalid value for parameter '{name}' of type {amc_type}: {error}", span_of(call)
            ) from error

    def _edge(self, name: str, call: exp.Expr) -> exp.Expr:
        if name not in _WINDOW_EDGES:
            raise SqlProblem(f"Unknown built-in parameter '{name}'", span_of(call))
        return timestamp(self.window[_WINDOW_EDGES.index(name)])


def timestamp(moment: datetime) -> exp.Expr:
    """Return *moment* as a literal without a zone."""
    return exp.cast(exp.Literal.string(moment.strftime("%Y-%m-%d %H:%M:%S")), "TIMESTAMP")


def _argument(call: exp.Expr) -> str:
    arguments = call.expressions
    if len(arguments) != 1 or not (isinstance(arguments[0], exp.Literal) and arguments[0].is_string):
        raise SqlProblem(f"{call.name.upper()} takes one string literal", span_of(call))
    return arguments[0].name


def _array(value: object, element_type: str) -> exp.Expr:
    if isinstance(value, str):
        text = value.strip()
        value = json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",")]
    if isinstance(value, list):
        return exp.Array(expressions=[_scalar(item, element_type) for item in cast("list[object]", value)])
    raise ValueError("expected a list")


def _scalar(value: object, amc_type: str) -> exp.Expr:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("expected a single value")  # noqa: TRY004 -- wrong content of a request, not a wrong call
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if amc_type == "BOOLEAN":
        if text.lower() not in {"true", "false"}:
            raise ValueError(f"'{text}' is neither true nor false")
    elif amc_type in {"BYTE", "SHORT", "INTEGER", "LONG"}:
        int(text)
    elif amc_type in {"FLOAT", "DOUBLE", "DECIMAL"}:
        float(text)
    elif amc_type in {"DATE", "TIMESTAMP"}:
        text = text.removesuffix("Z")
        datetime.fromisoformat(text)
    literal = exp.Literal.string(text)
    return exp.cast(literal, _TYPES[amc_type]) if amc_type in _TYPES else literal
