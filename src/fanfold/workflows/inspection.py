"""Asks the kind what it thinks of a query; errors refuse it, with line and column."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from fanfold.catalog.catalog import Catalog
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


class Inspector:
    """Reads queries off the event loop, a few at a time: a long one takes seconds."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def inspect(self, sql_query: str, *, parameters: Sequence[Parameter]) -> Sequence[Finding]:
        """Return what the kind finds."""
        declared = [parameter.as_json() for parameter in parameters]
        async with self._turns:
            return await asyncio.to_thread(self._inspected, {"sql_query": sql_query, "parameters": declared})

    def _inspected(self, definition: dict[str, Any]) -> Sequence[Finding]:
        try:
            return self._catalog.kind(KIND).inspect(definition)
        except RecursionError:
            return [_TOO_DEEP]


def refusals(findings: Sequence[Finding], *, pointer: str) -> list[Problem]:
    """Return the errors among the findings as problems of the request's part at *pointer*."""
    return [Problem(pointer, _sentence(finding)) for finding in findings if finding.severity == "error"]


def _sentence(finding: Finding) -> str:
    place = "" if finding.line is None else f"Line {finding.line}, column {finding.column}: "
    return " ".join(part for part in (place + finding.message, finding.fix) if part)
