"""The routes that make batches of any kind: at once, or as a draft that is filled and started."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request, status
from starlette.requests import ClientDisconnect

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import ClaimedKey, IdempotentRoute
from fanfold.access.rate import AdmittedSubmission
from fanfold.batches import presenting
from fanfold.batches.creation import presenting as shown
from fanfold.batches.creation.jobs import JobCreation
from fanfold.batches.creation.schemas import (
    DraftForm,
    Filled,
    JobForm,
    JobRequest,
    PreviewAnswer,
    Started,
    StartRequest,
)
from fanfold.batches.creation.upload_endpoints import CSV, FORM, JSON_LINES, uploaded
from fanfold.batches.endpoints import JobId, Reader
from fanfold.batches.schemas import Job

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)

_TARGETS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "one target a line, as in `targets` of a new job",
        "content": {
            JSON_LINES[0]: {"schema": {"type": "string"}},
            CSV[0]: {"schema": {"type": "string"}},
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


async def job_creation(request: Request) -> JobCreation:
    """Return the application's service."""
    return request.app.state.services.creation


Creation = Annotated[JobCreation, Depends(job_creation)]


@router.post("/jobs", status_code=status.HTTP_201_CREATED)
async def create_job(
    *,
    body: JobRequest,
    user: CurrentUser,
    creation: Creation,
    reader: Reader,
    claim: ClaimedKey,
    _admitted: AdmittedSubmission,
) -> Job:
    """Run a kind over targets from anywhere; everything is checked before anything changes.

    With `draft` nothing runs yet: fill it with `PUT …/operations` and start it with `POST …/start`.
    """
    batch = await creation.create(body, user_id=user.id, claim=claim)
    return presenting.job(await reader.get(str(batch.id), user_id=user.id))


@router.post("/jobs/preview")
async def preview_job(*, body: JobForm, user: CurrentUser, creation: Creation) -> PreviewAnswer:
    """Show what a batch would do, or everything that is wrong with it.

    Send the answer's `preview` with the same body to run exactly this: if anything changed, it is refused.
    """
    return shown.preview(await creation.preview(body, user_id=user.id))


@router.post("/jobs/{job_id}/preview")
async def preview_draft(
    *,
    job_id: JobId,
    user: CurrentUser,
    creation: Creation,
    body: Annotated[DraftForm | None, Body()] = None,
) -> PreviewAnswer:
    """Show what a draft would do; its `preview` binds the start."""
    return shown.preview(await creation.preview_draft(job_id, body or DraftForm(), user_id=user.id))


@router.put("/jobs/{job_id}/operations", openapi_extra=_TARGETS)
async def fill_job(*, job_id: JobId, request: Request, user: CurrentUser, creation: Creation) -> Filled:
    """Add targets to a draft: JSON lines of any length, stored as they come, or a CSV file as a whole.

    What is there already, the same, counts as known: a stream that broke off is sent again from its start.
    """
    try:
        async with uploaded(request) as upload:
            batch, tally = await creation.fill(job_id, upload, user_id=user.id)
    except ClientDisconnect as error:
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "The stream broke off.") from error
    return Filled(job_id=batch.batch_id, added=tally.added, known=tally.known, total=tally.total)


@router.post("/jobs/{job_id}/start")
async def start_job(
    *,
    job_id: JobId,
    user: CurrentUser,
    creation: Creation,
    body: Annotated[StartRequest | None, Body()] = None,
) -> Started:
    """Start a draft, with `preview` only if it is what that showed; twice is as once."""
    batch = await creation.start(job_id, body or StartRequest(), user_id=user.id)
    return Started(
        job_id=batch.batch_id,
        status=presenting.status_word(batch.status),
        total_operations=batch.counts.total,
    )
