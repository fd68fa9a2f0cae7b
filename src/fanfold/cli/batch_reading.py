"""`fanfold batch list`, `show`, `watch`, `why`, `failures` and `timeline`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from rich.console import Group, RenderableType

from fanfold.cli.batch_following import BatchId, end, follow
from fanfold.cli.invocation import invocation
from fanfold.cli.live import seconds
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.control import TimelineEntry, Wait
from fanfold.client.errors import NotFound
from fanfold.client.failures import FailureGroup
from fanfold.client.models import Job

T = TypeVar("T")


def list_batches(
    context: typer.Context,
    *,
    status: Annotated[list[str] | None, typer.Option(help="Only batches in this state; repeat.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only batches of this kind.")] = None,
    q: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only batches whose name or id has this text."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
) -> None:
    """List batches, newest first."""
    call = invocation(context)
    jobs = call.ask(lambda client: _first(client.batches.list(status=status, kind=kind, q=q), limit))
    columns = ("batch", "name", "status", "done", "failed", "rows", "created")
    rows = [
        (
            job.job_id,
            job.name,
            job.status.word,
            f"{job.progress.finished_operations}/{job.total_operations}",
            job.progress.failed_operations,
            job.row_count,
            _time(job.created_at),
        )
        for job in jobs
    ]
    call.output.show(jobs, table(columns, rows, numbers=("done", "failed", "rows")))


def show(context: typer.Context, batch_id: BatchId) -> None:
    """Show how a batch stands, how it runs, and what holds it up."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        return (await client.batches.get(batch_id)).job

    job = call.ask(work)
    facts = [fact for fact in _facts(job) if fact[1] not in {None, ""}]
    waits = [_waits(job.waiting_for)] if job.waiting_for else []
    call.output.show(job, Group(table((job.job_id, job.name), facts), *waits))


def watch(context: typer.Context, batch_id: BatchId) -> None:
    """Show a batch until it ends; exits 0 when all succeeded, 1 otherwise. Ctrl-C leaves it alone."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        return await follow(call, await client.batches.get(batch_id))

    end(call, call.ask(work), waited=True)


def why(
    context: typer.Context,
    batch_id: BatchId,
    *,
    target: Annotated[
        str | None, typer.Argument(metavar="TARGET", help="Only this one: its name, key or operation's id.")
    ] = None,
) -> None:
    """Tell why operations wait: for what, for whom, and until when."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Sequence[Wait]:
        batch = await client.batches.get(batch_id)
        if target is None:
            return batch.waiting_for
        async for one in batch.operations(q=target):
            if target in {one.target_name, one.target_id, str(one.id), one.execution_id}:
                return (await batch.operation(one.id)).waiting_for
        return (await batch.operation(target)).waiting_for if _is_id(target) else _unknown(target)

    waits = call.ask(work)
    call.output.show(waits, _waits(waits) if waits else "Nothing waits.")


def failures(
    context: typer.Context,
    batch_id: Annotated[
        str | None, typer.Argument(metavar="BATCH", help="The batch's id; else all of the last seven days.")
    ] = None,
) -> None:
    """Show failures by cause, with what to do; `batch retry --fingerprint CAUSE` runs one cause again."""
    call = invocation(context)
    if batch_id is None:
        found = call.ask(lambda client: _all(client.batches.failure_groups()))
        rows = [
            (one.fingerprint, one.count, one.job_count, one.message, one.hint or one.suggestion)
            for one in found
        ]
        columns = ("cause", "failed", "batches", "message", "what to do")
        call.output.show(found, table(columns, rows, numbers=("failed", "batches")))
        return

    async def work(client: AsyncClient) -> list[FailureGroup]:
        return await _all((await client.batches.get(batch_id)).failure_groups())

    groups = call.ask(work)
    rows = [
        (
            one.fingerprint,
            one.count,
            f"{one.share:.0f} %",
            one.message,
            one.hint or one.suggestion,
            _examples(one),
        )
        for one in groups
    ]
    columns = ("cause", "failed", "share", "message", "what to do", "targets")
    call.output.show(
        groups, table(columns, rows, numbers=("failed", "share")) if rows else "Nothing has failed."
    )


