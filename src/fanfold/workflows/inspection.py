"""Asks the kind what it thinks of a query; errors refuse it, with line and column."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from fanfold.catalog.catalog import Catalog
from fanfold.results.aggregate_sql import SqlProblem
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding
from fanfold.workflows.model import KIND, Parameter

_TOO_DEEP = Finding(
    rule="nesting",
    severity="error",
    message="The query is nested too deeply to be read.",
    explanation="Every bracket and every inner query is one level.",
    fix="Move inner queries into WITH.",
)


_AT_ONCE = 2
_REMEMBERED = 256


class Inspector:
    """Reads queries off the event loop, a few at a time: a long one takes seconds.

    What was read is remembered, for a saved query is looked at again with every batch that runs it.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._known: OrderedDict[bytes, Sequence[Finding]] = OrderedDict()

    async def inspect(self, sql_query: str, *, parameters: Sequence[Parameter]) -> Sequence[Finding]:
        """Return what the kind finds."""
        definition = {"sql_query": sql_query, "parameters": [parameter.as_json() for parameter in parameters]}
        key = hashlib.sha256(json.dumps(definition, default=str).encode()).digest()
        if key not in self._known:
            async with self._turns:
                self._known[key] = await asyncio.to_thread(self._inspected, definition)
        self._known.move_to_end(key)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[key]

    def _inspected(self, definition: dict[str, Any]) -> Sequence[Finding]:
        try:
            return self._catalog.kind(KIND).inspect(definition)
        except RecursionError:
            return [_TOO_DEEP]


def in_aggregate(problem: SqlProblem) -> Finding:
    """Return what is wrong with an aggregation as a finding, so that it is shown as all others."""
    return Finding("aggregate", "error", problem.message, problem.line, problem.column)


def refusals(findings: Sequence[Finding], *, pointer: str) -> list[Problem]:
    """Return the errors among the findings as problems of the request's part at *pointer*."""
    return [Problem(pointer, _sentence(finding)) for finding in findings if finding.severity == "error"]


def _sentence(finding: Finding) -> str:
    place = "" if finding.line is None else f"Line {finding.line}, column {finding.column}: "
    return " ".join(part for part in (place + finding.message, finding.fix) if part)
