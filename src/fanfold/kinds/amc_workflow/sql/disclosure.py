"""Columns that AMC never shows, and comparisons with literals that it refuses (AMC guide, thresholds)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from fanfold.kinds.amc_workflow.sql.query import Explanation, Query, selects_of
from fanfold.kinds.amc_workflow.sql.sensitivity import NEVER_SHOWN, sensitivity
from fanfold.sdk.kind import Finding

_SHOWN = Explanation(
    "sensitive_output",
    "AMC never shows this column; it may be used inside, in joins and in COUNT(DISTINCT …).",
    "Count it, as in COUNT(DISTINCT user_id), or leave it out of the final SELECT.",
)
_COMPARED = Explanation(
    "sensitive_comparison",
    "AMC refuses to compare this column with a literal or a parameter; IS NULL is allowed.",
    "Compare another column.",
)
_DERIVED = Explanation(
    "sensitive_derivation",
    "AMC's guide refuses to compare what is made of this column with a literal or a parameter, too.",
    "Compare another column; counts of it may be compared.",
    severity="warning",
)
# A count or a condition tells nothing of the value itself.
_HIDING = (exp.Count, exp.ApproxDistinct, exp.Predicate)
Followed = set[tuple[int, str]]
_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.In,
    exp.Like,
    exp.SimilarTo,
    exp.Between,
)


def sensitive_output(query: Query) -> Iterator[Finding]:
    """Yield every output column that is, or is derived from, a column that AMC never shows."""
    for select in selects_of(query.tree):
        for projection in select.expressions:
            leaked = next(_leaks(query, select, projection, followed=set()), None)
            if leaked is not None:
                place = query.place_of(projection)
                yield _SHOWN.found(f"The result would show {leaked}.", place)


def sensitive_comparison(query: Query) -> Iterator[Finding]:
    """Yield every comparison of a sensitive column, or of what is made of it, with a given value."""
    for comparison in query.find_all(*_COMPARISONS):
        select = query.parts.select(comparison)
        sides = [_bare(side) for side in comparison.iter_expressions()]
        if select is None or not any(_is_given(side) for side in sides):
            continue
        found = next(filter(None, (_compared(query, select, side) for side in sides)), None)
        if found is not None:
            rule, message = found
            yield rule.found(message, query.place_of(comparison))


def _compared(query: Query, select: exp.Select, side: exp.Expr) -> tuple[Explanation, str] | None:
    """Return what is wrong with a side of a comparison whose other side is given."""
    if isinstance(side, exp.Query | exp.Subquery):
        return None
    if isinstance(side, exp.Column) and any(
        _is_sensitive(source, side.name) for source in _read_by(query, select, side)
    ):
        return _COMPARED, f"{side.name} is compared with a literal."
    leaked = next(_leaks(query, select, side, followed=set()), None)
    return None if leaked is None else (_DERIVED, f"What is made of {leaked} is compared with a literal.")


def _leaks(query: Query, select: exp.Select, projection: exp.Expr, *, followed: Followed) -> Iterator[str]:
    """Yield the names of never-shown columns whose values reach *projection*."""
    for column in _visible_columns(projection):
        for source in _read_by(query, select, column):
            if isinstance(source, str):
                if sensitivity(source, column.name) == NEVER_SHOWN:
                    yield f"{source}.{column.name}"
            else:
                yield from _leaks_of_inner(query, source, column.name.lower(), followed=followed)


def _leaks_of_inner(query: Query, inner: exp.Query, name: str, *, followed: Followed) -> Iterator[str]:
    # Each inner column is followed once: queries that read one another twice would double the work per step.
    if (id(inner), name) in followed:
        return
    followed.add((id(inner), name))
    for select in selects_of(inner):
        for projection in select.expressions:
            if projection.alias_or_name.lower() == name:
                yield from _leaks(query, select, projection, followed=followed)


def _visible_columns(projection: exp.Expr) -> Iterator[exp.Column]:
    """Yield the columns whose values can be seen: not those that are counted, compared or ordered by."""
    if isinstance(projection, exp.Column):
        yield projection
    elif isinstance(projection, exp.Window):
        yield from _visible_columns(projection.this)
    elif not isinstance(projection, _HIDING):
        for part in projection.iter_expressions():
            yield from _visible_columns(part)


def _read_by(query: Query, select: exp.Select, column: exp.Column) -> list[exp.Query | str]:
    sources = query.sources(select)
    if column.table:
        return [sources[column.table.lower()]] if column.table.lower() in sources else []
    return list(sources.values())


def _is_sensitive(source: exp.Query | str, column: str) -> bool:
    return isinstance(source, str) and sensitivity(source, column) is not None


def _bare(side: exp.Expr) -> exp.Expr:
    """Return what is compared, without its casts and brackets."""
    while isinstance(side, exp.Cast | exp.Paren | exp.Neg):
        side = side.this
    return side


def _is_given(side: exp.Expr) -> bool:
    if isinstance(side, exp.Anonymous):
        return side.name.upper() == "CUSTOM_PARAMETER"
    return isinstance(side, exp.Literal)
