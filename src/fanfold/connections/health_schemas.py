"""What the check of a connection takes and gives."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from fanfold.connections.health import HealthReport
from fanfold.sdk.discovery import CheckedStep, Trouble
from fanfold.sdk.errors import Cause


class CheckForm(BaseModel):
    """How much to look at."""

    model_config = ConfigDict(extra="forbid")

    instances: Annotated[
        int, Field(ge=0, le=500, description="of its instances, whose tables are listed")
    ] = 20


class TroubleView(BaseModel):
    """Why something does not work."""

    cause: Annotated[
        Cause,
        Field(description="`no_access`: the login is good and may not see this; `terms`: accept them first"),
    ]
    message: str
    hint: str | None
    request_id: Annotated[str | None, Field(description="by which the remote side's support finds the call")]

    @classmethod
    def of(cls, trouble: Trouble | None) -> TroubleView | None:
        """Show *trouble*, if there is any."""
        if trouble is None:
            return None
        return cls(
            cause=trouble.cause,
            message=trouble.message,
            hint=trouble.hint,
            request_id=trouble.request_id,
        )


class StepView(BaseModel):
    """One step of a check."""

    step: Annotated[
        str, Field(description="`secrets`, `settings`, `sign_in`, `accounts`, `instances`, `data_sources`, …")
    ]
    subject: Annotated[str, Field(description="an account, an instance; empty: the login itself")]
    ok: bool
    detail: str
    trouble: TroubleView | None
    duration_ms: int

    @classmethod
    def of(cls, step: CheckedStep) -> StepView:
        """Show *step*."""
        return cls(
            step=step.step,
            subject=step.subject,
            ok=step.trouble is None,
            detail=step.detail,
            trouble=TroubleView.of(step.trouble),
            duration_ms=step.duration_ms,
        )


class HealthView(BaseModel):
    """What a check of a connection found."""

    ok: bool
    failed_step: Annotated[str | None, Field(description="the first that does not work")]
    steps: list[StepView]
    instances_checked: int
    instances_total: int

    @classmethod
    def of(cls, report: HealthReport) -> HealthView:
        """Show *report*."""
        failed = report.failed
        return cls(
            ok=failed is None,
            failed_step=failed.step if failed else None,
            steps=[StepView.of(step) for step in report.steps],
            instances_checked=report.targets_checked,
            instances_total=report.targets_total,
        )
