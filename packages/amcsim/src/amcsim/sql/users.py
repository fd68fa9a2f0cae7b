"""Carries the users behind every row through the query, as hidden columns beside the ones it asked for:
those behind the row, and for every folded metric those who contribute to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from amcsim.sql.facts import SHIFTS, own_aggregates, walk_expression
from amcsim.sql.relations import USERS, Analysis, Relation, SelectPlan, hidden_name

_ALL = "__all"


def carry_users(tree: exp.Query, analysis: Analysis) -> exp.Query:
    """Add the hidden columns to every relation that the rows of *tree* come from; return the new tree.

    What is read only inside expressions (`IN (SELECT …)`) decides which rows exist and is left as it is.
    """
    for plan in analysis.plans:
        if not plan.in_expression and plan.relation.has_users:
            _add_hidden(plan, analysis)
    for cte in list(tree.find_all(exp.CTE)):
        _name_hidden(cte, analysis.relations[id(cte.this)])
    for place in list(tree.find_all(exp.Subquery)):
        inner = analysis.relations.get(id(place.this))
        if inner is not None and isinstance(place.parent, exp.From | exp.Join):
            _name_hidden(place, inner)
    for table in list(tree.find_all(exp.Table)):
        if id(table) in analysis.relations:
            _name_hidden(table, analysis.relations[id(table)])
    _level_all(tree, analysis)
    return _fold_distinct(tree, analysis)


def _add_hidden(plan: SelectPlan, analysis: Analysis) -> None:
    carriers = [(name, source) for name, source in plan.sources.items() if source.has_users]
    behind_row = _folded(carriers) if plan.aggregates else _listed(carriers)
    hidden = [exp.alias_(behind_row, USERS, quoted=True)]
    for item, (key, (_, facts)) in zip(
        list(plan.node.expressions), plan.relation.columns.items(), strict=True
    ):
        if facts.counted:
            lists = _contributors(item, plan, carriers, analysis=analysis)
            hidden.append(exp.alias_(_fewest(lists), hidden_name(key), quoted=True))
    for column in hidden:
        plan.node.append("expressions", column)


def _contributors(
    item: exp.Expr, plan: SelectPlan, carriers: list[tuple[str, Relation]], *, analysis: Analysis
) -> list[exp.Expr]:
    windows = [found for found in walk_expression(item) if isinstance(found, exp.Window)]
    if windows:
        return [_over(window, plan, carriers, analysis=analysis) for window in windows]
    if not plan.aggregates:
        passed = list(_passed_on(item, plan, analysis))
        return passed or [_listed([own]) for own in _owners(item, carriers, analysis)]
    lists = [
        _of_aggregate(aggregate, condition, plan, carriers, analysis=analysis)
        for aggregate, condition in _conditional(item)
    ]
    return lists or _of_key(item, plan, carriers, analysis=analysis)


def _of_aggregate(
    aggregate: exp.Expr,
    condition: exp.Expr | None,
    plan: SelectPlan,
    carriers: list[tuple[str, Relation]],
    *,
    analysis: Analysis,
) -> exp.Expr:
    argument = aggregate.this if not isinstance(aggregate, exp.Anonymous) else aggregate.expressions[0]
    contributes = _contributes(aggregate, argument)
    if contributes is None:
        return _folded(carriers)
    passed = list(_passed_on(argument, plan, analysis))
    if passed and (isinstance(argument, exp.Column) or not plan.by_users):
        return _distinct(_filtered(_call("list", _fewest(passed)), contributes, condition))
    own = carriers if plan.by_users else _owners(argument, carriers, analysis)
    return _folded(own or carriers, contributes, condition)


def _of_key(
    item: exp.Expr, plan: SelectPlan, carriers: list[tuple[str, Relation]], *, analysis: Analysis
) -> list[exp.Expr]:
    """Return the users of what rows are grouped by, side by side for every source that it comes from."""
    passed = [_distinct(_call("list", users)) for users in _passed_on(item, plan, analysis)]
    return passed or [_folded([own]) for own in _owners(item, carriers, analysis)]


def _over(
    window: exp.Window, plan: SelectPlan, carriers: list[tuple[str, Relation]], *, analysis: Analysis
) -> exp.Expr:
    """Return the users of a value that a window brings from other rows: those of the row it comes from, or
    the fewest of those that it is made of.
    """
    passed = list(_passed_on(window.this, plan, analysis))
    users = _folded(carriers) if plan.aggregates else _listed(carriers)
    if passed:
        users = _fewest([_distinct(_call("list", one)) for one in passed] if plan.aggregates else passed)
    copied = window.copy()
    if isinstance(copied.this, SHIFTS):
        copied.this.set("this", users)
        return copied
    copied.set("this", _call("list", users))
    return _call("amc_fewest", copied)


def _owners(
    item: exp.Expr, carriers: list[tuple[str, Relation]], analysis: Analysis
) -> list[tuple[str, Relation]]:
    """Return those of *carriers* that *item* takes a value from."""
    known = (analysis.resolved.get(id(node)) for node in walk_expression(item))
    named = {found.source for found in known if found is not None}
    return [(name, source) for name, source in carriers if name in named]


def _conditional(item: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr | None]]:
    for aggregate in own_aggregates(item):
        place = aggregate.parent
        yield aggregate, place.expression.this if isinstance(place, exp.Filter) else None


def _contributes(aggregate: exp.Expr, argument: exp.Expr) -> exp.Expr | None:
    """Return what tells that a row's users contribute: not zero in a sum, not NULL in anything else."""
    if isinstance(argument, exp.Star):
        return None
    inner = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
    if isinstance(aggregate, exp.Sum):
        return exp.NEQ(this=exp.paren(inner.copy(), copy=False), expression=exp.Literal.number(0))
    present = exp.Is(this=exp.paren(inner.copy(), copy=False), expression=exp.null())
    return exp.Not(this=present)


