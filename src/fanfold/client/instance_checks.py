"""What a workflow's check on instances found."""

from __future__ import annotations

from uuid import UUID

from fanfold.client.answer import Answer
from fanfold.client.models import CheckProblem, Finding


class CheckedOnInstance(Answer):
    """One instance and what speaks against running the workflow on it."""

    id: UUID | None = None
    name: str
    ok: bool
    findings: tuple[Finding, ...] = ()


class InstanceCheckReport(Answer):
    """What was found on each instance; nothing was asked of them when the batch itself is wrong."""

    ok: bool
    findings: tuple[Finding, ...] = ()
    problems: tuple[CheckProblem, ...] = ()
    instances: tuple[CheckedOnInstance, ...] = ()
