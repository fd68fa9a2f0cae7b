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
from fanfold.batches.comparing import Change, Comparer, Difference, Thresholds
from fanfold.batches.endpoints import JobId
from fanfold.batches.failure_groups import FailureReader

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)


async def failure_reader(request: Request) -> FailureReader:
    """Return a reader of failures over the application's database."""
    return FailureReader(request.app.state.services.database)


async def comparer(request: Request) -> Comparer:
    """Return a comparer over the application's database."""
    return Comparer(request.app.state.services.database)


async def thresholds(
    *,
    ratio: Annotated[float, Query(gt=1, le=1000, description="so many times as long, and …")] = 1.5,
    threshold_ms: Annotated[int, Query(ge=0, le=10**10, description="… at least so much longer")] = 1_000,
) -> Thresholds:
    """Read from when on a target counts as slower or faster."""
    return Thresholds(ratio, threshold_ms)


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


@router.get("/jobs/{job_id}/compare/{other_id}")
async def compare_jobs(
    *,
    job_id: JobId,
    other_id: JobId,
    user: CurrentUser,
    comparer: Annotated[Comparer, Depends(comparer)],
    thresholds: Annotated[Thresholds, Depends(thresholds)],
    words: Annotated[
        list[Change | Difference] | None, Query(alias="class", description="only such; may be repeated")
    ] = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> schemas.JobComparison:
    """Compare a job with an earlier one, target by target: newly failed, fixed, slower, other rows."""
    found = await comparer.compare(
        job_id,
        other_id,
        user_id=user.id,
        words=words or (),
        thresholds=thresholds,
        limit=limit,
        cursor=cursor,
    )
    return presenting.comparison(found, limit=limit)
