"""The route that writes one row per target of a batch."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from fanfold.access.current import CurrentUser
from fanfold.batches.endpoints import JobId, OperationsAsked
from fanfold.batches.exporting import OperationExport
from fanfold.batches.results_endpoints import FILES, Download
from fanfold.batches.wanted_endpoints import WantedRoute
from fanfold.results.exporting import FileFormat

router = APIRouter(prefix="/batch", tags=["batches"], route_class=WantedRoute)


async def operation_export(request: Request) -> OperationExport:
    """Return an export over the application's database."""
    services = request.app.state.services
    return OperationExport(services.database, services.results)


Export = Annotated[OperationExport, Depends(operation_export)]


@router.get("/jobs/{job_id}/operations.{form}", response_class=Response, responses=FILES)
async def export_operations(
    *, job_id: JobId, form: FileFormat, user: CurrentUser, export: Export, where: OperationsAsked
) -> Response:
    """Write one row per target, filtered as the list of operations is; safe to open in a spreadsheet."""
    file = await export.file(job_id, where=where, form=form, user_id=user.id)
    return Download(file, f"{job_id}-operations")
