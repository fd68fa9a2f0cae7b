"""Carries the users behind every row through the query, as a hidden column beside the ones it asked for."""

from __future__ import annotations

from sqlglot import exp

from amcsim.sql.relations import USERS, Analysis, Relation, SelectPlan


def carry_users(tree: exp.Query, analysis: Analysis) -> exp.Query:
    """Add the hidden column to every relation that the rows of *tree* come from; return the new tree.

    What is read only inside expressions (`IN (SELECT …)`) decides which rows exist and is left as it is.
    """
    for plan in analysis.plans:
        if not plan.in_expression and plan.relation.has_users:
            _add_hidden(plan)
    for cte in list(tree.find_all(exp.CTE)):
        if analysis.relations[id(cte.this)].has_users:
            _name_hidden(cte)
    for place in list(tree.find_all(exp.Subquery)):
        inner = analysis.relations.get(id(place.this))
        if inner is not None and inner.has_users and isinstance(place.parent, exp.From | exp.Join):
            _name_hidden(place)
    for union in list(tree.find_all(exp.SetOperation)):
        _level(union, analysis)
    return _fold_distinct(tree, analysis)


def _add_hidden(plan: SelectPlan) -> None:
    carriers = [(name, source) for name, source in plan.sources.items() if source.has_users]
    hidden = _folded(carriers) if plan.aggregates else _listed(carriers)
    plan.node.append("expressions", exp.alias_(hidden, USERS, quoted=True))


def _listed(carriers: list[tuple[str, Relation]]) -> exp.Expr:
    lists = [
        _call("list_value", _hidden(name)) if source.base is not None else _hidden(name)
        for name, source in carriers
    ]
    return lists[0] if len(lists) == 1 else _call("list_concat", *lists)


def _folded(carriers: list[tuple[str, Relation]]) -> exp.Expr:
    if len(carriers) == 1 and carriers[0][1].base is not None:
        # by far the most common case, and many times cheaper than folding lists of one
        return _call("list", exp.Distinct(expressions=[_hidden(carriers[0][0])]))
    return _call("list_distinct", _call("flatten", _call("list", _listed(carriers))))


def _name_hidden(place: exp.Expr) -> None:
    alias = place.args.get("alias")
    if alias is not None and alias.columns:
        alias.append("columns", exp.to_identifier(USERS, quoted=True))


def _level(union: exp.SetOperation, analysis: Analysis) -> None:
    if not analysis.relations[id(union)].has_users:
        return
    for side in (union.this, union.expression):
        if not analysis.relations[id(side)].has_users:
            _add_nobody(side)


def _add_nobody(side: exp.Expr) -> None:
    if isinstance(side, exp.Subquery):
        _add_nobody(side.this)
    elif isinstance(side, exp.SetOperation):
        _add_nobody(side.this)
        _add_nobody(side.expression)
    else:
        side.append("expressions", exp.alias_(exp.cast(exp.null(), "BIGINT[]"), USERS, quoted=True))


def _fold_distinct(tree: exp.Query, analysis: Analysis) -> exp.Query:
    # the innermost first, because folding copies what lies below
    for node in reversed(list(tree.find_all(exp.Select, exp.Union))):
        relation = analysis.relations.get(id(node))
        if relation is None or not relation.has_users or not node.args.get("distinct"):
            continue
        if not any(select.alias_or_name == USERS for select in node.selects):
            continue
        folded = _grouped(node, relation)
        if node is tree:
            tree = folded
        else:
            node.replace(folded)
    return tree


def _grouped(node: exp.Query, relation: Relation) -> exp.Select:
    outside = {name: node.args.get(name) for name in ("with_", "order")}
    inner = node.copy()
    for name in outside:
        inner.set(name, None)
    inner.set("distinct", False if isinstance(node, exp.SetOperation) else None)
    columns = [exp.column(name, table="__all", quoted=True) for name, _ in relation.columns.values()]
    hidden = _call(
        "list_distinct", _call("flatten", _call("list", exp.column(USERS, table="__all", quoted=True)))
    )
    outer = exp.select(*columns, exp.alias_(hidden, USERS, quoted=True)).from_(
        exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier("__all", quoted=True)))
    )
    outer = outer.group_by(*(column.copy() for column in columns))
    for name, part in outside.items():
        outer.set(name, part.copy() if part is not None else None)
    return outer


def _hidden(source: str) -> exp.Expr:
    return exp.column(USERS, table=source, quoted=True)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))
