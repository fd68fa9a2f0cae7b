"""The routes that say something of a batch's rows: groups and pivots, charts, comparison with another's."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from fanfold.access.current import CurrentUser
from fanfold.batches import results_schemas as schemas
from fanfold.batches.endpoints import JobId, Reader
from fanfold.batches.results_endpoints import Results, answered
from fanfold.batches.wanted_endpoints import WantedRoute
from fanfold.results.asking import MOST_ROWS, Rows, names
from fanfold.results.charting import Chart, ChartAsked
from fanfold.results.filters import parse_filters
from fanfold.results.grouping import Grouping
from fanfold.results.pages import remarks
from fanfold.results.row_comparison import ComparisonAsked, RowChange
from fanfold.sdk.errors import BadInput, Problem

router = APIRouter(prefix="/batch", tags=["results"], route_class=WantedRoute)

Names = Annotated[str | None, Query(max_length=20_000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000)]


async def rows_kept(
    *,
    filter: Annotated[  # noqa: A002 -- the parameter's name as for rows
        str | None, Query(max_length=20_000, description='JSON: `[{"column", "op", "value"}]`, all must hold')
    ] = None,
    skip_missing: Annotated[bool, Query(description="leave out parts that are lost or damaged")] = False,
) -> Rows:
    """Read which rows are looked at."""
    return Rows(parse_filters(filter), skip_missing=skip_missing)


async def grouping(
    *,
    group_by: Annotated[
        Names, Query(description="`a,b`; a time by its stretch: `day:month` (minute … year)")
    ] = None,
    aggregate: Annotated[
        str,
        Query(
            max_length=20_000,
            description="`count`, or of a column: `sum:cost,avg:cost`; "
            "count, sum, avg, min, max, median, distinct, approx_distinct",
        ),
    ] = "count",
    pivot: Annotated[str | None, Query(max_length=300, description="its values become columns")] = None,
    sort: Annotated[
        str | None, Query(max_length=300, description="a column of the answer, or `-column`")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1_000,
    offset: Offset = 0,
) -> Grouping:
    """Read what rows are grouped by."""
    return Grouping(
        names(group_by, "/group_by"),
        names(aggregate, "/aggregate"),
        pivot or None,
        sort or None,
        limit,
        offset,
    )


async def chart_asked(
    *,
    x: Annotated[str, Query(min_length=1, max_length=300, description="`column` or `column:month`")],
    y: Annotated[str, Query(max_length=300, description="an aggregate, e.g. `sum:cost`")] = "count",
    series: Annotated[str | None, Query(max_length=300, description="one series per value of it")] = None,
    points: Annotated[int, Query(ge=1, le=1_000)] = 50,
    most_series: Annotated[int, Query(ge=1, le=50)] = 10,
) -> ChartAsked:
    """Read what is drawn."""
    return ChartAsked(x, y, series or None, points, most_series)


async def comparison_asked(
    *,
    key: Annotated[Names, Query(description="columns by which rows meet, `a,b`; none: all of them")] = None,
    change: Annotated[list[RowChange] | None, Query(description="only these; may be repeated")] = None,
    across_instances: Annotated[bool, Query(description="rows meet whatever instance they are of")] = False,
    tolerance: Annotated[
        float, Query(ge=0, allow_inf_nan=False, description="numbers no further apart are the same")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    offset: Offset = 0,
) -> ComparisonAsked:
    """Read what is compared."""
    changes = tuple(dict.fromkeys(change or RowChange))
    return ComparisonAsked(names(key, "/key"), changes, across_instances, tolerance, limit, offset)


Kept = Annotated[Rows, Depends(rows_kept)]


@router.get("/jobs/{job_id}/results/groups", response_model=schemas.ResultGroups)
async def group_job_results(
    *,
    job_id: JobId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: Annotated[Grouping, Depends(grouping)],
    rows: Kept,
) -> Response:
    """Group the rows of all targets, and pivot them; also while the job runs."""
    job = await reader.get(job_id, user_id=user.id)
    found = await results.groups(job.id, asked, user_id=user.id, rows=rows)
    given = {"job_id": job.batch_id, "limit": asked.limit, "offset": asked.offset}
    shown = {
        "columns": [asdict(each) for each in found.columns],
        "rows": found.rows,
        "total_rows": found.total_rows,
    }
    return answered(given | shown | remarks(found.notes, found.skipped))


@router.get("/jobs/{job_id}/results/chart", response_model=schemas.ResultChart)
async def chart_job_results(
    *,
    job_id: JobId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: Annotated[ChartAsked, Depends(chart_asked)],
    rows: Kept,
) -> Response:
    """Make series ready to draw: as many points as fit, and the rest as one more."""
    job = await reader.get(job_id, user_id=user.id)
    chart = await results.chart(job.id, asked, user_id=user.id, rows=rows)
    return answered({"job_id": job.batch_id, **_chart(chart)})


@router.get("/jobs/{job_id}/compare/{other_id}/rows", response_model=schemas.ComparedRows)
async def compare_job_rows(
    *,
    job_id: JobId,
    other_id: JobId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: Annotated[ComparisonAsked, Depends(comparison_asked)],
) -> Response:
    """Compare the rows of a job with those of another, the earlier one."""
    job = await reader.get(job_id, user_id=user.id)
    other = await reader.get(other_id, user_id=user.id)
    if job.id == other.id:
        raise BadInput([Problem("/other_id", "A job is compared with another one.")])
    found = await results.compare(job.id, other.id, asked=asked, user_id=user.id)
    given = {"job_id": job.batch_id, "other_id": other.batch_id, "limit": asked.limit, "offset": asked.offset}
    return answered(given | asdict(found))


def _chart(chart: Chart | None) -> dict[str, Any]:
    if chart is None:
        return {"categories": [], "series": []}
    axis = {"bucket": chart.bucket, "bin_width": chart.bin_width}
    return {
        "x": {"name": chart.x.name, "type": chart.x.type, **axis},
        "y": {"name": chart.y.name, "type": chart.y.type},
        "categories": chart.categories,
        "has_other": chart.has_other,
        "series": [asdict(each) for each in chart.series],
        **remarks(chart.notes, chart.skipped),
    }
