"""Workflows over HTTP: list, read, save, check."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from fanfold.client.models import CheckReport, Workflow
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

    async def delete(self, workflow: str | UUID) -> None:
        """Remove a workflow; its batches stay."""
        await self._transport.delete(f"/workflows/{workflow}")

    async def check(self, sql_query: str, *, parameters: Sequence[Mapping[str, Any]] = ()) -> CheckReport:
        """Check a text without saving it."""
        body = {"sql_query": sql_query, "parameters": list(parameters)}
        return CheckReport.model_validate((await self._transport.post("/workflows/check", body)).json())
