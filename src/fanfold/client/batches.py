"""Batches over HTTP: submit, watch, cancel, retry, read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from fanfold.client.errors import NotFinished, Refused, Unreachable
from fanfold.client.instances import AsyncInstances
from fanfold.client.models import Change, Instance, Job, Operation, Retried, Snapshot
from fanfold.client.progress import progress_bar
from fanfold.client.results import AsyncResults
from fanfold.client.transport import Transport

Watcher = Callable[[Change], None]

_PATIENCE_SECONDS = 60.0
"""How long a server may be away (a restart, a lost network) before waiting gives up."""


class AsyncBatch:
    """One batch; `job` is how it stood when it was read last."""

    def __init__(self, transport: Transport, job: Job, *, poll_seconds: float) -> None:
        self._transport = transport
        self._poll_seconds = poll_seconds
        self.job = job

    @property
    def batch_id(self) -> str:
        """Its public id."""
        return self.job.job_id

    @property
    def _path(self) -> str:
        return f"/batch/jobs/{self.batch_id}"

    async def refresh(self) -> Job:
        """Read it again."""
        self.job = Job.model_validate((await self._transport.get(self._path)).json())
        return self.job

    async def wait(
        self, *, timeout: float | None = None, progress: bool = False, watcher: Watcher | None = None
    ) -> Job:
        """Return when the batch ended, however it did; *progress* draws a bar on the terminal.

        Survives a server that is away for a minute. Raises `NotFinished` after *timeout* seconds.
        """
        with progress_bar(self.job) if progress else nullcontext(watcher or _ignore) as watch:
            try:
                async with asyncio.timeout(timeout):
                    return await self._wait(watch)
            except TimeoutError as error:
                message = f"Batch {self.batch_id} is still {self.job.status.word} after {timeout} s."
                raise NotFinished(message) from error

    async def changes(self) -> AsyncIterator[Change]:
        """Yield how the batch stands, then every change, until it ends or the connection breaks."""
        async for event in self._transport.events(f"{self._path}/events"):
            if event.name == "snapshot":
                yield Snapshot.model_validate_json(event.text).as_change()
            elif event.name == "delta":
                yield Change.model_validate_json(event.text)
            elif event.name == "end":
                return

    async def operations(self, *, status: str | None = None) -> AsyncIterator[Operation]:
        """Yield its operations in the order of the selection."""
        async for operation in self._transport.pages(f"{self._path}/operations", Operation, status=status):
            yield operation

    async def cancel(self, reason: str | None = None) -> None:
        """Stop what runs, on the remote side too, and start no more. Raises `Conflict` when it has ended."""
        await self._transport.post(f"{self._path}/cancel", {"reason": reason} if reason else {})

    async def retry(
        self, *, select: Sequence[str] = ("failed",), operation_ids: Sequence[UUID] = ()
    ) -> Retried:
        """Run chosen operations again: by state (failed, timeout, cancelled, skipped) or by id."""
        chosen = (
            {"operation_ids": [str(one) for one in operation_ids]}
            if operation_ids
            else {"select": list(select)}
        )
        answer = await self._transport.post(f"{self._path}/retry", chosen)
        return Retried.model_validate(answer.json())

    async def delete(self) -> None:
        """Remove it with its results. Raises `Conflict` unless it has ended."""
        await self._transport.delete(self._path)

    def results(self) -> AsyncResults:
        """Return the door to its table."""
        return AsyncResults(self._transport, self.batch_id)

    async def _wait(self, watch: Watcher) -> Job:
        loop = asyncio.get_running_loop()
        last_answer = loop.time()
        while True:
            try:
                job = await self.refresh()
                last_answer = loop.time()
                watch(Change(status=job.status, progress=job.progress))
                if job.status.is_final:
                    return job
                await self._follow(watch)
            except Unreachable:
                if loop.time() - last_answer > _PATIENCE_SECONDS:
                    raise
                await asyncio.sleep(min(1.0, self._poll_seconds))

    async def _follow(self, watch: Watcher) -> None:
        """Listen until the stream ends; where listening is refused, let one poll interval pass."""
        heard = False
        try:
            async for change in self.changes():
                heard = True
                watch(change)
        except Refused:
            heard = False
        if not heard:
            await asyncio.sleep(self._poll_seconds)


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
        parameters: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Mapping[str, Any]] | None = None,
        name: str | None = None,
        description: str | None = None,
    ) -> AsyncBatch:
        """Submit *workflow* (its key or id) over *instances* (ids, AMC ids or names) and return the batch.

        *overrides* maps an instance to the parameters that differ there.
        Raises `BadInput`, which names every bad item; then nothing runs.
        """
        ids = await self._instances.resolve([*instances, *(overrides or {})])
        body = {
            "instance_ids": [str(ids[_reference(one)]) for one in instances],
            "parameters": dict(parameters or {}),
            "instance_parameters": {str(ids[one]): dict(given) for one, given in (overrides or {}).items()},
            "name": name,
            "description": description,
        }
        given = {field: value for field, value in body.items() if value is not None}
        answer = await self._transport.post(f"/workflows/{workflow}/batch-execute", given)
        return await self.get(answer.json()["batch"]["batch_id"])

    async def get(self, batch_id: str | UUID) -> AsyncBatch:
        """Return one batch. Raises `NotFound`."""
        answer = await self._transport.get(f"/batch/jobs/{batch_id}")
        return AsyncBatch(self._transport, Job.model_validate(answer.json()), poll_seconds=self._poll_seconds)

    async def list(
        self, *, status: str | None = None, q: str | None = None, sort: str | None = None
    ) -> AsyncIterator[Job]:
        """Yield batches, newest first unless *sort* says otherwise."""
        async for job in self._transport.pages("/batch/jobs", Job, status=status, q=q, sort=sort):
            yield job


def _ignore(_change: Change) -> None:
    return


def _reference(instance: str | UUID | Instance) -> str:
    return str(instance.id) if isinstance(instance, Instance) else str(instance)
