"""The way of a query: parse, refuse, resolve, rewrite. Pure; the binding to types is DuckDB's and comes
after.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from amcsim.catalogue import Table
from amcsim.sql.analysis import analyse
from amcsim.sql.compiled import OutputFacts, Prepared
from amcsim.sql.forbidden import refuse_forbidden
from amcsim.sql.functions import compare_as_text, map_functions
from amcsim.sql.grammar import refuse_parts
from amcsim.sql.holes import Holes, mark_for
from amcsim.sql.options import SqlOptions
from amcsim.sql.parameters import put_parameters
from amcsim.sql.parse import Parsed, parse
from amcsim.sql.problem import Span, SqlProblem, span_of
from amcsim.sql.relations import Analysis, ColumnFacts, hidden_name
from amcsim.sql.signatures import refuse_unknown_functions
from amcsim.sql.users import carry_users
from amcsim.sql.windows import put_window


def compile_query(
    text: str,
    tables: Mapping[str, Table],
    *,
    types: Mapping[str, str],
    options: SqlOptions,
    controls: bool = True,
    keys_as_text: bool = False,
) -> Prepared:
    """Return *text* for DuckDB, or raise SqlProblem with AMC's reason for refusing it.

    *types* are the AMC types of the declared parameters; without *controls* any output may be shown.
    With *keys_as_text* what is sought among the rows of a query is compared with them as text.
    """
    try:
        return _compiled(
            text, tables, types=types, options=options, controls=controls, keys_as_text=keys_as_text
        )
    except RecursionError as error:
        raise SqlProblem("The query is nested too deeply") from error


def _compiled(
    text: str,
    tables: Mapping[str, Table],
    *,
    types: Mapping[str, str],
    options: SqlOptions,
    controls: bool,
    keys_as_text: bool,
) -> Prepared:
    parsed = parse(text)
    tree = parsed.tree
    warnings = refuse_forbidden(tree, options)
    refuse_unknown_functions(tree)
    refuse_parts(tree, varchars=options.varchar_casts == "accept")
    analysis = analyse(tree, tables, options=options)
    if controls:
        _refuse_raw_output(tree, analysis)
    holes = Holes(types, mark_for(text))
    put_parameters(tree, holes)
    ordered = bool(tree.args.get("order"))
    tree = carry_users(tree, analysis)
    for use in analysis.uses:
        put_window(use, holes)
    map_functions(tree, holes=holes, options=options)
    if keys_as_text:
        compare_as_text(tree)
    return Prepared(
        template=holes.template(tree.sql(dialect="duckdb", identify=True)),
        columns=tuple(_output(name, facts, analysis) for name, facts in analysis.output.columns.values()),
        has_users=analysis.output.has_users,
        ordered=ordered,
        shows_rows=_shows_rows(parsed, options),
        tables=frozenset(use.table.name for use in analysis.uses),
        origin=_origin(analysis.output.origins, analysis),
        options=options,
        warnings=warnings,
    )


def _refuse_raw_output(tree: exp.Query, analysis: Analysis) -> None:
    for name, facts in analysis.output.columns.values():
        if not facts.sensitivity.shown:
            threshold = f"has aggregation threshold {facts.sensitivity.name}"
            raise SqlProblem(
                f"Column '{name}' {threshold} and cannot be part of the output", _span_of_output(tree, name)
            )
    for place, facts in analysis.borrowed:
        if facts.sensitivity.users_needed > 1:
            raise SqlProblem(
                f"A sub-query among the values of a SELECT cannot show what has aggregation threshold "
                f"{facts.sensitivity.name}; read it in FROM",
                span_of(place),
            )
    if analysis.output.has_users and not analysis.output.aggregated:
        raise SqlProblem("The query must contain at least one aggregate function", span_of(tree))


def _span_of_output(tree: exp.Query, name: str) -> Span | None:
    return next((span_of(item) for item in tree.selects if item.alias_or_name == name), None)


def _output(name: str, facts: ColumnFacts, analysis: Analysis) -> OutputFacts:
    return OutputFacts(
        name,
        metric=facts.metric,
        users_needed=facts.sensitivity.users_needed,
        summed=facts.summed,
        users=hidden_name(name) if facts.counted else None,
        origin=_origin(facts.origins, analysis),
    )


def _origin(origins: frozenset[int], analysis: Analysis) -> str:
    """Return the data source of a value as reasons name it: the first one, and which of how many it is."""
    reads = [number for number, use in enumerate(analysis.uses) if use.table.has_users]
    found = next((number for number in sorted(origins) if number in reads), None)
    if found is None:
        return ""
    name = f"'{analysis.uses[found].table.name}'"
    return name if len(reads) == 1 else f"{name} (path {reads.index(found) + 1} of {len(reads)})"


def _shows_rows(parsed: Parsed, options: SqlOptions) -> bool:
    return not (parsed.has_tail and options.trailing_semicolon == "header_only")
