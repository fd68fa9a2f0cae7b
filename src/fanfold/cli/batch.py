"""`fanfold batch …`: submit, list, watch, cancel, retry, read."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any, TypeVar

import typer

from fanfold.cli.assignments import filters, overrides, parameters
from fanfold.cli.exits import exit_code_of
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.live import BatchView, seconds, watching
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import AsyncBatch
from fanfold.client.models import Job, Table

T = TypeVar("T")

_ALL = (
    "All instances that match, as `region=us-east-1`, `tag=x`, `brand=x`, `account=x`, `q=text`, or `all`; "
    "repeat to narrow."
)
BatchId = Annotated[str, typer.Argument(metavar="BATCH", help="The batch's id.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Stay until the batch ends.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    batch = typer.Typer(no_args_is_help=True, help="Submit, watch and read batches.")
    for name, command in {
        "run": run,
        "list": list_batches,
        "watch": watch,
        "cancel": cancel,
        "retry": retry,
        "results": results,
    }.items():
        batch.command(name)(command)
    app.add_typer(batch, name="batch")


def run(
    context: typer.Context,
    workflow: Annotated[str, typer.Argument(help="The workflow's key or id.")],
    *,
    instance: Annotated[
        list[str] | None,
        typer.Option(
            "--instance", "-i", metavar="INSTANCE", help="An instance: its id, AMC id or name; repeat."
        ),
    ] = None,
    every: Annotated[
        list[str] | None,
        typer.Option("--all", metavar="FILTER", help=_ALL),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="For all instances; repeat."),
    ] = None,
    override: Annotated[
        list[str] | None, typer.Option(metavar="INSTANCE:NAME=VALUE", help="For one instance; repeat.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the batch is called.")] = None,
    wait: Wait = True,
) -> None:
    """Run a workflow over many instances; exits 0 when all succeeded, 1 otherwise."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        known = await client.workflows.get(workflow)
        chosen: list[Any] = list(instance or ())
        if every:
            chosen += [one async for one in client.instances.list(**filters(every))]
        batch = await client.batches.run(
            workflow,
            chosen,
            parameters=parameters(parameter or (), known),
            overrides=overrides(override or (), known),
            name=name,
        )
        return await _follow(call, batch) if wait else batch.job

    _end(call, call.ask(work), waited=wait)


def list_batches(
    context: typer.Context,
    *,
    status: Annotated[str | None, typer.Option(help="Only batches in this state.")] = None,
    q: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only batches whose name or id has this text."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
) -> None:
    """List batches, newest first."""
    call = invocation(context)
    jobs = call.ask(lambda client: _first(client.batches.list(status=status, q=q), limit))
    columns = ("batch", "name", "status", "done", "failed", "rows", "created")
    rows = [
        (
            job.job_id,
            job.name,
            job.status.word,
            f"{job.progress.finished_operations}/{job.total_operations}",
            job.progress.failed_operations,
            job.row_count,
            f"{job.created_at:%Y-%m-%d %H:%M}",
        )
        for job in jobs
    ]
    call.output.show(jobs, table(columns, rows, numbers=("done", "failed", "rows")))


def watch(context: typer.Context, batch_id: BatchId) -> None:
    """Show a batch until it ends; exits 0 when all succeeded, 1 otherwise."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        return await _follow(call, await client.batches.get(batch_id))

    _end(call, call.ask(work), waited=True)


def cancel(
    context: typer.Context,
    batch_id: BatchId,
    *,
    reason: Annotated[str | None, typer.Option(help="Why, for those who look later.")] = None,
) -> None:
    """Cancel a batch, on the remote side too."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        await batch.cancel(reason)
        return await batch.refresh()

    job = call.ask(work)
    call.output.show(job, f"{job.job_id} is {job.status.word}.")


def retry(
    context: typer.Context,
    batch_id: BatchId,
    *,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="STATE", help="failed (default), timeout, cancelled or skipped; repeat."),
    ] = None,
    wait: Wait = True,
) -> None:
    """Run the failed operations of a batch again; exits 0 when all succeeded, 1 otherwise."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        retried = await batch.retry(select=select or ["failed"])
        call.output.say(f"{retried.retried_operations} operations run again.")
        return await _follow(call, batch) if wait else await batch.refresh()

    _end(call, call.ask(work), waited=wait)


def results(
    context: typer.Context,
    batch_id: BatchId,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows to show.")] = 20,
    sort: Annotated[str | None, typer.Option(help="A column; -COLUMN for descending.")] = None,
    csv: Annotated[
        str | None, typer.Option(metavar="PATH", help="Save the whole table here; - for stdout.")
    ] = None,
) -> None:
    """Show the head of a batch's table, or save all of it as CSV."""
    call = invocation(context)
    if csv is not None:
        call.ask(lambda client: _save(call, client, batch_id=batch_id, place=csv))
        return

    async def work(client: AsyncClient) -> Table:
        batch = await client.batches.get(batch_id)
        return await batch.results().page(limit=limit, sort=sort)

    page = call.ask(work)
    call.output.show(page, table_of(page))
    call.output.say(f"{min(limit, page.total_rows):,} of {page.total_rows:,} rows")


def table_of(page: Table) -> Any:
    """Return a page of a batch's table for people."""
    # The name says which instance it is; its id is for programs, in the CSV and the JSON.
    names = [column.name for column in page.columns if column.name != "_instance_id"]
    numbers = [column.name for column in page.columns if column.type == "number"]
    return table(names, ([row.get(name) for name in names] for row in page.rows), numbers=numbers)


async def _follow(call: Invocation, batch: AsyncBatch) -> Job:
    with watching(
        BatchView(batch.job), call.output.errors if call.output.as_json else call.output.console
    ) as watcher:
        return await batch.wait(watcher=watcher)


def _end(call: Invocation, job: Job, *, waited: bool) -> None:
    progress = job.progress
    took = (job.finished_at - job.started_at) if job.finished_at and job.started_at else None
    facts = [
        f"{job.job_id} is {job.status.word}",
        f"{progress.completed_operations} of {job.total_operations} completed",
        f"{progress.failed_operations} failed" if progress.failed_operations else "",
        f"{job.row_count:,} rows" if job.row_count is not None else "",
        seconds(int(took.total_seconds() * 1000)) if took else "",
    ]
    call.output.show(job, ", ".join(fact for fact in facts if fact))
    if waited:
        raise typer.Exit(exit_code_of(job.status))


async def _first(items: AsyncIterator[T], limit: int) -> list[T]:
    found: list[T] = []
    async for item in items:
        found.append(item)
        if len(found) == limit:
            break
    return found


async def _save(call: Invocation, client: AsyncClient, *, batch_id: str, place: str) -> None:
    found = (await client.batches.get(batch_id)).results()
    if place == "-":
        async for piece in found.csv():
            sys.stdout.buffer.write(piece)
        return
    path = await found.save_csv(place)
    call.output.show({"csv": str(path)}, f"Saved {path}")
