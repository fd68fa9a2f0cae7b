"""What the server answers about rows: pages, groups, and what is to be said of them."""

from __future__ import annotations

from typing import Any

from fanfold.client.answer import Answer


class Column(Answer):
    """A column of a batch's table: string, number, boolean, date or timestamp."""

    name: str
    type: str
    note: str | None = None
    """How the instances' results differ here."""


class Note(Answer):
    """One way in which some instances differ from what is shown of a column."""

    column: str
    instances: tuple[str, ...] = ()
    """The first 20 names."""
    instance_count: int = 0
    note: str = ""


class SkippedPart(Answer):
    """Rows that were left out because they cannot be read."""

    instance_name: str
    execution_id: str
    part: str
    reason: str


class Table(Answer):
    """A page of a batch's table."""

    columns: tuple[Column, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    total_rows: int = 0
    notes: tuple[Note, ...] = ()
    """Only where instances differ."""
    skipped: tuple[SkippedPart, ...] = ()


class AggregateProblem(Answer):
    """What is wrong with an aggregation; line and column count from 1 where they are known."""

    message: str
    line: int | None = None
    column: int | None = None


class AggregateReport(Table):
    """The head of an aggregation's answer, or why there is none."""

    ok: bool
    problems: tuple[AggregateProblem, ...] = ()


class GroupColumn(Column):
    """A column of groups."""

    aggregate: str | None = None
    """None for what rows are grouped by."""
    pivot: str | None = None
    is_other: bool = False
    """All values of the pivot without a column of their own."""


class Groups(Answer):
    """A page of groups; `total_rows` counts all groups."""

    columns: tuple[GroupColumn, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    total_rows: int = 0
    notes: tuple[Note, ...] = ()
    skipped: tuple[SkippedPart, ...] = ()


class ChartAxis(Answer):
    """What the categories or the values are."""

    name: str
    type: str
    bucket: str | None = None
    """The stretch of a time: minute … year."""
    bin_width: float | None = None


class ChartSeries(Answer):
    """One line or colour."""

    name: str | float | bool | None = None
    values: tuple[Any, ...] = ()
    """One for each category."""
    is_other: bool = False


class Chart(Answer):
    """Series ready to draw; without axes before the first row."""

    x: ChartAxis | None = None
    y: ChartAxis | None = None
    categories: tuple[str | float | bool | None, ...] = ()
    has_other: bool = False
    """The last category is the rest of them."""
    series: tuple[ChartSeries, ...] = ()
    notes: tuple[Note, ...] = ()
    skipped: tuple[SkippedPart, ...] = ()


class ComparedRow(Answer):
    """A row that is not the same in both batches."""

    change: str
    instance_name: str
    key: dict[str, Any]
    here: dict[str, Any] | None = None
    there: dict[str, Any] | None = None
    differing: tuple[str, ...] = ()
    """Columns."""


class ComparedRows(Answer):
    """Two batches row by row: counts of all, and a page of what is not the same."""

    here_rows: int
    there_rows: int
    same: int
    only_here: int
    only_there: int
    different: int
    repeated_keys: int = 0
    different_by_column: dict[str, int]
    only_here_columns: tuple[str, ...] = ()
    only_there_columns: tuple[str, ...] = ()
    rows: tuple[ComparedRow, ...] = ()
    total_rows: int = 0
