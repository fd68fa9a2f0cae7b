"""Batches over HTTP: made of a workflow or of any kind, previewed, drafted, found."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

import httpx

from fanfold.client.batch import AsyncBatch
from fanfold.client.errors import BadInput, ClientError, FillStopped
from fanfold.client.failures import SpreadCause
from fanfold.client.instances import AsyncInstances
from fanfold.client.models import Instance, Job, Kind, Statistics
from fanfold.client.submission import Preview, Submission, body_of, is_large, preview_id
from fanfold.client.transport import Transport
from fanfold.client.workflow_batches import WorkflowBatch, WorkflowPreview, workflow_body

_NOTHING_RUNS = "Some targets are wrong; nothing runs."


class AsyncBatches:
    """All batches that the user may see."""

    def __init__(self, transport: Transport, instances: AsyncInstances, *, poll_seconds: float) -> None:
        self._transport = transport
        self._instances = instances
        self._poll_seconds = poll_seconds

    async def run(
        self,
        workflow: str | UUID,
        instances: Sequence[str | UUID | Instance],
        *,
        preview: WorkflowPreview | str | None = None,
        **made_of: Unpack[WorkflowBatch],
    ) -> AsyncBatch:
        """Submit *workflow* (its key or id) over *instances* (ids, AMC ids or names) and return the batch.

        *overrides* maps an instance to the parameters that differ there.
        Raises `BadInput`, which names every bad item, and `PreviewStale`; then nothing runs.
        """
        body = await self._workflow_body(instances, made_of)
        bound = preview.preview if isinstance(preview, WorkflowPreview) else preview
        if bound is not None:
            body["preview"] = bound
        answer = await self._transport.post(f"/workflows/{workflow}/batch-execute", body)
        return await self.get(answer.json()["batch"]["batch_id"])

    async def preview_run(
        self,
        workflow: str | UUID,
        instances: Sequence[str | UUID | Instance],
        **made_of: Unpack[WorkflowBatch],
    ) -> WorkflowPreview:
        """Return what `run` would do on each instance. Raises `BadInput`, which names every bad item."""
        body = await self._workflow_body(instances, made_of)
        answer = await self._transport.post(f"/workflows/{workflow}/preview", body)
        return WorkflowPreview.model_validate(answer.json())

    async def _workflow_body(
        self, instances: Sequence[str | UUID | Instance], made_of: WorkflowBatch
    ) -> dict[str, Any]:
        overrides = made_of.get("overrides") or {}
        ids = await self._instances.resolve([*instances, *overrides])
        return {
            "instance_ids": [str(ids[_reference(one)]) for one in instances],
            **workflow_body(made_of),
            "instance_parameters": {str(ids[one]): dict(given) for one, given in overrides.items()},
        }

    async def submit(
        self, kind: str, *, preview: Preview | str | None = None, **made_of: Unpack[Submission]
    ) -> AsyncBatch:
        """Run *kind* over targets, with *preview* only if it is what that showed, and return the batch.

        Raises `BadInput`, which names every bad item, and `PreviewStale`; then nothing runs.
        """
        body = body_of(kind, made_of)
        bound = preview_id(preview)
        if is_large(body):
            return await self._stream(body, preview=bound)
        if bound is not None:
            body["preview"] = bound
        return self._batch(await self._transport.post("/batch/jobs", body))

    async def draft(self, kind: str, **made_of: Unpack[Submission]) -> AsyncBatch:
        """Make a batch of which nothing runs yet: fill it, then start it. Conditions are for submissions."""
        return self._batch(
            await self._transport.post("/batch/jobs", body_of(kind, made_of) | {"draft": True})
        )

    async def preview(self, kind: str, **made_of: Unpack[Submission]) -> Preview:
        """Return what a batch would do, target by target. Raises `BadInput`, which names every bad item."""
        answer = await self._transport.post("/batch/jobs/preview", body_of(kind, made_of))
        return Preview.model_validate(answer.json())

    async def get(self, batch_id: str | UUID) -> AsyncBatch:
        """Return one batch. Raises `NotFound`."""
        return self._batch(await self._transport.get(f"/batch/jobs/{batch_id}"))

    async def list(
        self,
        *,
        status: str | Sequence[str] | None = None,
        kind: str | None = None,
        q: str | None = None,
        sort: str | None = None,
    ) -> AsyncIterator[Job]:
        """Yield batches, newest first unless *sort* says otherwise."""
        pages = self._transport.pages("/batch/jobs", Job, status=status, kind=kind, q=q, sort=sort)
        async for job in pages:
            yield job

    async def failure_groups(self, *, since: datetime | None = None) -> AsyncIterator[SpreadCause]:
        """Yield the causes that have hit batches since then, or in seven days, the widest first."""
        path, given = "/batch/failure-groups", since.isoformat() if since else None
        async for cause in self._transport.pages(path, SpreadCause, counted="total_groups", since=given):
            yield cause

    async def statistics(self) -> Statistics:
        """Return all batches in numbers."""
        return Statistics.model_validate((await self._transport.get("/batch/statistics")).json())

    async def kinds(self) -> Sequence[Kind]:
        """Return the kinds of work that the server has."""
        return [Kind.model_validate(one) for one in (await self._transport.get("/batch/kinds")).json()]

    async def _stream(self, body: dict[str, Any], *, preview: str | None) -> AsyncBatch:
        """Submit what is too large for one request: as a draft, which goes away if anything is wrong."""
        targets, conditions = body.pop("targets"), body.pop("skip_when", [])
        draft = self._batch(await self._transport.post("/batch/jobs", {**body, "draft": True}))
        try:
            await draft.fill(targets)
            await draft.start(preview=preview, skip_when=conditions)
        except BaseException as error:
            with suppress(ClientError):
                await draft.cancel("What it was filled with is refused.")
                await draft.delete()
            if isinstance(error, FillStopped):
                raise BadInput(error.status, _NOTHING_RUNS, problems=error.problems) from error
            raise
        return draft

    def _batch(self, answer: httpx.Response) -> AsyncBatch:
        job = Job.model_validate(answer.json())
        return AsyncBatch(self._transport, job, poll_seconds=self._poll_seconds)


def _reference(instance: str | UUID | Instance) -> str:
    return str(instance.id) if isinstance(instance, Instance) else str(instance)
