"""The workflows of the acting user; contract A's routes are in `batch_execution_endpoints`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, status

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.paging import Page, PageLimit, PageOffset
from fanfold.access.text import Line
from fanfold.workflows.headers import declared_in
from fanfold.workflows.inspection import in_aggregate
from fanfold.workflows.model import Draft
from fanfold.workflows.schemas import (
    BatchRequestForm,
    CheckReport,
    FindingView,
    PreviewedInstanceView,
    PreviewView,
    ProblemView,
    QueryToCheck,
    Versions,
    VersionView,
    WorkflowEdit,
    WorkflowView,
)
from fanfold.workflows.service import WorkflowService
from fanfold.workflows.submission import SubmissionBuilder

router = APIRouter(prefix="/workflows", tags=["workflows"], route_class=IdempotentRoute)


async def workflow_service(request: Request) -> WorkflowService:
    """Return the application's service."""
    return request.app.state.services.workflows


async def submission_builder(request: Request) -> SubmissionBuilder:
    """Return the application's builder."""
    return request.app.state.services.submissions


Service = Annotated[WorkflowService, Depends(workflow_service)]
Builder = Annotated[SubmissionBuilder, Depends(submission_builder)]
Reference = Annotated[str, Path(description="a workflow's UUID or its user's own key", max_length=100)]


@router.get("")
async def list_workflows(
    *,
    user: CurrentUser,
    service: Service,
    q: Annotated[Line, Query(description="words in key, name, description or tags")] = "",
    limit: PageLimit = 50,
    offset: PageOffset = 0,
) -> Page[WorkflowView]:
    """List workflows, the last edited first."""
    found, total = await service.search(q, user_id=user.id, limit=limit, offset=offset)
    items = [WorkflowView.of(workflow) for workflow in found]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_workflow(*, body: WorkflowEdit, user: CurrentUser, service: Service) -> WorkflowView:
    """Save a workflow; SQL that AMC would refuse is refused here."""
    return WorkflowView.of(await service.create(body.draft(), user_id=user.id))


@router.post("/check")
async def check_query(
    *, body: QueryToCheck, user: CurrentUser, service: Service, builder: Builder
) -> CheckReport:
    """Check a query that is being written, and the batch that is to run it."""
    parameters = [form.parameter() for form in body.parameters] or declared_in(body.sql_query)
    wrong = await service.check_aggregate(body.aggregate)
    found = [*await service.check(body.sql_query, parameters), *map(in_aggregate, wrong)]
    ok = all(finding.severity != "error" for finding in found)
    report = CheckReport(ok=ok, findings=[FindingView.of(finding) for finding in found])
    if body.batch is None:
        return report
    draft = Draft("check", "check", body.sql_query, parameters=tuple(parameters))
    rehearsal = await builder.rehearse(draft, body.batch.request(), user_id=user.id)
    problems = [ProblemView.of(each) for each in rehearsal.problems if each.pointer != "/workflow"]
    instances = [PreviewedInstanceView.of(each) for each in rehearsal.instances]
    return CheckReport(
        ok=ok and not problems, findings=report.findings, problems=problems, instances=instances
    )


@router.get("/{reference}")
async def show_workflow(*, reference: Reference, user: CurrentUser, service: Service) -> WorkflowView:
    """Show a workflow in its newest version."""
    return WorkflowView.of(await service.get(reference, user_id=user.id))


@router.put("/{reference}")
async def replace_workflow(
    *, reference: Reference, body: WorkflowEdit, user: CurrentUser, service: Service
) -> WorkflowView:
    """Save a new version."""
    return WorkflowView.of(await service.replace(reference, body.draft(), user_id=user.id))


@router.delete("/{reference}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_workflow(*, reference: Reference, user: CurrentUser, service: Service) -> None:
    """Remove a workflow; its batches stay."""
    await service.delete(reference, user_id=user.id)


@router.get("/{reference}/versions")
async def list_versions(*, reference: Reference, user: CurrentUser, service: Service) -> Versions:
    """List what a workflow has said, the newest first."""
    found = await service.versions(reference, user_id=user.id)
    return Versions(items=[VersionView.of(version) for version in found])


@router.post("/{reference}/preview")
async def preview_batch(
    *, reference: Reference, body: BatchRequestForm, user: CurrentUser, builder: Builder
) -> PreviewView:
    """Show what a batch would do on each instance, or everything that is wrong with it."""
    return PreviewView.of(await builder.preview(reference, body.request(), user_id=user.id))
