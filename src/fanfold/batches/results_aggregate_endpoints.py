"""The route that tries out an aggregation: what is wrong with it and where, or the head of its answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from fanfold.access.current import CurrentUser
from fanfold.batches import results_schemas as schemas
from fanfold.batches.endpoints import JobId, Reader
from fanfold.batches.results_endpoints import Results, answered
from fanfold.batches.wanted_endpoints import while_wanted
from fanfold.results.asking import Rows
from fanfold.results.filters import parse_filters
from fanfold.results.sandbox import AggregateRefused

router = APIRouter(prefix="/batch", tags=["results"])


class AggregateTrial(BaseModel):
    """An aggregation that is being written."""

    model_config = ConfigDict(extra="forbid")

    sql: Annotated[
        str,
        StringConstraints(max_length=20_000),
        Field(description="one SELECT over `results`; `saved` stands for that of the batch's workflow"),
    ]
    filter: Annotated[
        list[dict[str, Any]], Field(max_length=50, description="of the rows that go in, as of a page")
    ] = []
    skip_missing: bool = False
    limit: Annotated[int, Field(ge=1, le=200)] = 20


@router.post("/jobs/{job_id}/results/aggregate", response_model=schemas.AggregateReport)
async def try_aggregate(
    *,
    job_id: JobId,
    body: AggregateTrial,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    request: Request,
) -> Response:
    """Run an aggregation over the rows of a job so far, and show the head of its answer or what is wrong."""
    job = await reader.get(job_id, user_id=user.id)
    filters = parse_filters(json.dumps(body.filter))
    rows = Rows(filters, skip_missing=body.skip_missing, aggregate=body.sql.strip() or " ")
    try:
        shown = results.page(job.id, user_id=user.id, rows=rows, limit=body.limit)
        page = await while_wanted(request, shown)
    except AggregateRefused as error:
        problems = [asdict(each) for each in error.found]
        return answered({"ok": False, "problems": problems, "columns": [], "rows": [], "total_rows": 0})
    return answered({"ok": True, "problems": [], **page.body()})
