"""Failures by cause, as the server tells them: inside one batch, and over all batches of the user."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from fanfold.client.answer import Answer


class FailureCause(Answer):
    """Failures of one cause; its fingerprint is what `retry` takes."""

    fingerprint: str
    class_name: str = Field(alias="class", default="")
    message: str
    hint: str | None = None
    reason: str | None = None
    count: int
    """Operations that have failed by it."""
    share: float
    """Percent of all failed operations."""
    first_seen_at: datetime
    last_seen_at: datetime
    retryable: bool
    suggested_action: str
    suggestion: str


class FailureExample(Answer):
    """An operation of a group."""

    operation_id: UUID
    target_id: str
    target_name: str


class FailureGroup(FailureCause):
    """A cause inside one batch."""

    examples: tuple[FailureExample, ...] = ()
    attempt_count: int | None = None
    """Attempts that ended so; None unless attempts were asked for."""
    recovered_count: int | None = None
    """Operations that met it and succeeded later; None as above."""


class HitJob(Answer):
    """A batch that a cause has hit."""

    job_id: str
    name: str
    kind: str
    failure_count: int


class SpreadCause(FailureCause):
    """A cause over many batches."""

    job_count: int
    jobs: tuple[HitJob, ...] = ()
