"""Contract A's routes. They come before those of `/workflows/{id}`, which must not shadow them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from fanfold.access.current import CurrentUser, NamedUser
from fanfold.access.idempotency import ClaimedKey, IdempotentRoute
from fanfold.access.polling import PolledRoute
from fanfold.access.polling import answered as polled_answer
from fanfold.access.rate import AdmittedSubmission
from fanfold.access.text import Line
from fanfold.batches.endpoints import Reader, Service
from fanfold.batches.paging import Page
from fanfold.batches.reader import BatchFilter
from fanfold.batches.results_endpoints import FILES, Download, PageAsked, ResultFormat, Results, answered
from fanfold.batches.wanted_endpoints import WantedRoute
from fanfold.workflows.batch_execution import BatchExecutionService
from fanfold.workflows.contract_a import presenting, schemas
from fanfold.workflows.endpoints import Reference
from fanfold.workflows.model import KIND
from fanfold.workflows.schemas import BatchRequestForm
from fanfold.workflows.service import WorkflowService

router = APIRouter(prefix="/workflows", tags=["batch executions"], route_class=IdempotentRoute)
polled = APIRouter(prefix="/workflows", tags=["batch executions"], route_class=PolledRoute)
wanted = APIRouter(prefix="/workflows", tags=["batch executions"], route_class=WantedRoute)


async def executions(request: Request, user: CurrentUser) -> BatchExecutionService:
    """Return the service, bound to who asks."""
    service: BatchExecutionService = request.app.state.services.batch_executions
    return service.acting_for(user.id)


async def workflow_chosen(
    *,
    request: Request,
    user: CurrentUser,
    workflow_id: Annotated[Line | None, Query(max_length=100, description="a workflow's UUID or key")] = None,
) -> UUID | None:
    """Return the workflow that a list is about. Raises `WorkflowNotFound`."""
    if workflow_id is None:
        return None
    workflows: WorkflowService = request.app.state.services.workflows
    return (await workflows.get(workflow_id, user_id=user.id)).id


Executions = Annotated[BatchExecutionService, Depends(executions)]
BatchId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["batch_a1b2c3d4"])]


@router.get("/batch/list")
async def list_batch_executions(
    *,
    user: CurrentUser,
    reader: Reader,
    workflow_id: Annotated[UUID | None, Depends(workflow_chosen)],
    status: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> schemas.ListAnswer:
    """List batch executions, the newest first."""
    where = BatchFilter(statuses=presenting.states_of(status), kind=KIND, workflow_id=workflow_id)
    found = await reader.list(where, Page(limit=limit, offset=offset), user_id=user.id)
    shown = [presenting.listed(view) for view in found.items]
    return schemas.ListAnswer(batch_executions=shown, total=found.total)


@router.post("/{workflow_id}/batch-execute")
async def execute_batch(
    *,
    workflow_id: Reference,
    body: BatchRequestForm,
    service: Executions,
    claim: ClaimedKey,
    _admitted: AdmittedSubmission,
) -> schemas.SubmitAnswer:
    """Run a workflow over many instances; everything is checked before anything runs."""
    return schemas.SubmitAnswer(batch=await service.execute(workflow_id, body.request(), claim=claim))


@polled.get("/batch/{batch_id}/status", response_model=schemas.StatusAnswer)
async def get_batch_status(*, batch_id: BatchId, user_id: NamedUser, reader: Reader) -> Response:
    """Show where a batch and its executions stand; with `If-None-Match` an unchanged one costs a 304."""
    view = await reader.get(batch_id, user_id=user_id)
    lines = await reader.lines(view.id, user_id=user_id)
    status = presenting.status(view, lines)
    return polled_answer(schemas.StatusAnswer(batch_status=status), view.revision)


@wanted.get("/batch/{batch_id}/results", response_model=schemas.ResultsAnswer, responses=FILES)
async def get_batch_results(
    *,
    batch_id: BatchId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: PageAsked,
    format: ResultFormat = ResultFormat.JSON,  # noqa: A002 -- the parameter's name in the contract
) -> Response:
    """Show the rows of all instances as one table, also while the batch runs; a file brings all of them."""
    view = await reader.get(batch_id, user_id=user.id)
    if format.file is not None:
        file = await results.file(view.id, format.file, user_id=user.id, rows=asked.rows)
        return Download(file, view.batch_id)
    lines = await reader.lines(view.id, user_id=user.id)
    page = await asked.read(results, view.id, user_id=user.id)
    return answered({"success": True, "batch_results": presenting.results(view, lines, rows=page.body())})


@router.post("/batch/{batch_id}/cancel")
async def cancel_batch_execution(
    *, batch_id: BatchId, user: CurrentUser, service: Service
) -> schemas.CancelAnswer:
    """Cancel a batch; what runs in AMC is stopped there too."""
    await service.cancel(batch_id, user_id=user.id)
    return schemas.CancelAnswer()
