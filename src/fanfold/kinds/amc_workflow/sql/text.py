"""The query as text: its tokens, where they stand, and the semicolon that AMC does not want."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot.errors import SqlglotError
from sqlglot.tokens import Tokenizer

_LINE_END = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the query, both from 1."""

    line: int
    column: int


class QueryText:
    """A query and its tokens. Raises `SqlglotError` when it cannot be split into tokens."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.tokens = Tokenizer().tokenize(sql)
        self._lines = [0, *(found.end() for found in _LINE_END.finditer(sql))]

    def place(self, offset: int) -> Place:
        """Return where the character at *offset* stands."""
        line = bisect_right(self._lines, offset)
        return Place(line, offset - self._lines[line - 1] + 1)

    def places_of(self, *texts: str) -> Iterator[Place]:
        """Yield where these words stand one after the other."""
        wanted = [text.upper() for text in texts]
        for position in range(len(self.tokens) - len(wanted) + 1):
            window = self.tokens[position : position + len(wanted)]
            if [token.text.upper() for token in window] == wanted:
                yield self.place(window[0].start)

    @property
    def first_semicolon(self) -> int | None:
        """The offset of the first semicolon that ends a statement."""
        ends = (token.start for token in self.tokens if token.token_type.name == "SEMICOLON")
        return next(ends, None)


def without_trailing_semicolon(sql: str) -> str:
    """Return the query up to its semicolon: with one, AMC succeeds and answers a header without rows."""
    try:
        semicolon = QueryText(sql).first_semicolon
    except SqlglotError:
        semicolon = None
    return (sql if semicolon is None else sql[:semicolon]).strip()
