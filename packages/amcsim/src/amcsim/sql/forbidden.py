"""Constructs that AMC refuses whatever they stand on (AMC SQL limitations; some seen live only), and those
that it accepts with a warning.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from amcsim.sql.options import SqlOptions
from amcsim.sql.problem import SqlProblem, span_of

_UNDOCUMENTED = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)


def refuse_forbidden(tree: exp.Query, options: SqlOptions) -> tuple[str, ...]:
    """Raise SqlProblem for the first forbidden construct, in the order of the text; return the warnings."""
    for node in tree.walk(bfs=False):
        for kind, check in _CHECKS:
            if isinstance(node, kind):
                message = check(node)
                if message is not None:
                    raise SqlProblem(message, span_of(node) or span_of(tree))
        _refuse_by_option(node, options)
    return tuple(_warnings(tree, options))


def _refuse_by_option(node: exp.Expr, options: SqlOptions) -> None:
    if isinstance(node, exp.Interval) and options.intervals == "refuse":
        raise SqlProblem("INTERVAL literals are not supported", span_of(node))
    if isinstance(node, exp.Qualify) and options.qualify == "refuse":
        raise SqlProblem("QUALIFY is not supported", span_of(node))


def _warnings(tree: exp.Query, options: SqlOptions) -> list[str]:
    warnings: list[str] = []
    if tree.args.get("order"):
        message = "ORDER BY in the outermost query is documented as unsupported"
        if options.outer_order_by == "refuse":
            raise SqlProblem(message, span_of(tree.args["order"]))
        warnings.append(message)
    for node in tree.find_all(*_UNDOCUMENTED, bfs=False):
        message = f"{node.sql_name()} is not a documented window function"
        if options.undocumented_windows == "refuse":
            raise SqlProblem(message, span_of(node))
        warnings.append(message)
    return warnings


def _limit(_: exp.Expr) -> str | None:
    return "LIMIT is not supported; use ROW_NUMBER or RANK to keep the first rows"


def _offset(_: exp.Expr) -> str | None:
    return "OFFSET is not supported"


def _join(node: exp.Expr) -> str | None:
    if node.args.get("side") == "RIGHT":
        return "RIGHT JOIN is not supported; use LEFT JOIN with the tables exchanged"
    if node.args.get("method"):
        return f"{node.args['method']} JOIN is not supported"
    return None


def _concatenation(_: exp.Expr) -> str | None:
    return "Unsupported scalar operation type ||; use CONCAT"


def _ntile(_: exp.Expr) -> str | None:
    return "NTILE is not supported"


def _window(node: exp.Expr) -> str | None:
    counts_all = isinstance(node.this, exp.Count) and isinstance(node.this.this, exp.Star)
    bare = not any(node.args.get(name) for name in ("partition_by", "order", "alias"))
    return "COUNT(*) OVER () is not supported" if counts_all and bare else None


def _set_operation(node: exp.Expr) -> str | None:
    return f"{type(node).__name__.upper()} is not supported"


def _anonymous(node: exp.Expr) -> str | None:
    name = node.name.upper()
    if name in {"GETDATE", "SYSDATE"}:
        return f"{name}() is not supported; use CURRENT_DATE or CAST('today' AS DATE)"
    if name == "COLLECT" and not _is_plain_column(node):
        return "Only a column may stand inside COLLECT"
    return None


def _is_plain_column(call: exp.Expr) -> bool:
    arguments = call.expressions
    if len(arguments) != 1:
        return False
    inner = arguments[0]
    if isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
        inner = inner.expressions[0]
    is_row = isinstance(inner, exp.Anonymous) and inner.name.upper() == "NAMED_ROW"
    return isinstance(inner, exp.Column) or is_row


_CHECKS: tuple[tuple[type[exp.Expr], Callable[[exp.Expr], str | None]], ...] = (
    (exp.Limit, _limit),
    (exp.Fetch, _limit),
    (exp.Offset, _offset),
    (exp.Join, _join),
    (exp.DPipe, _concatenation),
    (exp.Ntile, _ntile),
    (exp.Window, _window),
    (exp.Intersect, _set_operation),
    (exp.Except, _set_operation),
    (exp.Anonymous, _anonymous),
)
