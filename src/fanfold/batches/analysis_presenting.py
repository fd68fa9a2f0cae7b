"""Turns failures by cause and comparisons into answers."""

from __future__ import annotations

from typing import Any

from fanfold.batches import analysis_schemas as schemas
from fanfold.batches import comparing, failure_groups


def failure_group_list(
    found: failure_groups.FailureGroups, *, limit: int, offset: int
) -> schemas.FailureGroupList:
    """Show a page of a batch's failure groups."""
    return schemas.FailureGroupList(
        job_id=found.batch_id,
        total_failures=found.failure_count,
        total_groups=found.group_count,
        items=[_group(group) for group in found.groups],
        limit=limit,
        offset=offset,
    )


def spread_cause_list(
    found: failure_groups.SpreadCauses, *, limit: int, offset: int
) -> schemas.SpreadCauseList:
    """Show a page of the causes over all batches."""
    return schemas.SpreadCauseList(
        total_failures=found.failure_count,
        total_groups=found.group_count,
        items=[_spread(cause) for cause in found.causes],
        limit=limit,
        offset=offset,
    )


def _group(shown: failure_groups.FailureGroup) -> schemas.FailureGroup:
    return schemas.FailureGroup(
        **_cause(shown.cause),
        examples=[schemas.FailureExample.model_validate(example) for example in shown.examples],
        attempt_count=shown.attempt_count,
        recovered_count=shown.recovered_count,
    )


def _spread(shown: failure_groups.SpreadCause) -> schemas.SpreadCause:
    return schemas.SpreadCause(
        **_cause(shown.cause),
        job_count=shown.batch_count,
        jobs=[schemas.HitJob.model_validate(batch) for batch in shown.batches],
    )


def _cause(shown: failure_groups.Cause) -> dict[str, Any]:
    return {
        "fingerprint": shown.fingerprint,
        "error_class": shown.error_class,
        "message": shown.message,
        "hint": shown.hint,
        "reason": shown.reason,
        "count": shown.failure_count,
        "share": shown.share,
        "first_seen_at": shown.first_seen_at,
        "last_seen_at": shown.last_seen_at,
        "retryable": shown.retryable,
        "suggested_action": shown.advice.value,
        "suggestion": failure_groups.SENTENCES[shown.advice],
    }


def comparison(found: comparing.Comparison, *, limit: int) -> schemas.JobComparison:
    """Show two batches beside each other."""
    return schemas.JobComparison(
        job_id=found.batch.batch_id,
        other_id=found.other.batch_id,
        counts=dict(found.counts),
        items=[_compared(target) for target in found.targets],
        total=found.total,
        limit=limit,
        next_cursor=found.next_cursor,
    )


def _compared(shown: comparing.Compared) -> schemas.ComparedTarget:
    return schemas.ComparedTarget(
        target_key=shown.key,
        target_id=str(shown.target_id or shown.key),
        target_name=shown.name,
        change=shown.change,
        differences=list(shown.differences),
        job=_side(shown.here),
        other=_side(shown.there),
    )


def _side(shown: comparing.Side | None) -> schemas.ComparedSide | None:
    if shown is None:
        return None
    return schemas.ComparedSide(
        operation_id=shown.operation_id,
        status=shown.status.value,
        duration_ms=shown.duration_ms,
        row_count=shown.row_count,
        error_message=shown.message,
        fingerprint=shown.fingerprint,
    )
