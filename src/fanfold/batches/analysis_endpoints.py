"""Routes that look at a batch as a whole: its failures by cause, beside another batch."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.batches import analysis_presenting as presenting
from fanfold.batches import analysis_schemas as schemas
from fanfold.batches.endpoints import JobId
from fanfold.batches.failure_groups import FailureReader

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)


async def failure_reader(request: Request) -> FailureReader:
    """Return a reader of failures over the application's database."""
    return FailureReader(request.app.state.services.database)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


Failures = Annotated[FailureReader, Depends(failure_reader)]
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000_000)]


@router.get("/jobs/{job_id}/failure-groups")
async def list_failure_groups(
    *,
    job_id: JobId,
    user: CurrentUser,
    failures: Failures,
    include: Annotated[
        list[Literal["attempts"]] | None,
        Query(description="`attempts`: also the causes of attempts that were tried again"),
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> schemas.FailureGroupList:
    """List a job's failures by cause, the most frequent first, each with examples and what to do."""
    found = await failures.of_batch(
        job_id, user_id=user.id, attempts=bool(include), limit=limit, offset=offset
    )
    return presenting.failure_group_list(found, limit=limit, offset=offset)


@router.get("/failure-groups")
async def list_spread_failure_groups(
    *,
    user: CurrentUser,
    failures: Failures,
    since: Annotated[
        datetime | None,
        AfterValidator(lambda moment: moment and _in_utc(moment)),
        Query(description="failures from this moment on; the last seven days when left out"),
    ] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> schemas.SpreadCauseList:
    """List the causes that have hit the caller's jobs, those that hit the most jobs first."""
    found = await failures.of_user(user_id=user.id, since=since, limit=limit, offset=offset)
    return presenting.spread_cause_list(found, limit=limit, offset=offset)