def _passed_on(item: exp.Expr, plan: SelectPlan, analysis: Analysis) -> Iterator[exp.Expr]:
    seen: set[tuple[str, str]] = set()
    for node in walk_expression(item):
        known = analysis.resolved.get(id(node))
        if known is None or known.source is None or known.key is None or (known.source, known.key) in seen:
            continue
        seen.add((known.source, known.key))
        columns = plan.sources[known.source].columns if known.source in plan.sources else {}
        if known.key in columns and columns[known.key][1].counted:
            yield exp.column(hidden_name(known.key), table=known.source, quoted=True)


def _fewest(lists: list[exp.Expr]) -> exp.Expr:
    if not lists:
        return exp.cast(exp.null(), "BIGINT[]")
    return lists[0] if len(lists) == 1 else _call("amc_fewest", exp.Array(expressions=lists))


def _listed(carriers: list[tuple[str, Relation]]) -> exp.Expr:
    lists = [
        _call("list_value", _hidden(name)) if source.base is not None else _hidden(name)
        for name, source in carriers
    ]
    return lists[0] if len(lists) == 1 else _call("list_concat", *lists)


def _folded(carriers: list[tuple[str, Relation]], *conditions: exp.Expr | None) -> exp.Expr:
    if len(carriers) == 1 and carriers[0][1].base is not None:
        # by far the most common case, and many times cheaper than folding lists of one
        users = exp.Distinct(expressions=[_hidden(carriers[0][0])])
        return _filtered(_call("list", users), *conditions)
    return _distinct(_filtered(_call("list", _listed(carriers)), *conditions))


def _filtered(folded: exp.Expr, *conditions: exp.Expr | None) -> exp.Expr:
    given = [condition.copy() for condition in conditions if condition is not None]
    if not given:
        return folded
    return exp.Filter(this=folded, expression=exp.Where(this=exp.and_(*given, copy=False)))


def _distinct(lists: exp.Expr) -> exp.Expr:
    return _call("list_distinct", _call("flatten", lists))


def _name_hidden(place: exp.Expr, relation: Relation) -> None:
    alias = place.args.get("alias")
    if alias is None or not alias.columns:
        return
    shown = zip(list(alias.columns), relation.columns.values(), strict=True)
    counted = [hidden_name(name.name) for name, (_, facts) in shown if facts.counted]
    for name in [USERS, *counted] if relation.has_users else []:
        alias.append("columns", exp.to_identifier(name, quoted=True))


