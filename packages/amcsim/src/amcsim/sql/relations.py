"""What is known of every relation in a query, and the plan of every SELECT."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlglot import exp

from amcsim.catalogue import Sensitivity, Table

USERS = "__users"
"""The hidden column: the user of a row of a base table, the list of users behind a row of anything else."""


def hidden_name(column: str) -> str:
    """Return the name of the hidden list of users who contribute to *column*."""
    return f"{USERS}:{column.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """What a value gives away, and how it comes about."""

    sensitivity: Sensitivity = Sensitivity.NONE
    metric: bool = False
    """Whether it is made of METRIC columns."""
    constant: bool = False
    """Whether it is made of literals and parameters alone, or is one of them at times."""
    empty: bool = False
    """Whether it is nothing but NULL, which says nothing whatever it is mixed with."""
    summed: bool = False
    """Whether it folds rows, and so is added up when rows become one."""
    counted: bool = False
    """Whether it has a hidden list of the users who contribute to it, beside those behind the row: a folded
    value, and one that comes from other rows or from one side of a join alone.
    """
    origins: frozenset[int] = frozenset()
    """The reads of base tables that it comes from, by their order in the text."""

    def joined(self, other: ColumnFacts) -> ColumnFacts:
        """Return the facts of a value made of both."""
        return ColumnFacts(
            sensitivity=max(self.sensitivity, other.sensitivity),
            metric=self.metric or other.metric,
            constant=self.constant and other.constant,
            empty=self.empty and other.empty,
            summed=self.summed or other.summed,
            counted=self.counted or other.counted,
            origins=self.origins | other.origins,
        )

    def or_else(self, other: ColumnFacts) -> ColumnFacts:
        """Return the facts of a value that is this one at times and else the other."""
        literal = any(one.constant and not one.empty for one in (self, other))
        return replace(self.joined(other), constant=literal or (self.constant and other.constant))

    def as_condition(self) -> ColumnFacts:
        """Return the facts of a value that was chosen by looking at this one.

        A test on a user's id tells only that two groups exist, so it weighs like LOW
        (inferred: Amazon's own overlap queries put such flags into their output).
        """
        weight = Sensitivity.LOW if not self.sensitivity.shown else self.sensitivity
        return ColumnFacts(sensitivity=weight, constant=self.constant, origins=self.origins)

    def as_dimension(self) -> ColumnFacts:
        """Return the facts of this value where rows are grouped by it."""
        return replace(self, summed=False, counted=self.counted and not self.summed)

    def apart(self) -> ColumnFacts:
        """Return the facts of this value where its users are not those behind its row."""
        return replace(self, counted=self.counted or self.sensitivity.users_needed > 1)


CONSTANT = ColumnFacts(constant=True)
"""The facts of a literal."""
NOTHING = ColumnFacts(constant=True, empty=True)
"""The facts of NULL; joined with anything they change nothing."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns in their order by lower-case name; `base` when it is a table of AMC itself."""

    columns: dict[str, tuple[str, ColumnFacts]]
    has_users: bool
    aggregated: bool
    base: Table | None = None
    origins: frozenset[int] = frozenset()

    def facts(self) -> ColumnFacts:
        """Return the facts of all columns joined, as those of one value."""
        joined = NOTHING
        for _, facts in self.columns.values():
            joined = joined.joined(facts)
        return joined.as_dimension()

    def hidden(self) -> list[str]:
        """Return the names of the hidden columns in their order."""
        if not self.has_users:
            return []
        counted = [hidden_name(key) for key, (_, facts) in self.columns.items() if facts.counted]
        return [USERS, *counted]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a column's name means: a column of a source, or (with neither) an alias or an outer query's."""

    node: exp.Column
    source: str | None = None
    key: str | None = None


@dataclass(slots=True)
class SelectPlan:
    """One SELECT: where its rows come from and whether it folds them."""

    node: exp.Select
    sources: dict[str, Relation]
    aggregates: bool
    relation: Relation
    in_expression: bool = False
    by_users: bool = True
    """Whether all sources are joined person by person."""


@dataclass(frozen=True, slots=True)
class TableUse:
    """One place where a base table is read; `back` and `forth` widen its time window."""

    node: exp.Table
    table: Table
    back: str = "P0D"
    forth: str = "P0D"


@dataclass(slots=True)
class Analysis:
    """Everything that the rewriting steps need to know; nodes are known by their identity."""

    output: Relation
    plans: list[SelectPlan] = field(default_factory=list[SelectPlan])
    uses: list[TableUse] = field(default_factory=list[TableUse])
    relations: dict[int, Relation] = field(default_factory=dict[int, Relation])
    resolved: dict[int, Resolved] = field(default_factory=dict[int, Resolved])
    borrowed: list[tuple[exp.Expr, ColumnFacts]] = field(default_factory=list[tuple[exp.Expr, ColumnFacts]])
    """Values of user data that nested queries lend to an output, where nobody counts the users."""
