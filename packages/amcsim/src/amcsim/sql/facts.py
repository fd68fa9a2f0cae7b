"""What an expression gives away: the facts of the columns its value is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from amcsim.sql.relations import ColumnFacts

AGGREGATE_NAMES = frozenset(
    "COLLECT PERCENTILE APPROX_PERCENTILE APPROX_COUNT_DISTINCT SKEWNESS KURTOSIS ANY_VALUE STDDEV_SAMP".split()
)
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)
_PREDICATES = (exp.Predicate, exp.Connector, exp.Not)


def is_aggregate(node: exp.Expression) -> bool:
    """Return whether *node* folds rows (when it does not stand in a window)."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in AGGREGATE_NAMES
    return isinstance(node, exp.AggFunc) and not isinstance(node, _RANKS)


def walk_expression(node: exp.Expression) -> Iterator[exp.Expression]:
    """Yield *node* and everything below it, without entering nested queries."""
    yield node
    if isinstance(node, exp.Query):
        return
    for child in node.iter_expressions():
        yield from walk_expression(child)


def has_aggregate(node: exp.Expression) -> bool:
    """Return whether *node* holds an aggregate of its own SELECT."""
    if isinstance(node, exp.Query):
        return False
    if isinstance(node, exp.Window):
        inside = [*node.this.iter_expressions(), *_window_parts(node)]
        return any(has_aggregate(child) for child in inside)
    return is_aggregate(node) or any(has_aggregate(child) for child in node.iter_expressions())


def facts_of(
    node: exp.Expression,
    column: Callable[[exp.Column], ColumnFacts],
    query: Callable[[exp.Query], ColumnFacts],
) -> ColumnFacts:
    """Return the facts of the value of *node*; *column* and *query* answer for the leaves."""
    if isinstance(node, exp.Column):
        return column(node)
    if isinstance(node, exp.Query):
        return query(node)
    if isinstance(node, (exp.Count, *_RANKS)) or _named(node, "APPROX_COUNT_DISTINCT"):
        return ColumnFacts()
    if isinstance(node, exp.Window):
        return facts_of(node.this, column, query)
    if isinstance(node, exp.If):
        return _choice(node.this, _present(node, "true", "false"), column, query)
    joined = ColumnFacts()
    for child in node.iter_expressions():
        joined = joined.joined(facts_of(child, column, query))
    return joined.as_condition() if isinstance(node, _PREDICATES) else joined


def _choice(
    condition: exp.Expression,
    values: list[exp.Expression],
    column: Callable[[exp.Column], ColumnFacts],
    query: Callable[[exp.Query], ColumnFacts],
) -> ColumnFacts:
    joined = facts_of(condition, column, query).as_condition()
    for value in values:
        joined = joined.joined(facts_of(value, column, query))
    return joined


def _present(node: exp.Expression, *names: str) -> list[exp.Expression]:
    return [node.args[name] for name in names if isinstance(node.args.get(name), exp.Expression)]


def _window_parts(node: exp.Window) -> list[exp.Expression]:
    return [*(node.args.get("partition_by") or ()), *_present(node, "order")]


def _named(node: exp.Expression, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == name
