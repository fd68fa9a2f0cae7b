"""The route that fetches rows again from AMC."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request, status
from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import ClaimedKey, IdempotentRoute
from fanfold.access.rate import AdmittedSubmission
from fanfold.batches.endpoints import JobId
from fanfold.workflows.fetching import ResultFetcher

router = APIRouter(prefix="/batch", tags=["results"], route_class=IdempotentRoute)


async def result_fetcher(request: Request) -> ResultFetcher:
    """Return the application's fetcher."""
    return request.app.state.services.result_fetcher


class FetchForm(BaseModel):
    """Which rows are to be fetched again."""

    model_config = ConfigDict(extra="forbid", title="Fetch")

    operation_ids: Annotated[
        list[UUID] | None,
        Field(min_length=1, description="without them, all operations whose rows are gone"),
    ] = None


class FetchStarted(BaseModel):
    """The job that fetches them; its rows are the answer."""

    job_id: str
    of_job_id: str
    total_operations: int


@router.post("/jobs/{job_id}/fetch", status_code=status.HTTP_202_ACCEPTED)
async def fetch_rows(
    *,
    job_id: JobId,
    user: CurrentUser,
    fetcher: Annotated[ResultFetcher, Depends(result_fetcher)],
    claim: ClaimedKey,
    _admitted: AdmittedSubmission,
    body: Annotated[FetchForm | None, Body()] = None,
) -> FetchStarted:
    """Fetch rows again that were removed or lost here and that AMC still keeps; no query runs."""
    ids = body.operation_ids if body else None
    batch = await fetcher.start(job_id, user_id=user.id, operation_ids=ids, claim=claim)
    return FetchStarted(job_id=batch.batch_id, of_job_id=job_id, total_operations=batch.counts.total)
