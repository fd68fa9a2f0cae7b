"""What an expression gives away: the facts of the columns its value is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlglot import exp

from amcsim.sql.relations import ColumnFacts

AGGREGATE_NAMES = frozenset(
    {
        "COLLECT",
        "PERCENTILE",
        "APPROX_PERCENTILE",
        "APPROX_COUNT_DISTINCT",
        "SKEWNESS",
        "KURTOSIS",
        "ANY_VALUE",
        "STDDEV_SAMP",
    }
)
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)
_PREDICATES = (exp.Predicate, exp.Connector, exp.Not)


def is_aggregate(node: exp.Expr) -> bool:
    """Return whether *node* folds rows (when it does not stand in a window)."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in AGGREGATE_NAMES
    return isinstance(node, exp.AggFunc) and not isinstance(node, _RANKS)


def walk_expression(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield *node* and everything below it, without entering nested queries."""
    yield node
    if isinstance(node, exp.Query):
        return
    for child in node.iter_expressions():
        yield from walk_expression(child)


def has_aggregate(node: exp.Expr) -> bool:
    """Return whether *node* holds an aggregate of its own SELECT."""
    if isinstance(node, exp.Query):
        return False
    if isinstance(node, exp.Window):
        inside = [*node.this.iter_expressions(), *_window_parts(node)]
        return any(has_aggregate(child) for child in inside)
    return is_aggregate(node) or any(has_aggregate(child) for child in node.iter_expressions())


class Leaves(Protocol):
    """Answers for what an expression is made of."""

    def column(self, node: exp.Column) -> ColumnFacts:
        """Return the facts of a column; raises SqlProblem when there is none of that name."""
        ...

    def query(self, node: exp.Query) -> ColumnFacts:
        """Return the facts of the value of a nested query."""
        ...


def facts_of(node: exp.Expr, leaves: Leaves) -> ColumnFacts:
    """Return the facts of the value of *node*."""
    if isinstance(node, exp.Column):
        return leaves.column(node)
    if isinstance(node, exp.Query):
        return leaves.query(node)
    if isinstance(node, (exp.Count, *_RANKS)) or _named(node, "APPROX_COUNT_DISTINCT"):
        return ColumnFacts()
    if isinstance(node, exp.Window):
        return facts_of(node.this, leaves)
    if isinstance(node, exp.If):
        return _choice(node.this, _present(node, "true", "false"), leaves=leaves)
    joined = ColumnFacts()
    for child in node.iter_expressions():
        joined = joined.joined(facts_of(child, leaves))
    return joined.as_condition() if isinstance(node, _PREDICATES) else joined


def _choice(condition: exp.Expr, values: list[exp.Expr], *, leaves: Leaves) -> ColumnFacts:
    joined = facts_of(condition, leaves).as_condition()
    for value in values:
        joined = joined.joined(facts_of(value, leaves))
    return joined


def _present(node: exp.Expr, *names: str) -> list[exp.Expr]:
    return [node.args[name] for name in names if isinstance(node.args.get(name), exp.Expr)]


def _window_parts(node: exp.Window) -> list[exp.Expr]:
    return [*(node.args.get("partition_by") or ()), *_present(node, "order")]


def _named(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() == name