def timeline(
    context: typer.Context,
    batch_id: BatchId,
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """Tell who did what to a batch, the latest first."""
    call = invocation(context)

    async def work(client: AsyncClient) -> list[TimelineEntry]:
        return await _first((await client.batches.get(batch_id)).timeline(), limit)

    entries = call.ask(work)
    rows = [(_time(one.at), one.actor, one.text) for one in entries]
    call.output.show(entries, table(("at", "by", "what"), rows))


def _facts(job: Job) -> list[tuple[str, object]]:
    left = job.progress.estimated_time_remaining_ms
    return [
        ("status", job.status.word),
        ("kind", job.kind),
        ("workflow", job.workflow and job.workflow.key),
        ("operations", _counted(job)),
        ("rows", f"{job.row_count:,}" if job.row_count else None),
        ("created", _time(job.created_at)),
        ("started", job.started_at and _time(job.started_at)),
        ("ended", job.finished_at and _time(job.finished_at)),
        ("left", f"about {seconds(left)}" if left is not None else None),
        ("stalled", job.progress.stalled_reason if job.progress.stalled else None),
        *_holds(job),
        *_pace(job),
        ("tags", ", ".join(job.tags)),
    ]


def _counted(job: Job) -> str:
    progress = job.progress
    counts = {
        "completed": progress.completed_operations,
        "failed": progress.failed_operations,
        "running": progress.running_operations,
        "pending": progress.pending_operations,
        "skipped": progress.skipped_operations,
        "cancelled": progress.cancelled_operations,
    }
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)
    return f"{job.total_operations:,}: {told}" if told else "none yet"


def _holds(job: Job) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if pause := job.pause:
        reason = f": {pause.reason}" if pause.reason else ""
        found.append(("paused", f"by {pause.by or 'Fanfold'} ({pause.mode}){reason}"))
        found.append(("goes on", pause.resume_at and _time(pause.resume_at)))
    if waves := job.waves:
        found.append(("wave", f"{waves.current} of {len(waves.sizes)}, then the rest"))
    if after := job.after:
        found.append(("after", f"{after.job_id or 'a deleted batch'} ({after.until})"))
    return [*found, ("stopped", job.stop_reason and job.stop_reason.text)]


def _pace(job: Job) -> list[tuple[str, object]]:
    policy = job.policy
    if policy is None:
        return []
    budget, rate = policy.budget, policy.rate
    bears = [
        f"{budget.count}" if budget and budget.count is not None else "",
        f"{budget.percent:g} %" if budget and budget.percent is not None else "",
        "strict" if budget and budget.strict else "",
    ]
    quiet = [f"{one.start}-{one.end} {one.timezone}" for one in policy.quiet_hours]
    return [
        ("at a time", policy.max_parallel),
        ("rate", rate and f"{rate.count} per {rate.per_seconds:g} s"),
        ("bears failures", ", ".join(filter(None, bears))),
        ("quiet hours", ", ".join(quiet)),
        ("priority", policy.priority or None),
        ("locks targets", policy.lock),
    ]


def _waits(waits: Sequence[Wait]) -> RenderableType:
    rows = [(one.count, one.text, one.opens_at and _time(one.opens_at), one.holder) for one in waits]
    return table(("waiting", "for", "until", "held by"), rows, numbers=("waiting",))


def _examples(group: FailureGroup) -> str:
    named = ", ".join(one.target_name for one in group.examples[:3])
    return f"{named} …" if group.count > 3 else named  # noqa: PLR2004 -- as many as are named


def _is_id(text: str) -> bool:
    return text.count("-") == 4  # noqa: PLR2004 -- a UUID's


def _unknown(target: str) -> Sequence[Wait]:
    raise NotFound(404, f"No operation of this batch is called {target!r}.")


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


async def _all(items: AsyncIterator[T]) -> list[T]:
    return [item async for item in items]


async def _first(items: AsyncIterator[T], limit: int) -> list[T]:
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) == limit:
            break
    return found
