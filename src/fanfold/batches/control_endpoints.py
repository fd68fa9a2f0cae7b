"""The routes that control a job while it runs, and the one that tells who did."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Request

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.batches.control import BatchControl
from fanfold.batches.control_presenting import job_detail, timeline_entry
from fanfold.batches.control_schemas import JobChange, JobDetail, PauseRequest, Timeline
from fanfold.batches.endpoints import Details, JobId
from fanfold.batches.paging import event_cursor, read_event_cursor

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)


async def batch_control(request: Request) -> BatchControl:
    """Return the application's control."""
    return request.app.state.services.control


Control = Annotated[BatchControl, Depends(batch_control)]


@router.post("/jobs/{job_id}/pause")
async def pause_job(
    *,
    job_id: JobId,
    user: CurrentUser,
    control: Control,
    details: Details,
    body: Annotated[PauseRequest | None, Body()] = None,
) -> JobDetail:
    """Rest a job; a paused one takes the new mode, reason and time. Nothing new of it begins."""
    asked = body or PauseRequest()
    await control.pause(
        job_id, user_id=user.id, mode=asked.mode, reason=asked.reason, resume_at=asked.resume_at
    )
    return job_detail(await details.get(job_id, user_id=user.id))


@router.post("/jobs/{job_id}/resume")
async def resume_job(*, job_id: JobId, user: CurrentUser, control: Control, details: Details) -> JobDetail:
    """Let a paused job go on; one that is not paused stays as it is."""
    await control.resume(job_id, user_id=user.id)
    return job_detail(await details.get(job_id, user_id=user.id))


@router.patch("/jobs/{job_id}")
async def change_job(
    *, job_id: JobId, body: JobChange, user: CurrentUser, control: Control, details: Details
) -> JobDetail:
    """Change how a job runs; the next operation that begins is bound by it. What runs is not stopped."""
    await control.change(job_id, body.changed, user_id=user.id)
    return job_detail(await details.get(job_id, user_id=user.id))


@router.get("/jobs/{job_id}/timeline")
async def get_job_timeline(
    *,
    job_id: JobId,
    user: CurrentUser,
    details: Details,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> Timeline:
    """Tell who did what to a job as a whole, the latest first: paused, changed, cancelled, stopped, ended."""
    before = read_event_cursor(cursor)
    steps = await details.timeline(job_id, before=before, limit=limit, user_id=user.id)
    last = event_cursor(steps[-1].id) if len(steps) == limit else None
    return Timeline(items=[timeline_entry(step) for step in steps], limit=limit, next_cursor=last)
