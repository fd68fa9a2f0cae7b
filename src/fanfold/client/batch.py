"""One batch over HTTP: watched, controlled, changed, retried, read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

import httpx

from fanfold.client.comparison import Comparison
from fanfold.client.control import TimelineEntry, Wait
from fanfold.client.errors import BadInput, NotFinished, Refused, Unreachable
from fanfold.client.failures import FailureGroup
from fanfold.client.files import FileForm, form_for, saved
from fanfold.client.filling import Replayable, Source, content_type_of, pieces_of
from fanfold.client.models import Change, Fetching, Job, Operation, OperationDetail, Retried, Snapshot
from fanfold.client.policy import LiveChange, spoken
from fanfold.client.progress import progress_bar
from fanfold.client.results import AsyncResults
from fanfold.client.submission import Condition, Filled, Preview, preview_id
from fanfold.client.transport import Transport

Watcher = Callable[[Change], None]

_PATIENCE_SECONDS = 60.0
"""How long a server may be away (a restart, a lost network) before waiting gives up."""


class OperationFilter(TypedDict, total=False):
    """Which operations of a batch are asked for; what is a list may be any of it."""

    status: str | Sequence[str]
    reason: str | Sequence[str]
    """Why they ended so: timeout, lost, condition …"""
    fingerprint: str | Sequence[str]
    """Of a failure group."""
    waiting: str | Sequence[str]
    """For what pending ones wait: slot, retry or remote."""
    q: str
    """A part of a target's name or key."""


class Comparing(TypedDict, total=False):
    """What of a comparison is asked for."""

    only: Sequence[str]
    """Only targets with one of these changes or differences."""
    most: int
    """At most so many targets; the counts are of all."""
    ratio: float
    """Slower and faster: so many times as long, and …"""
    threshold_ms: int
    """… at least so much longer."""


