"""Checks a query from its text to its last rule and returns what it found, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from fanfold.kinds.amc_workflow.definition import Parameter
from fanfold.kinds.amc_workflow.sql.costs import COSTS
from fanfold.kinds.amc_workflow.sql.declared import check_declared, check_read
from fanfold.kinds.amc_workflow.sql.disclosure import sensitive_comparison, sensitive_output
from fanfold.kinds.amc_workflow.sql.names import unknown_columns, unknown_tables
from fanfold.kinds.amc_workflow.sql.query import Explanation, Query, parse, query_of
from fanfold.kinds.amc_workflow.sql.refused import REFUSED
from fanfold.kinds.amc_workflow.sql.text import Place, QueryText
from fanfold.sdk.kind import Finding

_SYNTAX = Explanation("syntax", "The query cannot be read as SQL.", "Correct it at the place that is named.")
_EMPTY = Explanation("empty", "There is nothing to run.", "Write a query.")
_SELECT_ONLY = Explanation("not_a_query", "AMC runs queries only.", "Begin with SELECT or WITH.")
_ONE_STATEMENT = Explanation(
    "one_statement", "A workflow is one query; AMC ignores what stands behind it.", "Remove all but one."
)
_SEMICOLON = Explanation(
    "trailing_semicolon",
    "With a semicolon at its end AMC may succeed and answer no rows at all.",
    "Nothing: it is taken off before the query is sent.",
    severity="warning",
)
_TOO_DEEP = Explanation(
    "nesting", "It cannot be checked, and AMC is unlikely to take it.", "Split it with WITH."
)
_RULES = (*REFUSED, sensitive_output, sensitive_comparison, unknown_tables, unknown_columns, *COSTS)


def inspect_query(sql: str, declared: Sequence[Parameter]) -> Sequence[Finding]:
    """Return everything found; a query that cannot be parsed is not looked at further."""
    try:
        findings = [*check_declared(declared), *_findings(sql, declared)]
    except RecursionError:
        findings = [_TOO_DEEP.found("The query is nested too deeply.")]
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))


def _findings(sql: str, declared: Sequence[Parameter]) -> Iterator[Finding]:
    try:
        text = QueryText(sql)
        statements = parse(text)
    except SqlglotError as error:
        yield _syntax_finding(error)
        return
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        yield _shape_finding(text, statements)
        return
    if text.first_semicolon is not None:
        yield _SEMICOLON.found("The semicolon is taken off.", text.place(text.first_semicolon))
    query = query_of(text, statements[0])
    yield from check_read(query, declared)
    yield from _once(query)


def _once(query: Query) -> Iterator[Finding]:
    seen: set[tuple[str, int | None, int | None]] = set()
    for rule in _RULES:
        for finding in rule(query):
            key = (finding.rule, finding.line, finding.column)
            if key not in seen:
                seen.add(key)
                yield finding


def _shape_finding(text: QueryText, statements: Sequence[exp.Expr]) -> Finding:
    if not statements:
        return _EMPTY.found("The query is empty.")
    if len(statements) > 1:
        semicolon = text.first_semicolon
        return _ONE_STATEMENT.found(
            f"There are {len(statements)} statements.", None if semicolon is None else text.place(semicolon)
        )
    return _SELECT_ONLY.found("This is not a query.", Place(1, 1))


def _syntax_finding(error: SqlglotError) -> Finding:
    if isinstance(error, ParseError) and error.errors:
        first = error.errors[0]
        highlight = first.get("highlight") or ""
        # The parser names the last character of the word that it stumbled over.
        place = Place(int(first["line"]), max(1, int(first["col"]) - len(highlight) + 1))
        near = f" near {highlight!r}" if highlight else ""
        return _SYNTAX.found(f"{_plain(str(first['description']))}{near}.", place)
    return _SYNTAX.found(f"{_plain(str(error))}.")


def _plain(description: str) -> str:
    """Take the parser's class names out of its words."""
    return description.split(" for <class", maxsplit=1)[0].rstrip(". ")
