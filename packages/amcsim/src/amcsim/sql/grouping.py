"""What may stand where rows are folded: grouped values and aggregates, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from amcsim.sql.facts import has_aggregate, is_aggregate, own_aggregates, walk_expression
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import Relation, Resolved


def check_folding(node: exp.Select) -> None:
    """Raise SqlProblem for an aggregate where there is nothing to fold, or inside another one."""
    joins = [join.args["on"] for join in node.args.get("joins") or () if join.args.get("on") is not None]
    where = node.args.get("where")
    for part, clause in [*((on, "ON") for on in joins), (where, "WHERE")]:
        if part is not None:
            _refuse_folding(part, clause)
    group = node.args.get("group")
    for item in group.expressions if group is not None else ():
        _refuse_folding(_meant(item, node), "GROUP BY")
    having = node.args.get("having")
    for item in [*node.expressions, *([having] if having is not None else [])]:
        for aggregate in own_aggregates(item):
            if any(has_aggregate(argument) for argument in aggregate.iter_expressions()):
                raise SqlProblem("Aggregate expressions cannot be nested", span_of(aggregate))
    if having is not None:
        _refuse_ranks(having, node)


def _refuse_ranks(having: exp.Expr, node: exp.Select) -> None:
    """AMC's documents say that the alias of a rank misbehaves in HAVING."""
    ranked = {
        item.alias.lower(): item
        for item in node.expressions
        if isinstance(item, exp.Alias) and isinstance(item.this, exp.Window)
    }
    for found in walk_expression(having):
        if isinstance(found, exp.Column) and not found.table and found.name.lower() in ranked:
            raise SqlProblem(
                f"Windowed aggregate expression '{found.name}' is illegal in HAVING clause", span_of(found)
            )


def _refuse_folding(part: exp.Expr, clause: str) -> None:
    for found in walk_expression(part):
        if isinstance(found, exp.Window):
            raise SqlProblem(f"Windowed aggregate expression is illegal in {clause} clause", span_of(found))
    aggregate = next(own_aggregates(part), None)
    if aggregate is not None:
        raise SqlProblem(f"Aggregate expression is illegal in {clause} clause", span_of(aggregate))


def expand_aliases(node: exp.Select, sources: Mapping[str, Relation]) -> None:
    """Put the values that group keys name by an alias of the same SELECT in its place, as DuckDB does in
    everything but keys.
    """
    if not node.args.get("group"):
        return
    known: dict[str, exp.Expr] = {}
    for item in node.expressions:
        if not isinstance(item, exp.Alias) or has_aggregate(item):
            continue
        for found in list(walk_expression(item.this)):
            name = found.name.lower() if isinstance(found, exp.Column) and not found.table else ""
            if name in known and not any(name in source.columns for source in sources.values()):
                found.replace(exp.paren(known[name].copy(), copy=False))
        known[item.alias.lower()] = item.this


def group_by_position(node: exp.Select) -> None:
    """Let aliases in GROUP BY mean the output, as Calcite does; DuckDB would look for a column first."""
    group = node.args.get("group")
    for item in list(group.expressions) if group is not None else ():
        meant = _meant(item, node)
        if meant is not item and isinstance(item, exp.Column):
            place = next(n for n, output in enumerate(node.expressions, 1) if output.unalias() is meant)
            item.replace(exp.Literal.number(place))


def grouped_values(node: exp.Select) -> list[exp.Expr]:
    """Return what the rows of *node* are grouped by, whether GROUP BY says it or points to it."""
    group = node.args.get("group")
    return [_meant(item, node) for item in group.expressions] if group is not None else []


def check_grouping(node: exp.Select, resolved: Mapping[int, Resolved]) -> None:
    """Raise SqlProblem for the first value that is neither grouped nor folded."""
    shapes = _Shapes(resolved)
    grouped = {shapes.of(value) for value in grouped_values(node)}
    clauses = [node.args[name] for name in ("having", "order") if node.args.get(name) is not None]
    for item in [*node.expressions, *clauses]:
        waiting: list[exp.Expr] = [item]
        while waiting:
            found = waiting.pop()
            if isinstance(found, exp.Query) or shapes.of(found) in grouped:
                continue
            if isinstance(found, exp.Window):
                waiting += [*found.this.iter_expressions(), *_parts(found)]
            elif isinstance(found, exp.Column):
                _refuse_ungrouped(found, resolved)
            elif not is_aggregate(found) and not isinstance(found, exp.Filter):
                waiting += reversed(list(found.iter_expressions()))


def _refuse_ungrouped(column: exp.Column, resolved: Mapping[int, Resolved]) -> None:
    known = resolved.get(id(column))
    if known is not None and known.source is not None:
        raise SqlProblem(f"Expression '{column.sql()}' is not being grouped", span_of(column))


def _meant(item: exp.Expr, node: exp.Select) -> exp.Expr:
    """Return what a position or an alias in GROUP BY stands for; raises SqlProblem beyond the last."""
    if isinstance(item, exp.Literal) and not item.is_string:
        place = int(item.name) if item.name.isdigit() else 0
        if not 1 <= place <= len(node.expressions):
            raise SqlProblem("Ordinal out of range", span_of(item))
        return node.expressions[place - 1].unalias()
    if isinstance(item, exp.Column) and not item.table:
        for output in node.expressions:
            if isinstance(output, exp.Alias) and output.alias.lower() == item.name.lower():
                return output.this
    return item


def _parts(window: exp.Window) -> list[exp.Expr]:
    order = window.args.get("order")
    return [*(window.args.get("partition_by") or ()), *([order] if order is not None else [])]


class _Shapes:
    """Numbers that two expressions share when they are the same; each node is looked at once."""

    def __init__(self, resolved: Mapping[int, Resolved]) -> None:
        self._resolved = resolved
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, int] = {}

    def of(self, node: exp.Expr) -> int:
        if id(node) not in self._known:
            for found in reversed(list(walk_expression(node))):
                if id(found) in self._known:
                    continue
                if isinstance(found, exp.Paren):
                    self._known[id(found)] = self._known[id(found.this)]
                else:
                    self._known[id(found)] = self._numbers.setdefault(self._shape(found), len(self._numbers))
        return self._known[id(node)]

    def _shape(self, node: exp.Expr) -> object:
        if isinstance(node, exp.Column):
            known = self._resolved.get(id(node))
            if known is not None and known.source is not None and known.key == node.name.lower():
                return ("column", known.source, known.key)
            return ("column", node.table.lower(), node.name.lower())
        if isinstance(node, exp.Query):
            return ("query", id(node))
        plain = tuple(
            (name, str(value)) for name, value in node.args.items() if not isinstance(value, exp.Expr | list)
        )
        return (type(node), plain, *(self._known[id(child)] for child in node.iter_expressions()))