def _level_all(tree: exp.Query, analysis: Analysis) -> None:
    """Give all branches of every union the same hidden columns in the same order."""
    done = {id(plan.node) for plan in analysis.plans if plan.in_expression}
    # the outermost first, because its columns are those of all unions within
    for union in list(tree.find_all(exp.SetOperation)):
        relation = analysis.relations[id(union)]
        branches = list(_branches(union))
        if not relation.has_users or any(id(branch) in done for branch in branches):
            continue
        done |= {id(branch) for branch in branches}
        counted = [facts.counted for _, facts in relation.columns.values()]
        wanted = {place: name for place, name in enumerate(relation.columns) if counted[place]}
        for branch in branches:
            _fit(branch, wanted, list(analysis.relations[id(branch)].columns))


def _branches(union: exp.SetOperation) -> Iterator[exp.Select]:
    waiting: list[exp.Expr] = [union]
    while waiting:
        found = waiting.pop()
        if isinstance(found, exp.SetOperation):
            waiting += [found.expression, found.this]
        elif isinstance(found, exp.Subquery):
            waiting.append(found.this)
        elif isinstance(found, exp.Select):
            yield found


def _fit(branch: exp.Select, wanted: dict[int, str], own_names: list[str]) -> None:
    items = {item.alias_or_name: item for item in branch.selects}
    shown = [item for item in branch.selects if not item.alias_or_name.startswith(USERS)]
    behind_row = items[USERS] if USERS in items else exp.alias_(_nobody(), USERS, quoted=True)
    hidden = [behind_row]
    for place, name in wanted.items():
        own = items.get(hidden_name(own_names[place]))
        value = own.this if own is not None else behind_row.this.copy()
        hidden.append(exp.alias_(value, hidden_name(name), quoted=True))
    branch.set("expressions", [*shown, *hidden])


def _nobody() -> exp.Expr:
    return exp.cast(exp.null(), "BIGINT[]")


def _fold_distinct(tree: exp.Query, analysis: Analysis) -> exp.Query:
    _drop_inner_distinct(tree)
    # the innermost first, so that what lies below is folded already when it is moved
    for node in reversed(list(tree.find_all(exp.Select, exp.Union))):
        relation = analysis.relations.get(id(node))
        if relation is None or not relation.has_users or not node.args.get("distinct"):
            continue
        if not any(select.alias_or_name == USERS for select in node.selects):
            continue
        if node is tree:
            tree = _grouped(node, relation)
        else:
            place = exp.Placeholder()
            node.replace(place)
            place.replace(_grouped(node, relation))
    return tree


def _drop_inner_distinct(tree: exp.Query) -> None:
    """Leave a chain of unions to the outermost that drops twins: it drops those of all others too."""
    within: set[int] = set()
    for union in tree.find_all(exp.Union):
        is_distinct = bool(union.args.get("distinct"))
        if is_distinct or id(union) in within:
            within |= {id(side) for side in (union.this, union.expression)}
        if is_distinct and id(union) in within and not union.args.get("order"):
            union.set("distinct", None)


def _grouped(node: exp.Query, relation: Relation) -> exp.Select:
    outside = {name: node.args.get(name) for name in ("with_", "order")}
    carried = [item.alias_or_name for item in node.selects if item.alias_or_name.startswith(USERS)]
    for name in outside:
        node.set(name, None)
    node.set("distinct", False if isinstance(node, exp.SetOperation) else None)
    columns = [exp.column(name, table=_ALL, quoted=True) for name, _ in relation.columns.values()]
    hidden = [
        exp.alias_(_distinct(_call("list", exp.column(name, table=_ALL, quoted=True))), name, quoted=True)
        for name in carried
    ]
    alias = exp.TableAlias(this=exp.to_identifier(_ALL, quoted=True))
    outer = exp.select(*columns, *hidden, copy=False).from_(exp.Subquery(this=node, alias=alias), copy=False)
    outer = outer.group_by(*(column.copy() for column in columns), copy=False)
    for name, part in outside.items():
        outer.set(name, part)
    return outer


def _hidden(source: str) -> exp.Expr:
    return exp.column(USERS, table=source, quoted=True)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))
