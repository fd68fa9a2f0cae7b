"""The routes that write one line per target of a batch."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from fanfold.access.current import CurrentUser
from fanfold.batches.endpoints import JobId, OperationsAsked
from fanfold.batches.exporting import LineFormat, OperationExport

router = APIRouter(prefix="/batch", tags=["batches"])


async def operation_export(request: Request) -> OperationExport:
    """Return an export over the application's database."""
    return OperationExport(request.app.state.services.database)


Export = Annotated[OperationExport, Depends(operation_export)]


@router.get(
    "/jobs/{job_id}/operations.csv",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_operations_csv(
    *, job_id: JobId, user: CurrentUser, export: Export, where: OperationsAsked
) -> StreamingResponse:
    """Write one row per target, filtered as the list of operations is; safe to open in a spreadsheet."""
    form = LineFormat.CSV
    lines = await export.lines(job_id, where=where, form=form, user_id=user.id)
    return _attachment(lines, form=form, job_id=job_id)


@router.get(
    "/jobs/{job_id}/operations.jsonl",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def export_operations_jsonl(
    *, job_id: JobId, user: CurrentUser, export: Export, where: OperationsAsked
) -> StreamingResponse:
    """Write one JSON object per line and target, filtered as the list of operations is."""
    form = LineFormat.JSONL
    lines = await export.lines(job_id, where=where, form=form, user_id=user.id)
    return _attachment(lines, form=form, job_id=job_id)


def _attachment(lines: AsyncGenerator[bytes], *, form: LineFormat, job_id: str) -> StreamingResponse:
    name = f'attachment; filename="{job_id}-operations.{form}"'
    return StreamingResponse(lines, media_type=form.media_type, headers={"Content-Disposition": name})
