"""A query that passed every check: once for its text, and ready for DuckDB with an execution's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from amcsim.sql.holes import Bindings, Template
from amcsim.sql.options import SqlOptions


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """One output column and what the thresholds need to know of it."""

    name: str
    metric: bool
    users_needed: int = 1
    summed: bool = False
    """Whether it is added up when rows become one; else rows are told apart by it."""
    users: str | None = None
    """The hidden column with the users who contribute to it, None when all behind the row do."""
    origin: str = ""
    """The data source that its value comes from, as reasons name it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One text compiled for one kind of instance; `warnings` are what AMC accepts and does not document."""

    template: Template
    columns: tuple[OutputFacts, ...]
    has_users: bool
    ordered: bool
    shows_rows: bool
    tables: frozenset[str]
    origin: str
    options: SqlOptions
    warnings: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict[str, str])
    """DuckDB's types of the columns by name; empty until they are bound."""

    def bind(self, bindings: Bindings, *, controls: bool = True) -> Compiled:
        """Return the query of one execution; raises SqlProblem for a missing or wrong value."""
        return Compiled(self, self.template.bind(bindings), controls=controls, shows_rows=self.shows_rows)


@dataclass(frozen=True, slots=True)
class Compiled:
    """`sql` yields the output columns, and when users stand behind the rows the hidden lists of them."""

    prepared: Prepared
    sql: str
    controls: bool = True
    """False where a sandbox switched the aggregation thresholds off."""
    shows_rows: bool = True

    @property
    def columns(self) -> tuple[OutputFacts, ...]:
        """The output columns in their order."""
        return self.prepared.columns

    @property
    def has_users(self) -> bool:
        """Whether the rows stand for users."""
        return self.prepared.has_users

    def without_rows(self) -> Compiled:
        """Return the query that succeeds with nothing but its header."""
        return replace(self, shows_rows=False)
