"""A query that passed every check and is ready for DuckDB."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class OutputFacts:
    """One output column: its name and whether its values come from metrics."""

    name: str
    metric: bool


@dataclass(frozen=True, slots=True)
class Compiled:
    """`sql` yields the output columns, and when `has_users` the users behind each row as the list
    `__users`.
    """

    sql: str
    columns: tuple[OutputFacts, ...]
    has_users: bool
    users_needed: int
    ordered: bool
    shows_rows: bool = True
    user_count_column: str | None = None
    """Name of the column that shows how many users stand behind a row, capped at what the row needed."""

    def without_rows(self) -> Compiled:
        """Return the query that succeeds with nothing but its header."""
        return replace(self, shows_rows=False)
