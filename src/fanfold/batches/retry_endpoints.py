"""The route that runs a chosen part of a batch again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.batches.endpoints import JobId, Service
from fanfold.batches.presenting import status_word
from fanfold.batches.retry_schemas import Retried, RetryCandidate, RetryRequest
from fanfold.batches.retrying import Candidate, Retry

router = APIRouter(prefix="/batch", tags=["batches"], route_class=IdempotentRoute)


@router.post("/jobs/{job_id}/retry", response_model_exclude_unset=True)
async def retry_job(
    *,
    job_id: JobId,
    user: CurrentUser,
    service: Service,
    body: Annotated[RetryRequest | None, Body()] = None,
) -> Retried:
    """Run the failed part of a job again, or another chosen part of it, inside the same job.

    With patches the chosen operations run with other parameters; earlier attempts keep what they ran with.
    """
    asked = body or RetryRequest()
    return _retried(await service.retry_part(job_id, asked.wish(), user_id=user.id))


def _retried(retry: Retry) -> Retried:
    answer: dict[str, Any] = {
        "job_id": retry.batch.batch_id,
        "status": status_word(retry.batch.status),
        "retried_operations": retry.count,
        "message": _message(retry),
    }
    if retry.candidates is not None:
        answer |= {"dry_run": True, "operations": [_candidate(one) for one in retry.candidates]}
    return Retried(**answer)


def _message(retry: Retry) -> str:
    if not retry.count:
        return "Nothing of this batch has failed, so nothing runs again."
    noun = "operation" if retry.count == 1 else "operations"
    if retry.candidates is not None:
        return f"{retry.count} {noun} would run again."
    return f"{retry.count} {noun} {'runs' if retry.count == 1 else 'run'} again."


def _candidate(shown: Candidate) -> RetryCandidate:
    operation = shown.operation
    return RetryCandidate(
        id=operation.id,
        target_id=str(operation.target.id or operation.target.key),
        target_name=operation.target.name,
        status=operation.status.value,
        reason=operation.reason,
        attempt_count=operation.attempt_count,
        error_message=operation.error["message"] if operation.error else None,
        fingerprint=operation.error_fingerprint,
        parameters=dict(shown.parameters),
    )
