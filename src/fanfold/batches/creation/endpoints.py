"""The routes that make batches of any kind: at once, or as a draft that is filled and started."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, status

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.rate import AdmittedSubmission
from fanfold.batches import presenting
from fanfold.batches.creation.jobs import JobCreation
from fanfold.batches.creation.schemas import JobRequest
from fanfold.batches.endpoints import Reader
from fanfold.batches.schemas import Job

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)


async def job_creation(request: Request) -> JobCreation:
    """Return the application's service."""
    return request.app.state.services.creation


Creation = Annotated[JobCreation, Depends(job_creation)]


@router.post("/jobs", status_code=status.HTTP_201_CREATED)
async def create_job(
    *, body: JobRequest, user: CurrentUser, creation: Creation, reader: Reader, _admitted: AdmittedSubmission
) -> Job:
    """Run a kind over targets from anywhere; everything is checked before anything changes.

    With `draft` nothing runs yet: fill it with `PUT …/operations` and start it with `POST …/start`.
    """
    batch = await creation.create(body, user_id=user.id)
    return presenting.job(await reader.get(str(batch.id), user_id=user.id))