class RetryChoice(TypedDict, total=False):
    """Which part of a batch runs again, and with what; every filter narrows."""

    select: Sequence[str]
    """End states (failed, cancelled, skipped), reasons (timeout …), unstarted or remainder; else failed."""
    fingerprint: str | Sequence[str]
    """Only the failures of this cause."""
    operation_ids: Sequence[UUID | str]
    q: str
    """Only targets with this in their name or key."""
    parameters: Mapping[str, Any]
    """A JSON Merge Patch (RFC 7396) of what each chosen operation runs with."""
    item_parameters: Mapping[str, Mapping[str, Any]]
    """The same for single targets, by key."""
    max_retries: int
    """Attempts allowed from now on."""
    dry_run: bool
    """Only tell what would run again."""


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

    @property
    def waiting_for(self) -> tuple[Wait, ...]:
        """Why its pending operations waited when it was read last."""
        return self.job.waiting_for

    async def refresh(self) -> Job:
        """Read it again."""
        return self._took(await self._transport.get(self._path))

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

    async def changes(self) -> AsyncGenerator[Change]:
        """Yield how the batch stands, then every change, until it ends or the connection breaks."""
        async with aclosing(self._transport.events(f"{self._path}/events")) as events:
            async for event in events:
                if event.name == "snapshot":
                    yield Snapshot.model_validate_json(event.text).as_change()
                elif event.name == "delta":
                    yield Change.model_validate_json(event.text)
                elif event.name == "end":
                    return

    async def operations(self, **where: Unpack[OperationFilter]) -> AsyncIterator[Operation]:
        """Yield its operations in the order of the selection."""
        async for operation in self._transport.pages(f"{self._path}/operations", Operation, **where):
            yield operation

    async def export(self, form: FileForm | None, path: Path | str, **where: Unpack[OperationFilter]) -> Path:
        """Write one row per target to *path*, which is complete or absent; its ending may say the *form*."""
        return await saved(self.lines(form_for(path, form), **where), path)

    async def lines(self, form: FileForm, **where: Unpack[OperationFilter]) -> AsyncGenerator[bytes]:
        """Yield one row per target, in pieces of a file."""
        async with aclosing(self._transport.download(f"{self._path}/operations.{form}", **where)) as pieces:
            async for piece in pieces:
                yield piece

    async def compare(self, other: AsyncBatch | str, **asked: Unpack[Comparing]) -> Comparison:
        """Lay it beside an earlier batch, target by target: newly failed, fixed, slower, other rows."""
        named = other.batch_id if isinstance(other, AsyncBatch) else other
        most, items = asked.get("most"), list[Any]()
        query: dict[str, Any] = {
            "class": list(asked.get("only", ())),
            "ratio": asked.get("ratio"),
            "threshold_ms": asked.get("threshold_ms"),
            "limit": min(200, most or 200),
        }
        while True:
            page = (await self._transport.get(f"{self._path}/compare/{named}", **query)).json()
            items += page["items"]
            query["cursor"] = page.get("next_cursor")
            if not query["cursor"] or (most is not None and len(items) >= most):
                return Comparison.model_validate({**page, "items": items[:most]})

    async def operation(self, operation_id: UUID | str) -> OperationDetail:
        """Return one operation with its attempts, and why it waits. Raises `NotFound`."""
        answer = await self._transport.get(f"{self._path}/operations/{operation_id}")
        return OperationDetail.model_validate(answer.json())

    async def timeline(self) -> AsyncIterator[TimelineEntry]:
        """Yield what happened to it as a whole and who did it, the latest first."""
        cursor: str | None = None
        while True:
            page = (await self._transport.get(f"{self._path}/timeline", limit=200, cursor=cursor)).json()
            for entry in page["items"]:
                yield TimelineEntry.model_validate(entry)
            cursor = page.get("next_cursor")
            if not cursor:
                return

    async def failure_groups(self, *, attempts: bool = False) -> AsyncIterator[FailureGroup]:
        """Yield its failures by cause, the most frequent first; *attempts*: also what a retry has mended."""
        include = "attempts" if attempts else None
        path = f"{self._path}/failure-groups"
        async for group in self._transport.pages(path, FailureGroup, counted="total_groups", include=include):
            yield group

    async def fill(self, source: Source) -> Filled:
        """Add targets to a draft: from an iterable, a file or a path, as many as there are.

        What is in the draft already, the same, counts as known, so a fill that broke off may be repeated.
        Raises `FillStopped` naming the lines that are wrong, `IllegalTransition` when it was started.
        """
        stream = Replayable(pieces_of(source))
        path, content_type = f"{self._path}/operations", content_type_of(source)
        try:
            answer = await self._transport.upload(path, stream.parts, content_type=content_type)
        finally:
            stream.close()
        return Filled.model_validate(answer.json())

    async def preview(self, *, skip_when: Sequence[Condition | Mapping[str, Any]] = ()) -> Preview:
        """Return what a draft would do, started with *skip_when*."""
        given = {"skip_when": spoken(list(skip_when))} if skip_when else {}
        return Preview.model_validate((await self._transport.post(f"{self._path}/preview", given)).json())

    async def start(
        self, *, preview: Preview | str | None = None, skip_when: Sequence[Condition | Mapping[str, Any]] = ()
    ) -> Job:
        """Start a draft, with *preview* only if it is what that showed; twice is as once.

        *skip_when* leaves targets out. Raises `BadInput` for an empty one, `PreviewStale`,
        `IllegalTransition`.
        """
        body = {"preview": preview_id(preview), "skip_when": spoken(list(skip_when))}
        given = {name: value for name, value in body.items() if value}
        await self._transport.post(f"{self._path}/start", given)
        return await self.refresh()

    async def pause(
        self,
        mode: Literal["drain", "freeze"] = "drain",
        *,
        reason: str | None = None,
        resume_at: datetime | None = None,
    ) -> Job:
        """Rest it: what runs goes on to its end (drain) or stops where it stands (freeze).

        It goes on at *resume_at*, which must have a time zone, or when it is resumed.
        Raises `IllegalTransition`.
        """
        if resume_at is not None and resume_at.tzinfo is None:
            raise BadInput(400, "resume_at needs a time zone.")
        body = {"mode": mode, "reason": reason, "resume_at": resume_at and resume_at.isoformat()}
        return self._took(await self._transport.post(f"{self._path}/pause", body))

    async def resume(self) -> Job:
        """Let it go on; one that is not paused stays as it is. Raises `IllegalTransition` at its end."""
        return self._took(await self._transport.post(f"{self._path}/resume"))

    async def change(self, **live: Unpack[LiveChange]) -> Job:
        """Change how it runs: max_parallel, rate, budget, priority, quiet_hours …; it binds at once."""
        body = {name: spoken(value) for name, value in live.items()}
        return self._took(await self._transport.patch(self._path, body))

    async def cancel(self, reason: str | None = None) -> None:
        """Stop what runs, on the remote side too, and start no more. Raises `IllegalTransition`."""
        await self._transport.post(f"{self._path}/cancel", {"reason": reason} if reason else {})

    async def retry(self, **chosen: Unpack[RetryChoice]) -> Retried:
        """Run the failed operations again, or those of a `RetryChoice`, as they were or changed."""
        body: dict[str, Any] = {name: value for name, value in chosen.items() if value is not None}
        if not body.keys() & {"select", "operation_ids"}:
            body["select"] = ["failed"]
        if "operation_ids" in body:
            body["operation_ids"] = [str(one) for one in body["operation_ids"]]
        return Retried.model_validate((await self._transport.post(f"{self._path}/retry", body)).json())

    async def fetch(self, operation_ids: Sequence[UUID | str] | None = None) -> Fetching:
        """Fetch rows again that were removed or lost here and that AMC still keeps; no query runs.

        Without ids: of all operations whose rows are gone. The rows come in the batch that is answered.
        Raises `BadInput` where there is nothing to fetch.
        """
        body = {} if operation_ids is None else {"operation_ids": [str(one) for one in operation_ids]}
        return Fetching.model_validate((await self._transport.post(f"{self._path}/fetch", body)).json())

    async def delete(self) -> None:
        """Remove it with its results. Raises `Conflict` unless it has ended."""
        await self._transport.delete(self._path)

    def results(self) -> AsyncResults:
        """Return the door to its table."""
        return AsyncResults(self._transport, self.batch_id)

    def _took(self, answer: httpx.Response) -> Job:
        self.job = Job.model_validate(answer.json())
        return self.job

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
            async with aclosing(self.changes()) as changes:
                async for change in changes:
                    heard = True
                    watch(change)
        except Refused:
            heard = False
        if not heard:
            await asyncio.sleep(self._poll_seconds)


def _ignore(_change: Change) -> None:
    return
