"""Why a query is refused, in the words and with the positions of AMC's validator (Apache Calcite)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Span:
    """Where a token stands: one line, first and last column, counted from 1."""

    line: int
    first_column: int
    last_column: int

    def __str__(self) -> str:
        if self.first_column == self.last_column:
            return f"At line {self.line}, column {self.first_column}"
        first, last = (
            f"line {self.line}, column {column}" for column in (self.first_column, self.last_column)
        )
        return f"From {first} to {last}"


class SqlProblem(Exception):
    """A refusal; its text is what `statusReason` shows."""

    def __init__(self, message: str, span: Span | None = None) -> None:
        super().__init__(f"{span}: {message}" if span else message)
        self.message = message
        self.span = span


def span_of(node: exp.Expr) -> Span | None:
    """Return where *node* begins, as far as its tokens are known."""
    for candidate in node.walk(bfs=False):
        meta: dict[str, Any] = candidate.meta
        if "line" in meta:
            last = int(meta["col"])
            return Span(int(meta["line"]), last - (int(meta["end"]) - int(meta["start"])), last)
    return None
