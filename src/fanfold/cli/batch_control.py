"""`fanfold batch pause`, `resume`, `change`, `retry`, `fetch`, `cancel` and `delete`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Group

from fanfold.cli.assignments import overrides, parameters
from fanfold.cli.batch_following import BatchId, Wait, end, follow
from fanfold.cli.invocation import invocation
from fanfold.cli.measures import moment
from fanfold.cli.output import table
from fanfold.cli.policy_flags import LiveFlags
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import RetryChoice
from fanfold.client.models import Job, Retried

Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for those who look later.")]


@dataclass(frozen=True, slots=True)
class RetryFlags:
    """Which part of a batch runs again, and with what; every filter narrows."""

    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE",
            help="failed (default), cancelled, skipped, timeout, unstarted; remainder: all of them; repeat.",
        ),
    ] = None
    fingerprint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CAUSE", help="Only failures of this cause, as `batch failures` names it; repeat."
        ),
    ] = None
    operation: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this operation; repeat.")
    ] = None
    search: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only targets whose name or key has this text.")
    ] = None
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "--param", "-p", metavar="NAME=VALUE", help="What is other now; repeat."),
    ] = None
    override: Annotated[
        list[str] | None, typer.Option(metavar="TARGET:NAME=VALUE", help="The same for one target; repeat.")
    ] = None
    attempts: Annotated[int | None, typer.Option(metavar="N", help="Attempts allowed from now on.")] = None

    def choice(self) -> RetryChoice:
        """Return what was said. Raises `BadInput`."""
        choice: RetryChoice = {}
        if self.select:
            choice["select"] = self.select
        if self.fingerprint:
            choice["fingerprint"] = self.fingerprint
        if self.operation:
            choice["operation_ids"] = self.operation
        if self.search:
            choice["q"] = self.search
        if self.parameter:
            choice["parameters"] = parameters(self.parameter, None)
        if self.override:
            choice["item_parameters"] = overrides(self.override, None)
        if self.attempts is not None:
            choice["max_retries"] = self.attempts
        return choice


def pause(
    context: typer.Context,
    batch_id: BatchId,
    *,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Stop what runs where it stands; else it goes on to its end.")
    ] = False,
    reason: Reason = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Go on by itself: 2026-12-01T06:00+01:00, or 2h from now."),
    ] = None,
) -> None:
    """Rest a batch: nothing new of it begins."""
    call = invocation(context)
    resume_at = None if until is None else moment(until)

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        return await batch.pause("freeze" if freeze else "drain", reason=reason, resume_at=resume_at)

    job = call.ask(work)
    until_then = f" until {resume_at:%Y-%m-%d %H:%M %Z}" if resume_at else ""
    call.output.show(job, f"{job.job_id} is {job.status.word}{until_then}.")


def resume(context: typer.Context, batch_id: BatchId) -> None:
    """Let a paused batch go on."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        return await (await client.batches.get(batch_id)).resume()

    job = call.ask(work)
    call.output.show(job, f"{job.job_id} is {job.status.word}.")


def change(context: typer.Context, batch_id: BatchId, *, live: LiveFlags) -> None:
    """Change how a batch runs while it runs; what begins next is bound by it."""
    call = invocation(context)
    said = live.change()

    async def work(client: AsyncClient) -> Job:
        return await (await client.batches.get(batch_id)).change(**said)

    job = call.ask(work)
    call.output.show(job, f"{job.job_id}: changed {', '.join(said).replace('_', ' ')}.")


def retry(
    context: typer.Context,
    batch_id: BatchId,
    *,
    chosen: RetryFlags,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would run again.")] = False,
    wait: Wait = True,
) -> None:
    """Run the failed operations of a batch again, or others; exits 0 when all succeeded, 1 otherwise."""
    call = invocation(context)
    choice = chosen.choice()

    async def tell(client: AsyncClient) -> Retried:
        batch = await client.batches.get(batch_id)
        return await batch.retry(**{**choice, "dry_run": True})

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        retried = await batch.retry(**choice)
        call.output.say(retried.message)
        return await follow(call, batch) if wait else await batch.refresh()

    if not dry_run:
        end(call, call.ask(work), waited=wait)
        return
    told = call.ask(tell)
    rows = [
        (one.target_name, one.status, one.reason, one.fingerprint, one.error_message)
        for one in told.operations
    ]
    call.output.show(told, Group(table(("target", "state", "reason", "cause", "error"), rows), told.message))


def fetch(
    context: typer.Context,
    batch_id: BatchId,
    *,
    operation: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this operation, even if rows are there; repeat."),
    ] = None,
    wait: Wait = True,
) -> None:
    """Fetch rows again from AMC that were removed or lost here; no query runs. They come in a new batch."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        started = await (await client.batches.get(batch_id)).fetch(operation)
        call.output.say(f"The rows of {started.of_job_id} are fetched again as {started.job_id}.")
        batch = await client.batches.get(started.job_id)
        return await follow(call, batch) if wait else batch.job

    end(call, call.ask(work), waited=wait)


def cancel(context: typer.Context, batch_id: BatchId, *, reason: Reason = None) -> None:
    """Cancel a batch, on the remote side too."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        await batch.cancel(reason)
        return await batch.refresh()

    job = call.ask(work)
    call.output.show(job, f"{job.job_id} is {job.status.word}.")


def delete(context: typer.Context, batch_id: BatchId) -> None:
    """Delete a batch that has ended, with its results."""
    call = invocation(context)

    async def work(client: AsyncClient) -> None:
        await (await client.batches.get(batch_id)).delete()

    call.ask(work)
    call.output.show({"deleted": batch_id}, f"{batch_id} is deleted.")
