"""From text to one tree, with the parser's refusals in AMC's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from amcsim.sql.dialect import Amc
from amcsim.sql.problem import Span, SqlProblem


@dataclass(frozen=True, slots=True)
class Parsed:
    """One query; `has_tail` when a semicolon ended it, which AMC accepts and answers with a header alone."""

    tree: exp.Query
    has_tail: bool


def parse(text: str) -> Parsed:
    """Return the one query in *text*; raises SqlProblem."""
    if not text.strip():
        raise SqlProblem("The sqlQuery is empty")
    try:
        trees = [tree for tree in Amc().parse(text) if tree is not None]
    except ParseError as error:
        raise _problem(error) from error
    except TokenError as error:
        raise SqlProblem(f"Lexical error: {error}") from error
    first = (
        trees[0].expressions[0] if trees and isinstance(trees[0], exp.Block) else trees[0] if trees else None
    )
    if not isinstance(first, exp.Query):
        raise SqlProblem("Only a SELECT statement, with or without WITH, is supported")
    return Parsed(first, has_tail=_ends_with_semicolon(text))


def _ends_with_semicolon(text: str) -> bool:
    tokens = Amc().tokenize(text)
    return any(token.token_type.name == "SEMICOLON" for token in tokens)


def _problem(error: ParseError) -> SqlProblem:
    if not error.errors:
        return SqlProblem(str(error))
    first: dict[str, Any] = error.errors[0]
    line, last, found = int(first["line"]), int(first["col"]), str(first["highlight"])
    column = max(1, last - len(found) + 1)
    return SqlProblem(f'Encountered "{found}" at line {line}, column {column}.', Span(line, column, last))
