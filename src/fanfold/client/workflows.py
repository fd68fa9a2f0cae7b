"""Workflows over HTTP: list, read, save, check; in and out as files; versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fanfold.client.instance_checks import InstanceCheckReport
from fanfold.client.models import (
    CheckReport,
    ImportReport,
    LibraryWorkflow,
    SavedStates,
    Workflow,
    WorkflowVersion,
)
from fanfold.client.transport import Transport


class AsyncWorkflows:
    """The workflows that the user may see."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(self, *, q: str | None = None) -> AsyncIterator[Workflow]:
        """Yield workflows; *q* searches key, name and description."""
        async for workflow in self._transport.pages("/workflows", Workflow, q=q):
            yield workflow

    async def get(self, workflow: str | UUID) -> Workflow:
        """Return one workflow by its key or id. Raises `NotFound`."""
        return Workflow.model_validate((await self._transport.get(f"/workflows/{workflow}")).json())

    async def create(
        self, key: str, sql_query: str, *, parameters: Sequence[Mapping[str, Any]] = (), **described: Any
    ) -> Workflow:
        """Save a new workflow; *described* may hold name, description and tags.

        Raises `BadInput` when its SQL is refused.
        """
        body = {
            "key": key,
            "name": key,
            "sql_query": sql_query,
            "parameters": list(parameters),
            **described,
        }
        return Workflow.model_validate((await self._transport.post("/workflows", body)).json())

    async def import_files(self, files: Mapping[str, str], *, dry_run: bool = False) -> ImportReport:
        """Save files, texts by their names, under the keys in their headers: all of them or none.

        With *dry_run* only what it would do is said. Raises `BadInput` naming every bad file.
        """
        body = {
            "files": [{"name": name, "text": text} for name, text in files.items()],
            "dry_run": dry_run,
        }
        return ImportReport.model_validate((await self._transport.post("/workflows/import", body)).json())

    async def file(self, workflow: str | UUID, *, version: int | None = None) -> str:
        """Return a workflow, or one of its versions, as SQL with a YAML header. Raises `NotFound`."""
        return (await self._transport.get(f"/workflows/{workflow}/file", version=version)).text

    async def versions(self, workflow: str | UUID) -> Sequence[WorkflowVersion]:
        """Return what a workflow has said, the newest first. Raises `NotFound`."""
        answer = (await self._transport.get(f"/workflows/{workflow}/versions")).json()
        return [WorkflowVersion.model_validate(each) for each in answer["items"]]

    async def diff(self, workflow: str | UUID, *, before: int, after: int | None = None) -> str:
        """Return the unified diff of two versions, to the newest by default. Raises `NotFound`."""
        query = {"from": before, "to": after}
        return (await self._transport.get(f"/workflows/{workflow}/diff", **query)).json()["text"]

    async def restore(self, workflow: str | UUID, version: int) -> Workflow:
        """Say again what an earlier version said, as a new version. Raises `NotFound`."""
        answer = await self._transport.post(f"/workflows/{workflow}/restore", {"version": version})
        return Workflow.model_validate(answer.json())

    async def library(self, *, q: str | None = None, theme: str | None = None) -> Sequence[LibraryWorkflow]:
        """Return the workflows that Fanfold brings along, by theme; *q* searches words and tables."""
        answer = (await self._transport.get("/workflows/library", q=q, theme=theme)).json()
        return [LibraryWorkflow.model_validate(each) for each in answer["items"]]

    async def library_workflow(self, key: str) -> LibraryWorkflow:
        """Return one of them with its query. Raises `NotFound`."""
        answer = await self._transport.get(f"/workflows/library/{key}")
        return LibraryWorkflow.model_validate(answer.json())

    async def copy_from_library(
        self, key: str, *, as_key: str | None = None, name: str | None = None
    ) -> Workflow:
        """Make one of them a workflow of the user's own. Raises `NotFound`, `Conflict` for a taken key."""
        answer = await self._transport.post(f"/workflows/library/{key}/copy", {"key": as_key, "name": name})
        return Workflow.model_validate(answer.json())

    async def sync(
        self, workflow: str | UUID, instances: Sequence[UUID | str], *, compare_only: bool = False
    ) -> str:
        """Save a workflow on AMC instances, or only compare; return the id of the batch that does it.

        Raises `BadInput` for an instance that is not the user's.
        """
        body = {"instance_ids": [str(each) for each in instances], "compare_only": compare_only}
        return (await self._transport.post(f"/workflows/{workflow}/sync", body)).json()["job_id"]

    async def saved(self, workflow: str | UUID) -> SavedStates:
        """Return where it is saved, in which version, and how what is there differs. Raises `NotFound`."""
        answer = await self._transport.get(f"/workflows/{workflow}/sync")
        return SavedStates.model_validate(answer.json())

    async def delete(self, workflow: str | UUID) -> None:
        """Remove a workflow; its batches stay."""
        await self._transport.delete(f"/workflows/{workflow}")

    async def check_instances(
        self,
        sql_query: str,
        *,
        batch: Mapping[str, Any],
        parameters: Sequence[Mapping[str, Any]] = (),
        dry_run: bool = False,
    ) -> InstanceCheckReport:
        """Check a text against the tables of each instance of *batch*, and by AMC's dry run if wanted."""
        body = {
            "sql_query": sql_query,
            "parameters": list(parameters),
            "batch": dict(batch),
            "dry_run": dry_run,
        }
        answer = await self._transport.post("/workflows/check/instances", body)
        return InstanceCheckReport.model_validate(answer.json())

    async def check(
        self,
        sql_query: str,
        *,
        parameters: Sequence[Mapping[str, Any]] = (),
        batch: Mapping[str, Any] | None = None,
    ) -> CheckReport:
        """Check a text without saving it, and the *batch* that is to run it: `{"instance_ids": […], …}`."""
        body: dict[str, Any] = {"sql_query": sql_query, "parameters": list(parameters)}
        if batch is not None:
            body["batch"] = dict(batch)
        return CheckReport.model_validate((await self._transport.post("/workflows/check", body)).json())
