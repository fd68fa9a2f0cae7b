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
