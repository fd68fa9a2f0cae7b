"""The general batch API: reads, cancel, delete; the live streams have a module of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response, status

from fanfold.access.current import CurrentUser, NamedUser
from fanfold.access.polling import PolledRoute, answered
from fanfold.access.text import Line
from fanfold.batches import presenting, schemas
from fanfold.batches.control_presenting import job_detail
from fanfold.batches.control_schemas import JobDetail
from fanfold.batches.details import JobDetails
from fanfold.batches.lifecycle import Reason
from fanfold.batches.paging import Page
from fanfold.batches.reader import BatchFilter, BatchReader, OperationFilter
from fanfold.batches.service import BatchService
from fanfold.batches.waiting_schemas import WaitView

router = APIRouter(prefix="/batch", tags=["batches"], route_class=PolledRoute)


async def batch_reader(request: Request) -> BatchReader:
    """Return the application's reader."""
    return request.app.state.services.batch_reader


async def batch_service(request: Request) -> BatchService:
    """Return the application's service."""
    return request.app.state.services.batches


async def job_details(request: Request) -> JobDetails:
    """Return the application's reader of whole jobs."""
    return request.app.state.services.job_details


async def page(
    *,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
    sort: Annotated[str | None, Query(description="a field, with `-` before it for the reverse")] = None,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> Page:
    """Read which part of a list is asked for."""
    return Page(limit=limit, offset=offset, sort=sort, cursor=cursor)


Reader = Annotated[BatchReader, Depends(batch_reader)]
Service = Annotated[BatchService, Depends(batch_service)]
Details = Annotated[JobDetails, Depends(job_details)]
PageAsked = Annotated[Page, Depends(page)]
JobId = Annotated[str, Path(description="`batch_…` or the uuid", pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Statuses = Annotated[list[str] | None, Query(alias="status", description="may be repeated")]
Search = Annotated[Line | None, Query(max_length=200)]


async def operations_asked(
    *,
    statuses: Statuses = None,
    reason: Annotated[list[Reason] | None, Query(description="why they ended so; may be repeated")] = None,
    fingerprint: Annotated[
        list[Annotated[Line, Query(max_length=64)]] | None, Query(description="of a failure group")
    ] = None,
    waiting: Annotated[
        list[Literal["slot", "retry", "remote"]] | None,
        Query(description="for a free slot, for the next attempt, or for the remote side"),
    ] = None,
    q: Search = None,
) -> OperationFilter:
    """Read which operations of a job are asked for."""
    return OperationFilter(
        statuses=presenting.operation_states(statuses or []),
        q=q,
        reasons=tuple(reason or ()),
        fingerprints=tuple(fingerprint or ()),
        waiting=tuple(waiting or ()),
    )


OperationsAsked = Annotated[OperationFilter, Depends(operations_asked)]


@router.get("/jobs", response_model=schemas.JobList)
async def list_jobs(
    *,
    user_id: NamedUser,
    reader: Reader,
    page: PageAsked,
    statuses: Statuses = None,
    kind: Annotated[Line | None, Query(max_length=100)] = None,
    q: Search = None,
) -> Response:
    """List the caller's jobs, the newest first."""
    where = BatchFilter(statuses=presenting.batch_states(statuses or []), kind=kind, q=q)
    return answered(presenting.job_list(await reader.list(where, page, user_id=user_id), page))


@router.get("/jobs/{job_id}", response_model=JobDetail)
async def get_job(*, job_id: JobId, user_id: NamedUser, details: Details) -> Response:
    """Show a job, how it runs and what holds it up; with `If-None-Match` an unchanged one costs a 304."""
    detail = await details.get(job_id, user_id=user_id)
    return answered(job_detail(detail), detail.revision)


@router.get("/jobs/{job_id}/progress", response_model=schemas.JobProgress)
async def get_job_progress(*, job_id: JobId, user_id: NamedUser, reader: Reader) -> Response:
    """Show how far a job is; with `If-None-Match` an unchanged one costs a 304."""
    batch = await reader.get(job_id, user_id=user_id)
    return answered(presenting.job_status(batch), batch.revision)


@router.get("/jobs/{job_id}/operations", response_model=schemas.OperationList)
async def list_operations(
    *,
    job_id: JobId,
    user_id: NamedUser,
    reader: Reader,
    page: PageAsked,
    where: OperationsAsked,
) -> Response:
    """List a job's operations in the order of its targets."""
    found = await reader.operations(job_id, where=where, page=page, user_id=user_id)
    return answered(presenting.operation_list(found, page))


@router.get("/jobs/{job_id}/operations/{operation_id}")
async def get_operation(
    *, job_id: JobId, operation_id: str, user: CurrentUser, reader: Reader, details: Details
) -> schemas.OperationDetail:
    """Show an operation with its parameters and attempts, and why it waits."""
    view = await reader.operation(job_id, operation_id, user_id=user.id)
    waits = await details.waits_of(job_id, view.operation.id, user_id=user.id)
    shown = tuple(WaitView.of(wait) for wait in waits)
    return presenting.operation_detail(view).model_copy(update={"waiting_for": shown})


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(
    *,
    job_id: JobId,
    user: CurrentUser,
    service: Service,
    body: Annotated[schemas.CancelRequest | None, Body()] = None,
) -> schemas.Cancelled:
    """Cancel a job: what waits ends now, what runs is stopped, the remote sides too."""
    reason = body.reason if body else None
    return presenting.cancelled(await service.cancel(job_id, user_id=user.id, reason=reason))


@router.delete("/jobs/{job_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_job(*, job_id: JobId, user: CurrentUser, service: Service) -> None:
    """Delete a job that has ended, with its results."""
    await service.delete(job_id, user_id=user.id)


@router.get("/statistics", response_model=schemas.Statistics)
async def get_statistics(*, user_id: NamedUser, reader: Reader) -> Response:
    """Sum up the caller's jobs."""
    return answered(presenting.statistics(await reader.statistics(user_id=user_id)))


@router.get("/kinds")
async def list_kinds(*, request: Request, user: CurrentUser) -> list[schemas.Kind]:
    """List the installed kinds of work."""
    del user
    return [presenting.kind(kind) for _, kind in sorted(request.app.state.services.catalog.kinds.items())]
