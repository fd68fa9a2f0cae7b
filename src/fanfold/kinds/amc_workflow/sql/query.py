"""A parsed query: its syntax tree, where parts stand, and what its names stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import sqlglot
from sqlglot import exp

from fanfold.kinds.amc_workflow.sql.catalogue import catalogue, columns_of
from fanfold.kinds.amc_workflow.sql.text import Place, QueryText
from fanfold.kinds.amc_workflow.sql.tree import Tree
from fanfold.sdk.kind import Finding

AMC_FUNCTIONS_OVER_TABLES = frozenset({"EXTEND_TIME_WINDOW"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule of AMC: why it is one and how to comply; the same for every place that breaks it."""

    rule: str
    why: str
    fix: str
    severity: str = "error"

    def found(self, message: str, place: Place | None = None) -> Finding:
        """Return the finding at *place*."""
        return Finding(
            rule=self.rule,
            severity=self.severity,
            message=message,
            line=place.line if place else None,
            column=place.column if place else None,
            explanation=self.why,
            fix=self.fix,
        )


@dataclass(frozen=True, slots=True)
class Query:
    """One statement that begins with SELECT or WITH."""

    text: QueryText
    tree: exp.Query
    parts: Tree
    shared: Mapping[str, exp.Query] = field(default_factory=dict[str, exp.Query])
    """The queries of WITH by their lower-case name."""
    tables: Mapping[str, Collection[str]] | None = None
    """The tables of one instance, all in lower case; None: those that AMC documents."""
    _sources: dict[int, dict[str, exp.Query | str]] = field(
        default_factory=dict[int, dict[str, "exp.Query | str"]]
    )

    def place_of(self, node: exp.Expr) -> Place | None:
        """Return where a part begins, None when the parser did not note it."""
        start = self.parts.start(node)
        return None if start is None else self.text.place(start)

    def find_all(self, *types: type[exp.Expr]) -> Iterator[exp.Expr]:
        """Yield every part of these types in the order of the text."""
        found = [part for part in self.parts.parts if isinstance(part, types)]
        return iter(sorted(found, key=lambda part: self.parts.start(part) or 0))

    def known_tables(self) -> Collection[str]:
        """Return the names of the tables that may be read."""
        return catalogue() if self.tables is None else self.tables

    def columns_of(self, table: str) -> Collection[str] | None:
        """Return the columns of a table, None when nobody knows it."""
        return columns_of(table) if self.tables is None else self.tables.get(table.lower())

    def calls(self, name: str) -> Iterator[exp.Anonymous]:
        """Yield the calls of a function that the parser has no class for."""
        for node in self.find_all(exp.Anonymous):
            if isinstance(node, exp.Anonymous) and node.name.upper() == name:
                yield node

    def sources(self, select: exp.Select) -> dict[str, exp.Query | str]:
        """Return what a SELECT reads by its lower-case alias: a query, or the name of a table."""
        known = self._sources.get(id(select))
        if known is None:
            known = self._sources[id(select)] = self._read_sources(select)
        return known

    def _read_sources(self, select: exp.Select) -> dict[str, exp.Query | str]:
        joins = cast("list[exp.Join]", select.args.get("joins") or [])
        first = select.args.get("from_")
        parts = [*([first.this] if isinstance(first, exp.From) else []), *(join.this for join in joins)]
        # VALUES and arrays that are unfolded are no tables, and nothing of theirs is AMC's.
        known = [part for part in parts if isinstance(part, exp.Table | exp.Subquery)]
        return {alias: source for part in known for alias, source in [self._source(part)]}

    def _source(self, part: exp.Table | exp.Subquery) -> tuple[str, exp.Query | str]:
        if isinstance(part, exp.Subquery):
            return part.alias.lower(), part.this
        table = table_name(part)
        alias = (part.alias or table).lower()
        return alias, self.shared.get(table.lower(), table)


def parse(text: QueryText) -> Sequence[exp.Expr]:
    """Return the statements of *text*. Raises `SqlglotError`."""
    return [statement for statement in sqlglot.parse(text.sql) if statement is not None]


def query_of(
    text: QueryText, statement: exp.Query, *, tables: Mapping[str, Collection[str]] | None = None
) -> Query:
    """Return *statement* with the names of its WITH, to be read against *tables*."""
    shared = {cte.alias.lower(): cast("exp.Query", cte.this) for cte in statement.find_all(exp.CTE)}
    return Query(text, statement, Tree(statement), shared, tables)


def selects_of(query: exp.Query) -> Iterator[exp.Select]:
    """Yield the SELECTs whose rows *query* returns: itself, or the branches of its UNION."""
    waiting: list[exp.Query] = [query]
    while waiting:
        found = waiting.pop()
        if isinstance(found, exp.Select):
            yield found
        elif isinstance(found, exp.SetOperation):
            waiting += [found.right, found.left]
        elif isinstance(found, exp.Subquery):
            waiting.append(cast("exp.Query", found.this))


def table_name(part: exp.Table) -> str:
    """Return the name of a table, also of one whose time window is extended."""
    call = part.find(exp.Anonymous)
    while call is not None and call.name.upper() not in AMC_FUNCTIONS_OVER_TABLES:
        inner = call.expressions[0] if call.expressions else None
        call = inner if isinstance(inner, exp.Anonymous) else None
    if call is not None and call.expressions and isinstance(call.expressions[0], exp.Literal):
        return call.expressions[0].name
    return part.name
