"""The way of a query: parse, refuse, resolve, rewrite. Pure; the binding to types is DuckDB's and comes
after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlglot import exp

from amcsim.catalogue import Sensitivity, Table
from amcsim.sql.analysis import analyse
from amcsim.sql.compiled import Compiled, OutputFacts
from amcsim.sql.forbidden import refuse_forbidden
from amcsim.sql.functions import map_functions, refuse_unknown_functions
from amcsim.sql.parameters import Parameters
from amcsim.sql.parse import Parsed, parse
from amcsim.sql.problem import Span, SqlProblem, span_of
from amcsim.sql.relations import Analysis
from amcsim.sql.users import carry_users
from amcsim.sql.windows import put_window


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileOptions:
    """What decides how a text is read besides the text."""

    now: datetime
    trailing_semicolon: Literal["header_only", "strip"] = "header_only"
    aggregation_controls: bool = True
    user_count_column: str | None = None


def compile_query(
    text: str, tables: Mapping[str, Table], *, parameters: Parameters, options: CompileOptions
) -> Compiled:
    """Return *text* for DuckDB, or raise SqlProblem with AMC's reason for refusing it."""
    parsed = parse(text)
    tree = parsed.tree
    refuse_forbidden(tree)
    analysis = analyse(tree, tables)
    refuse_unknown_functions(tree)
    if options.aggregation_controls:
        _refuse_raw_output(tree, analysis)
    parameters.put_in(tree)
    for use in analysis.uses:
        put_window(use, parameters.window)
    map_functions(tree, today=options.now.strftime("%Y-%m-%d"), now=options.now.strftime("%Y-%m-%d %H:%M:%S"))
    ordered = bool(tree.args.get("order"))
    tree = carry_users(tree, analysis)
    return _compiled(tree, analysis, parsed, ordered=ordered, options=options)


def _refuse_raw_output(tree: exp.Query, analysis: Analysis) -> None:
    for name, facts in analysis.output.columns.values():
        if not facts.sensitivity.shown:
            threshold = f"has aggregation threshold {facts.sensitivity.name}"
            raise SqlProblem(
                f"Column '{name}' {threshold} and cannot be part of the output", _span_of_output(tree, name)
            )
    if analysis.output.has_users and not analysis.output.aggregated:
        raise SqlProblem("The query must contain at least one aggregate function", span_of(tree))


def _span_of_output(tree: exp.Query, name: str) -> Span | None:
    return next((span_of(item) for item in tree.selects if item.alias_or_name == name), None)


def _compiled(
    tree: exp.Query, analysis: Analysis, parsed: Parsed, *, ordered: bool, options: CompileOptions
) -> Compiled:
    columns = analysis.output.columns.values()
    strictest = max((facts.sensitivity for _, facts in columns), default=Sensitivity.NONE)
    return Compiled(
        sql=tree.sql(dialect="duckdb", identify=True),
        columns=tuple(OutputFacts(name, facts.metric) for name, facts in columns),
        has_users=analysis.output.has_users,
        users_needed=strictest.users_needed if options.aggregation_controls else 0,
        ordered=ordered,
        shows_rows=not (parsed.has_tail and options.trailing_semicolon == "header_only"),
        user_count_column=options.user_count_column,
    )
