"""Whether the sources of a SELECT are joined person by person.

Where they are not, a row has people of one side who have nothing to do with the values of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from amcsim.sql.facts import walk_expression
from amcsim.sql.relations import Relation


def joined_by_users(node: exp.Select, sources: Mapping[str, Relation]) -> bool:
    """Return whether equal ids connect all *sources* of *node* whose rows stand for users."""
    waiting = {name for name, source in sources.items() if source.has_users}
    if len(waiting) < 2:  # noqa: PLR2004 -- one has nobody to be joined with
        return True
    pairs = list(_connected(node, sources))
    reached = {waiting.pop()}
    grown = True
    while grown and waiting:
        found = {name for pair in pairs if pair & reached for name in pair} - reached
        reached |= found
        waiting -= found
        grown = bool(found)
    return not waiting


def _connected(node: exp.Select, sources: Mapping[str, Relation]) -> Iterator[set[str]]:
    """Yield the sources that each equation of ids is about."""
    conditions: list[exp.Expr] = [node.args["where"].this] if node.args.get("where") is not None else []
    for join in node.args.get("joins") or ():
        if join.args.get("on") is not None:
            conditions.append(join.args["on"])
        for name in join.args.get("using") or ():
            key = name.name.lower()
            yield {source for source in sources if _is_id(sources[source], key)}
    while conditions:
        condition = conditions.pop().unnest()
        if isinstance(condition, exp.And):
            conditions += [condition.this, condition.expression]
        elif isinstance(condition, exp.EQ):
            yield _about_ids(condition, sources)


def _about_ids(equation: exp.EQ, sources: Mapping[str, Relation]) -> set[str]:
    sides: list[set[str]] = []
    for side in (equation.this, equation.expression):
        columns = [found for found in walk_expression(side) if isinstance(found, exp.Column)]
        owners = [_owner(column, sources) for column in columns]
        if None in owners or not owners:
            return set()
        sides.append({owner for owner in owners if owner is not None})
    return set[str]().union(*sides)


def _owner(column: exp.Column, sources: Mapping[str, Relation]) -> str | None:
    name, table = column.name.lower(), column.table.lower()
    candidates = [table] if table in sources else list(sources) if not table else []
    return next((source for source in candidates if _is_id(sources[source], name)), None)


def _is_id(source: Relation, column: str) -> bool:
    return column in source.columns and not source.columns[column][1].sensitivity.shown
