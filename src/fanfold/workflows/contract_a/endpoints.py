"""Contract A's routes. They come before those of `/workflows/{id}`, which must not shadow them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.rate import AdmittedSubmission
from fanfold.access.text import Line
from fanfold.batches.answers import Reading
from fanfold.batches.endpoints import Question, Reader, Service
from fanfold.batches.paging import Page
from fanfold.batches.reader import BatchFilter
from fanfold.results.filters import Filter, parse_filters
from fanfold.results.reader import Page as ResultPage
from fanfold.results.reader import ResultReader
from fanfold.workflows.batch_execution import MOST_ROWS, BatchExecutionService
from fanfold.workflows.contract_a import presenting, schemas
from fanfold.workflows.endpoints import Reference
from fanfold.workflows.model import KIND
from fanfold.workflows.schemas import BatchRequestForm
from fanfold.workflows.service import WorkflowService

router = APIRouter(prefix="/workflows", tags=["batch executions"], route_class=IdempotentRoute)


async def executions(request: Request, user: CurrentUser) -> BatchExecutionService:
    """Return the service, bound to who asks."""
    service: BatchExecutionService = request.app.state.services.batch_executions
    return service.acting_for(user.id)


async def result_reader(request: Request) -> ResultReader:
    """Return the application's reader of results."""
    return request.app.state.services.results


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
Results = Annotated[ResultReader, Depends(result_reader)]
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
    *, workflow_id: Reference, body: BatchRequestForm, service: Executions, _admitted: AdmittedSubmission
) -> schemas.SubmitAnswer:
    """Run a workflow over many instances; everything is checked before anything runs."""
    return schemas.SubmitAnswer(batch=await service.execute(workflow_id, body.request()))


@router.get("/batch/{batch_id}/status", response_model=schemas.StatusAnswer)
async def get_batch_status(*, batch_id: BatchId, asked: Question, reader: Reader) -> Response:
    """Show where a batch and its executions stand; with `If-None-Match` an unchanged one costs a 304."""

    async def read() -> Reading:
        view = await reader.get(batch_id, user_id=asked.user_id)
        lines = await reader.lines(view.id, user_id=asked.user_id)
        return schemas.StatusAnswer(batch_status=presenting.status(view, lines)), view.revision

    return await asked.answer(read)


@dataclass(frozen=True, slots=True)
class RowsAsked:
    """Which rows are asked for."""

    sort: str | None
    filters: tuple[Filter, ...]
    limit: int
    offset: int

    async def page(self, results: ResultReader, batch_id: UUID, *, user_id: UUID) -> ResultPage:
        """Read them."""
        return await results.page(
            batch_id,
            user_id=user_id,
            limit=self.limit,
            offset=self.offset,
            sort=self.sort,
            filters=self.filters,
        )


async def rows_asked(
    *,
    sort: Annotated[str | None, Query(max_length=300, description="`column` or `-column`")] = None,
    filter: Annotated[  # noqa: A002 -- the parameter's name in the contract
        str | None,
        Query(max_length=20_000, description='JSON: `[{"column", "op", "value"}]`, all must hold'),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 1_000,
    offset: Annotated[int, Query(ge=0, le=1_000_000_000)] = 0,
) -> RowsAsked:
    """Read which rows are asked for."""
    return RowsAsked(sort, parse_filters(filter), limit, offset)


@router.get(
    "/batch/{batch_id}/results",
    response_model=schemas.ResultsAnswer,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def get_batch_results(
    *,
    batch_id: BatchId,
    user: CurrentUser,
    reader: Reader,
    results: Results,
    asked: Annotated[RowsAsked, Depends(rows_asked)],
    format: Literal["json", "csv"] = "json",  # noqa: A002 -- the parameter's name in the contract
) -> Response:
    """Show the rows of all instances as one table, also while the batch runs; CSV brings all of them."""
    view = await reader.get(batch_id, user_id=user.id)
    if format == "csv":
        chunks = await results.csv(view.id, user_id=user.id, sort=asked.sort, filters=asked.filters)
        return _Download(chunks, f"{view.batch_id}.csv")
    lines = await reader.lines(view.id, user_id=user.id)
    page = await asked.page(results, view.id, user_id=user.id)
    return _json({"success": True, "batch_results": presenting.results(view, lines, rows=page.body())})


@router.post("/batch/{batch_id}/cancel")
async def cancel_batch_execution(
    *, batch_id: BatchId, user: CurrentUser, service: Service
) -> schemas.CancelAnswer:
    """Cancel a batch; what runs in AMC is stopped there too."""
    await service.cancel(batch_id, user_id=user.id)
    return schemas.CancelAnswer()


def _json(content: object) -> Response:
    return Response(orjson.dumps(content, default=str), media_type="application/json")


class _Download(StreamingResponse):
    """A CSV file that frees what it reads from, whatever becomes of the connection."""

    def __init__(self, chunks: AsyncGenerator[bytes], name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(chunks, media_type="text/csv; charset=utf-8", headers=headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._chunks.aclose()
