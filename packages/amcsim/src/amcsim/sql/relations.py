"""What is known of every relation in a query, and the plan of every SELECT."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from amcsim.catalogue import Sensitivity, Table

USERS = "__users"
"""The hidden column: the user of a row of a base table, the list of users behind a row of anything else."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """What a value gives away, and whether it comes from metrics."""

    sensitivity: Sensitivity = Sensitivity.NONE
    metric: bool = False

    def joined(self, other: ColumnFacts) -> ColumnFacts:
        """Return the facts of a value made of both."""
        return ColumnFacts(max(self.sensitivity, other.sensitivity), self.metric or other.metric)

    def as_condition(self) -> ColumnFacts:
        """Return the facts of a value that was chosen by looking at this one.

        A test on a user's id tells only that two groups exist, so it weighs like LOW
        (inferred: Amazon's own overlap queries put such flags into their output).
        """
        weight = Sensitivity.LOW if not self.sensitivity.shown else self.sensitivity
        return ColumnFacts(weight, metric=False)


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns in their order by lower-case name; `base` when it is a table of AMC itself."""

    columns: dict[str, tuple[str, ColumnFacts]]
    has_users: bool
    aggregated: bool
    base: Table | None = None

    def facts(self) -> ColumnFacts:
        """Return the facts of all columns joined."""
        joined = ColumnFacts()
        for _, facts in self.columns.values():
            joined = joined.joined(facts)
        return joined


@dataclass(slots=True)
class SelectPlan:
    """One SELECT: where its rows come from and whether it folds them."""

    node: exp.Select
    sources: dict[str, Relation]
    aggregates: bool
    relation: Relation
    in_expression: bool = False


@dataclass(frozen=True, slots=True)
class TableUse:
    """One place where a base table is read; `back` and `forth` widen its time window."""

    node: exp.Table
    table: Table
    back: str = "P0D"
    forth: str = "P0D"


@dataclass(slots=True)
class Analysis:
    """Everything that the rewriting steps need to know."""

    output: Relation
    plans: list[SelectPlan] = field(default_factory=list[SelectPlan])
    uses: list[TableUse] = field(default_factory=list[TableUse])
    relations: dict[int, Relation] = field(default_factory=dict[int, Relation])
