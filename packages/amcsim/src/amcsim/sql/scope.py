"""The names that one SELECT can see."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from amcsim.catalogue import Sensitivity
from amcsim.sql.facts import walk_expression
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import ColumnFacts, Relation

_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.SimilarTo,
    exp.In,
    exp.Between,
)


class Scope:
    """Sources by their names, the aliases given so far, and the scope around it."""

    def __init__(
        self, sources: dict[str, Relation], outer: Scope | None, *, relations: Mapping[int, Relation]
    ) -> None:
        self._sources = sources
        self._outer = outer
        self._relations = relations
        self.aliases: dict[str, ColumnFacts] = {}

    def column(self, node: exp.Column) -> ColumnFacts:
        """Return the facts of a column; raises SqlProblem when no table or more than one has it."""
        if isinstance(node.this, exp.Star):
            return ColumnFacts()
        name, table = node.name.lower(), node.table.lower()
        if table and table not in self._sources:
            return self._elsewhere(node)
        candidates = [self._sources[table]] if table else list(self._sources.values())
        found = [source.columns[name][1] for source in candidates if name in source.columns]
        if len(found) > 1 and not self._same_by_using(node):
            raise SqlProblem(f"Column '{node.name}' is ambiguous", span_of(node))
        if found:
            return found[0]
        if not table and name in self.aliases:
            return self.aliases[name]
        if self._outer is not None:
            return self._outer.column(node)
        place = f"table '{node.table}'" if table else "any table"
        raise SqlProblem(f"Column '{node.name}' not found in {place}", span_of(node))

    def query(self, node: exp.Query) -> ColumnFacts:
        """Return the facts of the value of a nested query, which was analysed before."""
        return self._relations[id(node)].facts()

    def refuse_literal_comparison(self, node: exp.Expr) -> None:
        """Raise SqlProblem when *node* compares a HIGH or stricter column with a literal or a parameter."""
        if not isinstance(node, _COMPARISONS):
            return
        sides = [child for child in node.iter_expressions() if not isinstance(child, exp.Query)]
        columns = [side for side in sides if isinstance(side, exp.Column)]
        if len(columns) == len(sides) or not all(_is_constant(side) for side in sides if side not in columns):
            return
        for column in columns:
            facts = self.column(column)
            if facts.sensitivity >= Sensitivity.HIGH:
                message = (
                    f"Column '{column.name}' has aggregation threshold {facts.sensitivity.name} "
                    "and cannot be compared with a literal"
                )
                raise SqlProblem(message, span_of(column))

    def _elsewhere(self, node: exp.Column) -> ColumnFacts:
        whole = exp.column(node.table)
        whole.this.meta.update(node.args["table"].meta)
        if any(node.table.lower() in source.columns for source in self._sources.values()):
            return self.column(whole)
        if self._outer is not None:
            return self._outer.column(node)
        raise SqlProblem(f"Table '{node.table}' not found", span_of(node.args["table"]))

    def _same_by_using(self, node: exp.Column) -> bool:
        select = node.find_ancestor(exp.Select)
        joins = select.args.get("joins") or () if select is not None else ()
        using = {name.name.lower() for join in joins for name in join.args.get("using") or ()}
        return node.name.lower() in using


def _is_constant(node: exp.Expr) -> bool:
    parts = list(walk_expression(node))
    return not any(isinstance(part, exp.Column | exp.Query) for part in parts)
