"""Constructs that AMC refuses, or takes only by chance (AMC developer guide; refusals seen live)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from sqlglot import exp

from fanfold.kinds.amc_workflow.sql.query import Explanation, Query, selects_of
from fanfold.kinds.amc_workflow.sql.text import Place
from fanfold.sdk.kind import Finding

Rule = Callable[[Query], Iterator[Finding]]

_LIMIT = Explanation(
    "limit", "AMC has no LIMIT.", "Rank the rows with ROW_NUMBER() OVER (…) and filter by it."
)
_STAR = Explanation("select_star", "AMC refuses SELECT * on a table.", "Name the columns that you need.")
_CONCAT = Explanation("concat_operator", "AMC has no || operator.", "Write CONCAT(a, b).")
_RIGHT_JOIN = Explanation("right_join", "AMC has no RIGHT JOIN.", "Swap the two sides and write LEFT JOIN.")
_NTILE = Explanation("ntile", "AMC has no NTILE.", "Derive the buckets from ROW_NUMBER() and COUNT(…).")
_COUNT_OVER = Explanation(
    "count_star_over",
    "AMC refuses COUNT(*) over an empty window.",
    "Count in a query of its own, and join it.",
)
_GETDATE = Explanation(
    "getdate", "AMC has no GETDATE.", "Write CURRENT_DATE, CAST('today' AS DATE) or CAST('now' AS TIMESTAMP)."
)
_COLLECT = Explanation(
    "collect_expression",
    "AMC's COLLECT takes a column only.",
    "Compute it as a column of an inner query first.",
)
_SET_OPERATION = Explanation(
    "set_operation", "AMC's grammar knows UNION only.", "Write a join, or IN (SELECT …) and NOT IN."
)
_QUALIFY = Explanation(
    "qualify",
    "AMC's grammar has no QUALIFY.",
    "Put the window function into an inner query and filter there.",
)
_ORDER_BY = Explanation(
    "order_by",
    "AMC's guide says that an outer ORDER BY is not supported; some have seen it pass.",
    "Leave it out, and sort the result here.",
    severity="warning",
)
_INTERVAL = Explanation(
    "interval",
    "INTERVAL is not in AMC's documented grammar.",
    "Use SECONDS_BETWEEN(a, b).",
    severity="warning",
)
_RANK_IN_HAVING = Explanation(
    "rank_in_having",
    "AMC does not filter as written by the alias of a window function in HAVING.",
    "Put the window function into an inner query and filter there.",
)
_UNDOCUMENTED = Explanation(
    "window_function",
    "AMC documents ROW_NUMBER, RANK, DENSE_RANK and aggregates over windows, and no other function there.",
    "Try it by a dry run on the instances first.",
    severity="warning",
)
_AGGREGATE = Explanation(
    "no_aggregate",
    "AMC refuses to export rows as they are: at least one aggregate is needed.",
    "Aggregate, for example SUM(impressions) with GROUP BY.",
)
_PLACEHOLDER = Explanation(
    "placeholder",
    "AMC documents parameters as CUSTOM_PARAMETER('name') only.",
    "Write CUSTOM_PARAMETER('name').",
    severity="warning",
)
_OTHER_WINDOW_FUNCTIONS = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
# Before a multiplication stands an operand, before the star of SELECT one of these.
_BEFORE_STAR = frozenset({"SELECT", "DISTINCT", "ALL", "COMMA", "DOT"})
# Aggregates of AMC that the parser knows as ordinary functions.
_AMC_AGGREGATES = frozenset({"COLLECT", "PERCENTILE", "SKEWNESS"})


def _keyword(explanation: Explanation, word: str, *types: type[exp.Expr]) -> Rule:
    """Find *word* wherever it stands, if a part of these types shows that it is not just a name."""

    def rule(query: Query) -> Iterator[Finding]:
        if query.tree.find(*types) is not None:
            for place in query.text.places_of(word):
                yield explanation.found(f"{word} is not allowed.", place)

    return rule


def _parts(explanation: Explanation, message: str, *types: type[exp.Expr]) -> Rule:
    def rule(query: Query) -> Iterator[Finding]:
        for node in query.find_all(*types):
            yield explanation.found(message, query.place_of(node))

    return rule


def _calls(explanation: Explanation, message: str, name: str) -> Rule:
    def rule(query: Query) -> Iterator[Finding]:
        for call in query.calls(name):
            yield explanation.found(message, query.place_of(call))

    return rule


def _right_join(query: Query) -> Iterator[Finding]:
    if any(join.side.upper() == "RIGHT" for join in query.tree.find_all(exp.Join)):
        for words in (("RIGHT", "JOIN"), ("RIGHT", "OUTER")):
            for place in query.text.places_of(*words):
                yield _RIGHT_JOIN.found("RIGHT JOIN is not allowed.", place)


def _select_star(query: Query) -> Iterator[Finding]:
    for select in query.tree.find_all(exp.Select):
        sources = query.sources(select)
        for projection in select.expressions:
            if not projection.is_star:
                continue
            alias = projection.table.lower() if isinstance(projection, exp.Column) else ""
            read = [sources.get(alias)] if alias else list(sources.values())
            tables = sorted({source for source in read if isinstance(source, str)})
            if tables:
                yield _STAR.found(f"SELECT * reads {', '.join(tables)}.", _star_place(query))


def _star_place(query: Query) -> Place | None:
    tokens = query.text.tokens
    for before, token in pairwise(tokens):
        if token.token_type.name == "STAR" and before.token_type.name in _BEFORE_STAR:
            return query.text.place(token.start)
    return None


def _count_star_over(query: Query) -> Iterator[Finding]:
    for window in query.find_all(exp.Window):
        counts_all = isinstance(window.this, exp.Count) and isinstance(window.this.this, exp.Star)
        if counts_all and not window.args.get("partition_by") and not window.args.get("order"):
            yield _COUNT_OVER.found("COUNT(*) OVER () is not allowed.", query.place_of(window))


def _collect(query: Query) -> Iterator[Finding]:
    for call in query.calls("COLLECT"):
        collected = [part for argument in call.expressions for part in _undistinct(argument)]
        if not all(isinstance(part, exp.Column) or _is_row(part) for part in collected):
            yield _COLLECT.found("COLLECT of an expression is not allowed.", query.place_of(call))


def _undistinct(argument: exp.Expr) -> list[exp.Expr]:
    return argument.expressions if isinstance(argument, exp.Distinct) else [argument]


def _is_row(part: exp.Expr) -> bool:
    return isinstance(part, exp.Anonymous) and part.name.upper() == "NAMED_ROW"


def _order_by(query: Query) -> Iterator[Finding]:
    if isinstance(query.tree.args.get("order"), exp.Order):
        yield _ORDER_BY.found("The outer ORDER BY may be refused.", query.place_of(query.tree.args["order"]))


def _rank_in_having(query: Query) -> Iterator[Finding]:
    for select in query.find_all(exp.Select):
        having = select.args.get("having")
        windows = {
            projection.alias.lower()
            for projection in select.expressions
            if isinstance(projection, exp.Alias) and isinstance(projection.this, exp.Window)
        }
        if not isinstance(having, exp.Having) or not windows:
            continue
        for column in having.find_all(exp.Column):
            if not column.table and column.name.lower() in windows:
                message = f"{column.name} is a window function, and HAVING comes before it."
                yield _RANK_IN_HAVING.found(message, query.place_of(column))


def _no_aggregate(query: Query) -> Iterator[Finding]:
    aggregates = query.tree.find(exp.AggFunc, exp.Group, exp.Distinct) is not None
    called = any(call.name.upper() in _AMC_AGGREGATES for call in query.tree.find_all(exp.Anonymous))
    reads_table = any(
        isinstance(source, str)
        for select in query.tree.find_all(exp.Select)
        for source in query.sources(select).values()
    )
    if reads_table and not aggregates and not called:
        first = next(selects_of(query.tree), None)
        yield _AGGREGATE.found(
            "The query aggregates nothing.", query.place_of(first) if first is not None else None
        )


REFUSED: tuple[Rule, ...] = (
    _select_star,
    _right_join,
    _count_star_over,
    _collect,
    _order_by,
    _rank_in_having,
    _no_aggregate,
    _keyword(_LIMIT, "LIMIT", exp.Limit),
    _keyword(_LIMIT, "FETCH", exp.Fetch),
    _keyword(_LIMIT, "OFFSET", exp.Offset),
    _keyword(_CONCAT, "||", exp.DPipe),
    _keyword(_SET_OPERATION, "INTERSECT", exp.Intersect),
    _keyword(_SET_OPERATION, "EXCEPT", exp.Except),
    _keyword(_QUALIFY, "QUALIFY", exp.Qualify),
    _parts(_NTILE, "NTILE is not allowed.", exp.Ntile),
    _parts(_INTERVAL, "INTERVAL may be refused.", exp.Interval),
    _parts(_UNDOCUMENTED, "This window function is not documented.", *_OTHER_WINDOW_FUNCTIONS),
    _parts(_PLACEHOLDER, "This placeholder is not documented.", exp.Placeholder, exp.Parameter),
    _calls(_GETDATE, "GETDATE is not allowed.", "GETDATE"),
)
