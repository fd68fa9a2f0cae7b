"""What an expression gives away: the facts of the columns its value is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from sqlglot import exp

from amcsim.catalogue import Sensitivity
from amcsim.sql.relations import CONSTANT, NOTHING, ColumnFacts

_FOLDING = frozenset(
    {"COLLECT", "PERCENTILE", "APPROX_PERCENTILE", "APPROX_COUNT_DISTINCT", "SKEWNESS", "KURTOSIS"}
)
_RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank)
SHIFTS = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
_CHAINS = (exp.And, exp.Or, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.Like, exp.SimilarTo, exp.In, exp.Between, exp.Nullif),
)
_COMPARING_CALLS = frozenset({"CONTAINED_IN", "ARRAY_CONTAINS"})
_SEARCHING_CALLS = frozenset({"CHARINDEX", "INSTR", "LOCATE", "REGEXP_SPLIT", "REGEXP_SUBSTR", "STRPOS"})
_SEARCHES = (exp.StrPosition, exp.Greatest, exp.Least)
_ALTERNATIVES = (exp.Coalesce, exp.Greatest, exp.Least, exp.Nvl2)
_PREDICATES = (exp.Predicate, exp.Connector, exp.Not)


class Leaves(Protocol):
    """Answers for what an expression is made of."""

    @property
    def has_users(self) -> bool:
        """Whether the rows looked at stand for users."""
        ...

    def column(self, node: exp.Column) -> ColumnFacts:
        """Return the facts of a column; raises SqlProblem when there is none of that name."""
        ...

    def query(self, node: exp.Query) -> ColumnFacts:
        """Return the facts of the value of a nested query."""
        ...

    def compare(self, sides: Sequence[tuple[exp.Expr, ColumnFacts]]) -> None:
        """Raise SqlProblem when these must not be compared."""
        ...


def is_aggregate(node: exp.Expr) -> bool:
    """Return whether *node* folds rows (when it does not stand in a window)."""
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in _FOLDING
    return isinstance(node, exp.AggFunc) and not isinstance(node, (*_RANKS, *SHIFTS))


def walk_expression(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield *node* and everything below it in the order of the text, without entering nested queries."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if not isinstance(found, exp.Query):
            waiting += reversed(list(found.iter_expressions()))


def own_aggregates(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the outermost aggregates of *node* that fold the rows of its own SELECT."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, exp.Query):
            continue
        if isinstance(found, exp.Window):
            waiting += [*found.this.iter_expressions(), *_window_parts(found)]
        elif is_aggregate(found):
            yield found
        else:
            waiting += reversed(list(found.iter_expressions()))


def has_aggregate(node: exp.Expr) -> bool:
    """Return whether *node* holds an aggregate of its own SELECT."""
    return next(own_aggregates(node), None) is not None


def facts_of(node: exp.Expr, leaves: Leaves) -> ColumnFacts:
    """Return the facts of the value of *node*."""
    leaf = _of_leaf(node, leaves)
    if leaf is not None:
        return leaf
    if isinstance(node, exp.Window):
        return _of_window(node, leaves)
    if is_aggregate(node):
        return _of_aggregate(node, leaves)
    if isinstance(node, exp.Case | exp.If):
        return _of_choice(node, leaves)
    joined = _of_parts(node, leaves)
    return joined.as_condition() if isinstance(node, _PREDICATES) else joined


def _of_leaf(node: exp.Expr, leaves: Leaves) -> ColumnFacts | None:
    if isinstance(node, exp.Column):
        return leaves.column(node)
    if isinstance(node, exp.Query):
        return leaves.query(node)
    if isinstance(node, exp.Literal | exp.Boolean):
        return CONSTANT
    return NOTHING if isinstance(node, exp.DataType) else None


def _of_parts(node: exp.Expr, leaves: Leaves) -> ColumnFacts:
    if isinstance(node, _CHAINS):
        # as deep as it is long in the tree, and a thousand names joined by OR are nothing unusual
        return _joined(facts_of(part, leaves) for part in _links(node))
    parts = [(child, facts_of(child, leaves)) for child in node.iter_expressions()]
    if isinstance(node, _COMPARISONS) or _named(node, _COMPARING_CALLS):
        leaves.compare(parts)
    elif isinstance(node, _SEARCHES) or _named(node, _SEARCHING_CALLS):
        # to look for a text in an id is to compare it; to cut a region out of a postal code is not
        leaves.compare([part for part in parts if part[1].constant or not part[1].sensitivity.shown])
    join = _either if isinstance(node, _ALTERNATIVES) else _joined
    return join(facts for _, facts in parts)


def _joined(parts: Iterable[ColumnFacts]) -> ColumnFacts:
    joined = NOTHING
    for part in parts:
        joined = joined.joined(part)
    return joined


def _either(parts: Iterable[ColumnFacts]) -> ColumnFacts:
    chosen = NOTHING
    for part in parts:
        chosen = chosen.or_else(part)
    return chosen


def _links(node: exp.Expr) -> list[exp.Expr]:
    links: list[exp.Expr] = []
    while isinstance(node, _CHAINS):
        links.append(node.expression)
        node = node.this
    return [node, *reversed(links)]


def _of_window(node: exp.Window, leaves: Leaves) -> ColumnFacts:
    for part in _window_parts(node):
        facts_of(part, leaves)
    facts = facts_of(node.this, leaves)
    # a value over a window speaks of other rows' users too
    if isinstance(node.this, _RANKS) or not leaves.has_users:
        return facts.as_dimension()
    return facts.as_dimension().apart()


def _of_aggregate(node: exp.Expr, leaves: Leaves) -> ColumnFacts:
    inner = _joined(facts_of(child, leaves) for child in node.iter_expressions())
    if _named(node, {"COLLECT"}):
        return inner.as_dimension()
    counts = isinstance(node, exp.Count) or _named(node, {"APPROX_COUNT_DISTINCT"})
    of_everyone = counts and (isinstance(node.this, exp.Star) or not inner.sensitivity.shown)
    return ColumnFacts(
        sensitivity=Sensitivity.NONE if counts else inner.sensitivity,
        metric=inner.metric and not counts,
        constant=inner.constant and not counts,
        empty=inner.empty and not counts,
        summed=True,
        counted=leaves.has_users and not of_everyone,
        origins=inner.origins,
    )


def _of_choice(node: exp.Case | exp.If, leaves: Leaves) -> ColumnFacts:
    if isinstance(node, exp.If):
        return _chosen([facts_of(node.this, leaves)], _present(node, "true", "false"), leaves=leaves)
    subject = node.args.get("this")
    of_subject = facts_of(subject, leaves) if subject is not None else None
    conditions: list[ColumnFacts] = []
    for branch in node.args["ifs"]:
        tested = facts_of(branch.this, leaves)
        if subject is not None and of_subject is not None:
            leaves.compare([(subject, of_subject), (branch.this, tested)])
            tested = tested.joined(of_subject)
        conditions.append(tested)
    values = [*(branch.args["true"] for branch in node.args["ifs"]), *_present(node, "default")]
    return _chosen(conditions, values, leaves=leaves)


def _chosen(conditions: list[ColumnFacts], values: list[exp.Expr], *, leaves: Leaves) -> ColumnFacts:
    chosen = _either(facts_of(value, leaves) for value in values)
    facts = _joined([chosen, *(condition.as_condition() for condition in conditions)])
    return replace(facts, constant=chosen.constant, empty=chosen.empty)


def _present(node: exp.Expr, *names: str) -> list[exp.Expr]:
    return [node.args[name] for name in names if isinstance(node.args.get(name), exp.Expr)]


def _window_parts(node: exp.Window) -> list[exp.Expr]:
    return [*(node.args.get("partition_by") or ()), *_present(node, "order")]


def _named(node: exp.Expr, names: Iterable[str]) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.upper() in names
