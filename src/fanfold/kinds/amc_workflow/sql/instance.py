"""Checks the names in a query against the tables that one instance lists; there, what is missing is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError

from fanfold.kinds.amc_workflow.sql.names import unknown_columns, unknown_tables
from fanfold.kinds.amc_workflow.sql.query import parse, query_of
from fanfold.kinds.amc_workflow.sql.text import QueryText
from fanfold.sdk.kind import Finding

_WHY = {
    "unknown_table": "The instance does not list this table: it lacks the subscription, the upload, or "
    "advertising of this sort. AMC would refuse the execution.",
    "unknown_column": "The instance's table does not list this column. AMC would refuse the execution.",
}
_FIX = "Correct the name, or leave the instance out."


def inspect_names(sql: str, tables: Mapping[str, Collection[str]]) -> Sequence[Finding]:
    """Return every table and column that is not among *tables*, all in lower case, by place.

    A query that cannot be read gives nothing: the check without an instance says why.
    """
    try:
        text = QueryText(sql)
        statements = parse(text)
    except (SqlglotError, RecursionError):
        return ()
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return ()
    query = query_of(text, statements[0], tables=tables)
    found = {
        (each.rule, each.line, each.column): _of_instance(each)
        for each in (*unknown_tables(query), *unknown_columns(query))
    }
    return sorted(found.values(), key=lambda each: (each.line or 0, each.column or 0))


def _of_instance(finding: Finding) -> Finding:
    guess = finding.fix if finding.fix.startswith("Did you mean") else ""
    return replace(
        finding,
        severity="error",
        explanation=_WHY[finding.rule],
        fix=" ".join(part for part in (guess, _FIX) if part),
    )
