"""From text to one tree, with the parser's refusals in AMC's words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlglot import exp
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from amcsim.sql.dialect import Amc
from amcsim.sql.grammar import refuse_tokens
from amcsim.sql.problem import Span, SqlProblem


@dataclass(frozen=True, slots=True)
class Parsed:
    """One query; `has_tail` when a semicolon ended it, whatever follows, which AMC accepts and answers with a
    header alone.
    """

    tree: exp.Query
    has_tail: bool


def parse(text: str) -> Parsed:
    """Return the one query in *text*; raises SqlProblem."""
    if not text.strip():
        raise SqlProblem("The sqlQuery is empty")
    every = _tokens(text)
    tokens = list(takewhile(lambda token: token.token_type is not TokenType.SEMICOLON, every))
    if not tokens:
        raise SqlProblem("The sqlQuery is empty")
    refuse_tokens(tokens)
    try:
        trees = [tree for tree in Amc().parser().parse(tokens, text) if tree is not None]
    except ParseError as error:
        raise _problem(error, tokens) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise SqlProblem("Only a SELECT statement, with or without WITH, is supported")
    return Parsed(trees[0], has_tail=len(tokens) < len(every))


def _tokens(text: str) -> list[Token]:
    try:
        return list(Amc().tokenize(text))
    except TokenError as error:
        lines = text.splitlines()
        place = f"line {len(lines)}, column {len(lines[-1])}"
        raise SqlProblem(f'Lexical error at {place}.  Encountered: "<EOF>"') from error


def _problem(error: ParseError, tokens: list[Token]) -> SqlProblem:
    if not error.errors:
        return SqlProblem(str(error))
    first: dict[str, Any] = error.errors[0]
    line, last, found = int(first["line"]), int(first["col"]), str(first["highlight"])
    column = max(1, last - len(found) + 1)
    at_end = (line, last) == (tokens[-1].line, tokens[-1].col)
    if at_end and not str(first["description"]).startswith("Invalid expression"):
        # sqlglot names the last token it understood, AMC's parser the one it missed
        found, column = "<EOF>", last
    return SqlProblem(f'Encountered "{found}" at line {line}, column {column}.', Span(line, column, last))
