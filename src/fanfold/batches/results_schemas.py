"""What the routes of a batch's rows answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Word = Literal["string", "number", "boolean", "date", "timestamp"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ResultColumn(_Answer):
    """A column of the united table."""

    name: str
    type: Word
    note: Annotated[str | None, Field(description="how the instances' results differ here")] = None


class ResultNote(_Answer):
    """One way in which some instances differ from what is shown of a column."""

    column: str
    instances: Annotated[list[str], Field(description="the first 20 names")]
    instance_count: int
    note: str


class SkippedPart(_Answer):
    """Rows that are left out because they cannot be read."""

    instance_name: str
    execution_id: str
    part: Annotated[str, Field(description="its path in the result store")]
    reason: Literal["missing", "damaged"]


class ResultRows(_Answer):
    """A page of the rows of all instances."""

    columns: list[ResultColumn]
    rows: list[dict[str, Any]]
    total_rows: Annotated[int, Field(description="all rows that the filter lets through")]
    notes: Annotated[list[ResultNote] | None, Field(description="only where instances differ")] = None
    skipped: Annotated[
        list[SkippedPart] | None, Field(description="only with `skip_missing`, and if there are any")
    ] = None


class JobResults(ResultRows):
    """A page of a job's rows."""

    job_id: str
    limit: int
    offset: int


class AggregateProblem(_Answer):
    """What is wrong with an aggregation."""

    message: str
    line: Annotated[int | None, Field(description="counted from 1, where it is known")]
    column: int | None


class AggregateReport(ResultRows):
    """The head of an aggregation's answer, or why there is none."""

    ok: bool
    problems: list[AggregateProblem]


class GroupColumn(_Answer):
    """A column of groups."""

    name: str
    type: Word
    aggregate: Annotated[str | None, Field(description="null for what rows are grouped by")]
    pivot: Annotated[str | None, Field(description="the pivot's value; null also stands for its null")]
    is_other: Annotated[bool, Field(description="all values of the pivot without a column of their own")]


class ResultGroups(_Answer):
    """A page of groups."""

    job_id: str
    limit: int
    offset: int
    columns: list[GroupColumn]
    rows: list[dict[str, Any]]
    total_rows: Annotated[int, Field(description="all groups")]
    notes: list[ResultNote] | None = None
    skipped: list[SkippedPart] | None = None


class ChartX(_Answer):
    """What the categories are."""

    name: str
    type: Word
    bucket: Literal["minute", "hour", "day", "week", "month", "quarter", "year"] | None
    bin_width: Annotated[float | None, Field(description="categories are lower ends of stretches so wide")]


class ChartY(_Answer):
    """What the values are."""

    name: str
    type: Word


class ChartSeries(_Answer):
    """One line or colour."""

    name: str | float | bool | None
    values: Annotated[list[Any], Field(description="one per category; null where there are no rows")]
    is_other: bool


class ResultChart(_Answer):
    """Series ready to draw; `x` and `y` are missing before the first rows."""

    job_id: str
    x: ChartX | None = None
    y: ChartY | None = None
    categories: list[str | float | bool | None]
    has_other: Annotated[bool, Field(description="the last category is the rest of them")] = False
    series: list[ChartSeries]
    notes: list[ResultNote] | None = None
    skipped: list[SkippedPart] | None = None


class ComparedRow(_Answer):
    """A row that is not the same in both jobs."""

    change: Literal["only_here", "only_there", "different"]
    instance_name: str
    key: dict[str, Any]
    here: dict[str, Any] | None
    there: dict[str, Any] | None
    differing: Annotated[list[str], Field(description="columns")]


class ComparedRows(_Answer):
    """Two jobs row by row: counts of all, and a page of what is not the same."""

    job_id: str
    other_id: str
    limit: int
    offset: int
    here_rows: int
    there_rows: int
    same: int
    only_here: int
    only_there: int
    different: int
    repeated_keys: Annotated[int, Field(description="rows whose key stood in their job before")]
    different_by_column: dict[str, int]
    only_here_columns: list[str]
    only_there_columns: list[str]
    rows: list[ComparedRow]
    total_rows: Annotated[int, Field(description="rows with the changes asked for")]
