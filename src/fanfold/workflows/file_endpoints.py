"""Workflows as files, and their versions; `/workflows/export` comes before `/workflows/{reference}`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.text import Line
from fanfold.workflows.differences import difference, draft_at, file_of
from fanfold.workflows.endpoints import Reference, Service
from fanfold.workflows.file_schemas import DifferenceView, FilesForm, ImportedView, ImportReport, RestoreForm
from fanfold.workflows.importing import WorkflowImporter, archive
from fanfold.workflows.schemas import VersionView, WorkflowView

router = APIRouter(prefix="/workflows", tags=["workflows"], route_class=IdempotentRoute)

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}
_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
Number = Annotated[int, Path(ge=1, le=2_147_483_647)]


@router.get("/export", response_class=Response, responses=_ZIP)
async def export_workflows(
    *,
    user: CurrentUser,
    service: Service,
    key: Annotated[
        list[Line] | None, Query(max_length=500, description="keys or ids; all workflows when none is named")
    ] = None,
) -> Response:
    """Give workflows as a zip archive, one SQL file with a YAML header for each."""
    found = await service.chosen(key or [], user_id=user.id)
    headers = {"Content-Disposition": 'attachment; filename="workflows.zip"'}
    return Response(archive(each.draft for each in found), media_type="application/zip", headers=headers)


@router.post("/import")
async def import_workflows(*, body: FilesForm, user: CurrentUser, service: Service) -> ImportReport:
    """Save files as workflows, by their keys: all of them, or none when one is refused."""
    files = [(file.name, file.text) for file in body.files]
    found = await WorkflowImporter(service).import_files(files, user_id=user.id, dry_run=body.dry_run)
    ok = all(each.outcome != "refused" for each in found)
    return ImportReport(ok=ok, files=[ImportedView.of(each) for each in found])


@router.get("/{reference}/file", response_class=Response, responses=_TEXT)
async def show_file(
    *,
    reference: Reference,
    user: CurrentUser,
    service: Service,
    version: Annotated[int | None, Query(ge=1, le=2_147_483_647)] = None,
) -> Response:
    """Give a workflow, or one of its versions, as an SQL file with a YAML header."""
    found = await service.get(reference, user_id=user.id)
    draft = found.draft
    if version is not None:
        draft = draft_at(found, await service.version(reference, version, user_id=user.id))
    return Response(file_of(draft), media_type="text/plain; charset=utf-8")


@router.get("/{reference}/versions/{number}")
async def show_version(
    *, reference: Reference, number: Number, user: CurrentUser, service: Service
) -> VersionView:
    """Show what a workflow said at some version."""
    return VersionView.of(await service.version(reference, number, user_id=user.id))


@router.get("/{reference}/diff")
async def show_difference(
    *,
    reference: Reference,
    user: CurrentUser,
    service: Service,
    before: Annotated[int, Query(alias="from", ge=1, le=2_147_483_647)],
    after: Annotated[
        int | None, Query(alias="to", ge=1, le=2_147_483_647, description="the newest by default")
    ] = None,
) -> DifferenceView:
    """Show what changed from one version to another."""
    found = await service.get(reference, user_id=user.id)
    numbers = (before, found.version if after is None else after)
    old, new = [await service.version(reference, number, user_id=user.id) for number in numbers]
    names = (f"{found.draft.key} version {old.version}", f"{found.draft.key} version {new.version}")
    text = difference(draft_at(found, old), draft_at(found, new), names=names)
    return DifferenceView(before=old.version, after=new.version, text=text)


@router.post("/{reference}/restore")
async def restore_version(
    *, reference: Reference, body: RestoreForm, user: CurrentUser, service: Service
) -> WorkflowView:
    """Say again what an earlier version said, as a new version."""
    return WorkflowView.of(await service.restore(reference, body.version, user_id=user.id))
