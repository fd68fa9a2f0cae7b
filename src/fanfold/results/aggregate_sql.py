"""Reads an aggregation with DuckDB's own parser and names all that is not allowed in it.

It is one SELECT over `results`, its own subqueries and a few functions that only compute.
Whatever is not known here is refused, so that a new kind of statement, table or expression
is none of ours until it is looked at.
This runs in the sandbox's process, for a parser is code that a text may crash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import duckdb

from fanfold.results.aggregate_functions import ALLOWED, MAKE_ROWS

LONGEST = 20_000
TABLE = "results"

_NOWHERE = 2**64 - 1
_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_TABLES = {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "PIVOT"}
_EXPRESSIONS = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
    "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW",
}  # fmt: skip
_CALLS = {"FUNCTION", "WINDOW"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udfff]")
_OPERATOR = re.compile(r"\W+")
_ONLY = "Write one SELECT over the table `results`; nothing else is run here."
_TOO_DEEP = "This is nested too deeply to be read."
_PARSE = "select json_serialize_sql($1, skip_null := true, skip_empty := true)"


@dataclass(frozen=True, slots=True)
class SqlProblem:
    """Something wrong with an aggregation, where it is known with its place, counted from 1."""

    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return (
            self.message if self.line is None else f"Line {self.line}, column {self.column}: {self.message}"
        )


def problem_at(text: str, message: str, *, offset: int | None) -> SqlProblem:
    """Return a problem at an *offset* in bytes."""
    encoded = text.encode()
    if offset is None or not 0 <= offset <= len(encoded):
        return SqlProblem(message)
    before = encoded[:offset].decode(errors="ignore")
    return SqlProblem(message, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def problems_of(session: duckdb.DuckDBPyConnection, text: str) -> list[SqlProblem]:
    """Return why *text* is not run, nothing if it may be."""
    if problem := _unreadable(text):
        return [problem]
    try:
        answer = session.execute(_PARSE, [text]).fetchone() or ("{}",)
        tree: Mapping[str, Any] = json.loads(answer[0])
        if tree.get("error", True):
            return [_unparsed(text, tree)]
        statements = tree["statements"]
        if len(statements) != 1:
            return [SqlProblem(_ONLY)]
        walk = _Walk(text, session)
        return list(dict.fromkeys(walk.look(statements[0])))
    except (RecursionError, duckdb.Error):
        return [SqlProblem(_TOO_DEEP)]


def _unreadable(text: str) -> SqlProblem | None:
    if not text.strip():
        return SqlProblem(_ONLY)
    if _HALF.search(text):
        return SqlProblem("Half a character stands here, which no text can hold.")
    if found := _CONTROL.search(text):
        # A parser may take it for the end of a text that goes on.
        return problem_at(
            text, "A control character stands here.", offset=len(text[: found.start()].encode())
        )
    if len(text) > LONGEST:
        return SqlProblem(f"An aggregation has at most {LONGEST:,} characters.")
    return None


def _unparsed(text: str, tree: Mapping[str, Any]) -> SqlProblem:
    if tree.get("error_type") != "parser":
        return SqlProblem(_ONLY)
    offset = str(tree.get("position", ""))
    message = str(tree.get("error_message", "This is not SQL")).strip().rstrip(".")
    if "expression depth" in message:
        return SqlProblem(_TOO_DEEP)
    sentence = f"{message[:1].upper()}{message[1:]}."
    return problem_at(text, sentence, offset=int(offset) if offset.isdecimal() else None)


class _Walk:
    """Goes through a statement once."""

    def __init__(self, text: str, session: duckdb.DuckDBPyConnection) -> None:
        self._text = text
        taken = session.execute("select lower(view_name) from duckdb_views() where internal").fetchall()
        self._taken = {str(name) for (name,) in taken}
        self._tables = {TABLE}

    def look(self, statement: Any) -> Iterator[SqlProblem]:
        for name in _defined(statement):
            if name in self._taken or name == TABLE:
                yield SqlProblem(f"A subquery cannot be called {name}: give it another name.")
            self._tables.add(name)
        yield from self._any(statement)

    def _any(self, node: Any) -> Iterator[SqlProblem]:
        if isinstance(node, list):
            for each in cast("list[Any]", node):
                yield from self._any(each)
        elif isinstance(node, dict):
            found = cast("dict[str, Any]", node)
            yield from self._node(found)
            yield from self._children(found)

    def _children(self, node: Mapping[str, Any]) -> Iterator[SqlProblem]:
        called = node.get("function") if node.get("type") == "TABLE_FUNCTION" else None
        for name, each in node.items():
            if name == "literal":
                # A value, whatever its keys say.
                continue
            if each is called and isinstance(each, dict):
                # Whether it may stand here is said; its arguments are looked at as all others.
                yield from self._any(cast("dict[str, Any]", each).get("arguments"))
            else:
                yield from self._any(each)

    def _node(self, node: Mapping[str, Any]) -> Iterator[SqlProblem]:
        kind, expression = node.get("type"), node.get("class")
        if expression is not None:
            yield from self._expression(node, str(expression))
        elif isinstance(kind, str) and kind.endswith("_NODE"):
            if kind not in _NODES:
                yield self._problem(node, _ONLY)
        elif isinstance(kind, str) and ("query_location" in node or kind in _TABLES or kind.endswith("_REF")):
            yield from self._table(node, kind)

    def _expression(self, node: Mapping[str, Any], kind: str) -> Iterator[SqlProblem]:
        if kind == "PARAMETER":
            yield self._problem(node, "There are no values for placeholders here.")
        elif kind not in _EXPRESSIONS:
            yield self._problem(node, f"This kind of expression ({kind.lower()}) is not run here.")
        elif kind in _CALLS:
            path = _path(node)
            if len(path) != 1 or not (_OPERATOR.fullmatch(path[0]) or path[0] in ALLOWED):
                yield self._problem(node, f"The function {'.'.join(path)} cannot be used here.")

    def _table(self, node: Mapping[str, Any], kind: str) -> Iterator[SqlProblem]:
        if kind not in _TABLES:
            yield self._problem(node, _ONLY)
        elif kind == "BASE_TABLE":
            path = _path(node)
            if len(path) != 1 or path[0] not in self._tables:
                yield self._problem(node, f"There is no table {'.'.join(path)}: the rows are in `results`.")
        elif kind == "TABLE_FUNCTION":
            path = _path(node.get("function") or {})
            if len(path) != 1 or path[0] not in MAKE_ROWS:
                yield self._problem(node, f"The function {'.'.join(path)} cannot be used here.")

    def _problem(self, node: Mapping[str, Any], message: str) -> SqlProblem:
        offset = node.get("query_location", _NOWHERE)
        return problem_at(self._text, message, offset=None if offset == _NOWHERE else int(offset))


def _path(node: Mapping[str, Any]) -> list[str]:
    """Return the name of a table or function, with what it is qualified by."""
    qualified = cast("dict[str, Any]", node.get("qualified_name") or {})
    return [str(each).lower() for each in cast("list[Any]", qualified.get("path") or ["?"])]


def _defined(node: Any) -> Iterator[str]:
    """Yield the names of all subqueries of `with`."""
    if isinstance(node, list):
        for each in cast("list[Any]", node):
            yield from _defined(each)
    elif isinstance(node, dict):
        found = cast("dict[str, Any]", node)
        named = cast("dict[str, Any]", found.get("cte_map") or {})
        for entry in cast("list[dict[str, Any]]", named.get("map") or []):
            yield str(entry["key"]).lower()
        for name, each in found.items():
            if name != "literal":
                yield from _defined(each)
