"""The names that one SELECT can see."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from amcsim.catalogue import Sensitivity
from amcsim.sql.options import SqlOptions
from amcsim.sql.problem import SqlProblem, span_of
from amcsim.sql.relations import CONSTANT, Analysis, ColumnFacts, Relation, Resolved


class Scope:
    """Sources by their names, the aliases given so far, and the scope around it."""

    def __init__(
        self,
        sources: dict[str, Relation],
        outer: Scope | None,
        *,
        analysis: Analysis,
        options: SqlOptions,
        using: frozenset[str] = frozenset(),
    ) -> None:
        self._sources = sources
        self._outer = outer
        self._analysis = analysis
        self._options = options
        self._using = using
        self.aliases: dict[str, ColumnFacts] = {}
        self.prefers_aliases = False
        """True in ORDER BY, where the output comes before the tables."""

    @property
    def has_users(self) -> bool:
        """Whether the rows looked at stand for users."""
        return any(source.has_users for source in self._sources.values())

    def column(self, node: exp.Column) -> ColumnFacts:
        """Return the facts of a column; raises SqlProblem when no table or more than one has it."""
        if isinstance(node.this, exp.Star):
            return CONSTANT
        name, table = node.name.lower(), node.table.lower()
        if self.prefers_aliases and not table and name in self.aliases:
            self._note(node)
            return self.aliases[name]
        if table and table not in self._sources:
            return self._elsewhere(node)
        candidates = [table] if table else list(self._sources)
        found = [source for source in candidates if name in self._sources[source].columns]
        if len(found) > 1 and name not in self._using:
            raise SqlProblem(f"Column '{node.name}' is ambiguous", span_of(node))
        if found:
            self._note(node, found[0], name)
            return self._sources[found[0]].columns[name][1]
        self._note(node)
        if not table and name in self.aliases:
            return self.aliases[name]
        if self._outer is not None:
            return self._outer.column(node)
        place = f"table '{node.table}'" if table else "any table"
        raise SqlProblem(f"Column '{node.name}' not found in {place}", span_of(node))

    def query(self, node: exp.Query) -> ColumnFacts:
        """Return the facts of the value of a nested query, which was analysed before."""
        return self._analysis.relations[id(node)].facts()

    def compare(self, sides: Sequence[tuple[exp.Expr, ColumnFacts]]) -> None:
        """Raise SqlProblem when a HIGH or stricter value is compared with literals or parameters.

        Amazon describes this broadly; its own queries group by users and literal-built flags,
        so only comparisons themselves are looked at (inferred).
        """
        mode = self._options.literal_comparisons
        if mode == "off" or not any(facts.constant for _, facts in sides):
            return
        for node, facts in sides:
            bare = node.unnest() if isinstance(node, exp.Paren) else node
            of_derived = mode == "derived" or (mode == "documented" and not facts.sensitivity.shown)
            if facts.sensitivity < Sensitivity.HIGH or not (of_derived or isinstance(bare, exp.Column)):
                continue
            raise SqlProblem(
                f"Column '{bare.name if isinstance(bare, exp.Column) else bare.sql()}' has aggregation "
                f"threshold {facts.sensitivity.name} and cannot be compared with a literal",
                span_of(node),
            )

    def group(self, key: exp.Expr, facts: ColumnFacts) -> None:
        """Raise SqlProblem when rows are grouped by an id into which literals were mixed: whose rows fall
        together with a literal's is known from it (AMC aggregation thresholds: group keys).
        """
        if self._options.literal_comparisons in {"off", "direct"} or facts.sensitivity.shown:
            return
        if facts.constant and not facts.empty:
            raise SqlProblem(
                f"A group key with aggregation threshold {facts.sensitivity.name} "
                "cannot be mixed with literals",
                span_of(key),
            )

    def _elsewhere(self, node: exp.Column) -> ColumnFacts:
        whole = exp.column(node.table)
        whole.this.meta.update(node.args["table"].meta)
        name = node.table.lower()
        owner = next((key for key, source in self._sources.items() if name in source.columns), None)
        if owner is not None:
            self._note(node, owner, name)
            return self.column(whole)
        self._note(node)
        if self._outer is not None:
            return self._outer.column(node)
        raise SqlProblem(f"Table '{node.table}' not found", span_of(node.args["table"]))

    def _note(self, node: exp.Column, source: str | None = None, key: str | None = None) -> None:
        self._analysis.resolved[id(node)] = Resolved(node, source, key)
