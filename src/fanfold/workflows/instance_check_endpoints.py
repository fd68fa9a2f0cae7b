"""The check of a workflow on the instances of its batch."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.current import CurrentUser
from fanfold.workflows.endpoints import Builder, Service
from fanfold.workflows.headers import declared_in
from fanfold.workflows.instance_checking import CheckedInstance, InstanceChecker
from fanfold.workflows.model import Draft
from fanfold.workflows.schemas import BatchRequestForm, FindingView, Parameters, ProblemView, SqlText

router = APIRouter(prefix="/workflows", tags=["workflows"])


class InstancesToCheck(BaseModel):
    """A query, and the batch that is to run it."""

    model_config = ConfigDict(extra="forbid")

    sql_query: SqlText
    parameters: Parameters = []
    batch: BatchRequestForm
    dry_run: Annotated[
        bool, Field(description="let AMC compile it on every instance: no rows, no quota, some seconds")
    ] = False


class CheckedInstanceView(BaseModel):
    """One instance and what speaks against running the query on it."""

    id: UUID | None
    name: str
    ok: bool
    findings: list[FindingView]

    @classmethod
    def of(cls, checked: CheckedInstance) -> CheckedInstanceView:
        """Show *checked*."""
        return cls(
            id=checked.target.id,
            name=checked.target.name,
            ok=checked.is_good,
            findings=[FindingView.of(finding) for finding in checked.findings],
        )


class InstanceCheckReport(BaseModel):
    """What was found on each instance; nothing was asked of them when the batch itself is wrong."""

    ok: bool
    findings: list[FindingView]
    problems: list[ProblemView]
    instances: list[CheckedInstanceView]


async def instance_checker(request: Request) -> InstanceChecker:
    """Return the application's checker."""
    return request.app.state.services.instance_checker


Checker = Annotated[InstanceChecker, Depends(instance_checker)]


@router.post("/check/instances")
async def check_query_on_instances(
    *, body: InstancesToCheck, user: CurrentUser, service: Service, builder: Builder, checker: Checker
) -> InstanceCheckReport:
    """Check a query against the tables of each instance of a batch, and by AMC's dry run if wanted."""
    parameters = [form.parameter() for form in body.parameters] or declared_in(body.sql_query)
    draft = Draft("check", "check", body.sql_query, parameters=tuple(parameters))
    findings = await service.check(draft.sql_query, draft.parameters)
    rehearsal = await builder.rehearse(draft, body.batch.request(), user_id=user.id)
    wanted = [each for each in rehearsal.instances if each.skipped is None]
    checked = await checker.check(draft, wanted, user_id=user.id, rehearse=body.dry_run)
    return InstanceCheckReport(
        ok=not rehearsal.problems and all(each.is_good for each in checked),
        findings=[FindingView.of(finding) for finding in findings],
        problems=[ProblemView.of(problem) for problem in rehearsal.problems],
        instances=[CheckedInstanceView.of(each) for each in checked],
    )
