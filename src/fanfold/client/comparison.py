"""A batch beside another, target by target, as the server tells it."""

from __future__ import annotations

from uuid import UUID

from fanfold.client.answer import Answer


class ComparedSide(Answer):
    """One batch's operation for a target."""

    operation_id: UUID
    status: str
    duration_ms: int | None = None
    row_count: int | None = None
    error_message: str | None = None
    fingerprint: str | None = None


class ComparedTarget(Answer):
    """A target in two batches."""

    target_key: str
    target_id: str
    target_name: str
    change: str
    """newly_failed, still_failing, fixed, succeeded, not_run, only_here or only_there."""
    differences: tuple[str, ...] = ()
    """Between two successes: slower, faster, different_row_count, different_summary."""
    job: ComparedSide | None = None
    other: ComparedSide | None = None


class Comparison(Answer):
    """A batch beside another."""

    job_id: str
    other_id: str
    counts: dict[str, int]
    """Targets by change, which sum up to all, and by difference."""
    items: tuple[ComparedTarget, ...] = ()
    total: int = 0
    """Targets that were asked for; `items` may be fewer."""
