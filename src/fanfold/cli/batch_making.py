"""`fanfold batch run`, `preview`, `fill` and `start`: batches of workflows and of any kind."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from fanfold.cli.assignments import filters, overrides, parameters
from fanfold.cli.batch_following import BatchId, Wait, end, follow
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.output import table
from fanfold.cli.policy_flags import PolicyFlags
from fanfold.cli.source_flags import STDIN, SourceFlags, condition
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import AsyncBatch
from fanfold.client.errors import BadInput
from fanfold.client.models import Job
from fanfold.client.submission import Filled, Preview

_ALL = (
    "All instances that match, as `region=us-east-1`, `tag=x`, `brand=x`, `account=x`, `q=text`, or `all`; "
    "repeat to narrow."
)
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", "--param", "-p", metavar="NAME=VALUE", help="For all targets; repeat."),
]
Name = Annotated[str | None, typer.Option(help="What the batch is called.")]
AsPreviewed = Annotated[
    str | None, typer.Option(metavar="PREVIEW", help="Only if it is exactly what that preview showed.")
]
Skip = Annotated[
    list[str] | None,
    typer.Option(metavar="CONDITION", help="Leave targets out, as 'region missing'; repeat."),
]


@dataclass(frozen=True, slots=True)
class WorkflowFlags:
    """Over what a workflow runs."""

    instance: Annotated[
        list[str] | None,
        typer.Option(
            "--instance", "-i", metavar="INSTANCE", help="An instance: its id, AMC id or name; repeat."
        ),
    ] = None
    every: Annotated[list[str] | None, typer.Option("--all", metavar="FILTER", help=_ALL)] = None
    override: Annotated[
        list[str] | None, typer.Option(metavar="INSTANCE:NAME=VALUE", help="For one instance; repeat.")
    ] = None


@dataclass(frozen=True, slots=True)
class RunFlags:
    """How far a run goes."""

    draft: Annotated[bool, typer.Option("--draft", help="Run nothing yet: fill it, then start it.")] = False
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it would do, and run exactly that after a yes.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --preview: say yes already.")] = False
    as_previewed: AsPreviewed = None
    wait: Wait = True


def run(
    context: typer.Context,
    workflow: Annotated[str | None, typer.Argument(help="The workflow's key or id.")] = None,
    *,
    over: WorkflowFlags,
    source: SourceFlags,
    parameter: Parameters = None,
    name: Name = None,
    policy: PolicyFlags,
    how: RunFlags,
) -> None:
    """Run a workflow over instances, or any kind of work over targets; exits 0 when all succeeded, else 1."""
    call = invocation(context)
    asked = policy.policy()
    if (workflow is None) is not source.is_given:
        raise BadInput(400, "Name either a workflow, or a kind of work with --kind or --file.")
    if workflow is not None:
        if asked or how.draft or how.preview or how.as_previewed:
            raise BadInput(400, "How a workflow's batch runs is changed with `fanfold batch change`.")
        job = call.ask(
            lambda client: _run_workflow(
                call, client, workflow=workflow, over=over, parameter=parameter, name=name, how=how
            )
        )
        end(call, job, waited=how.wait)
        return
    kind, made_of = source.submission(name=name, parameter=parameter, policy=asked)

    async def work(client: AsyncClient) -> Job | None:
        bound: Preview | str | None = how.as_previewed
        if how.preview and not how.draft:
            bound = await client.batches.preview(kind, **made_of)
            if not _agreed(call, bound, yes=how.yes):
                return None
        if how.draft:
            return (await client.batches.draft(kind, **made_of)).job
        batch = await client.batches.submit(kind, preview=bound, **made_of)
        return await follow(call, batch) if how.wait else batch.job

    if (found := call.ask(work)) is not None:
        end(call, found, waited=how.wait and not how.draft)


def preview(
    context: typer.Context,
    draft: Annotated[str | None, typer.Argument(metavar="DRAFT", help="A draft's id.")] = None,
    *,
    source: SourceFlags,
    parameter: Parameters = None,
    policy: PolicyFlags,
) -> None:
    """Show what a batch or a draft would do, target by target; nothing runs."""
    call = invocation(context)
    if (draft is None) is not source.is_given:
        raise BadInput(400, "Name either a draft, or a kind of work with --kind or --file.")

    async def work(client: AsyncClient) -> Preview:
        if draft is not None:
            conditions = [condition(text) for text in source.skip_when or ()]
            return await (await client.batches.get(draft)).preview(skip_when=conditions)
        kind, made_of = source.submission(name=None, parameter=parameter, policy=policy.policy())
        return await client.batches.preview(kind, **made_of)

    found = call.ask(work)
    call.output.show(found, _page(found))


def fill(
    context: typer.Context,
    batch_id: BatchId,
    *,
    source: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV with a header, else JSON lines; - for stdin.")
    ],
) -> None:
    """Add targets to a draft, however many; after a broken line run it again, it goes on where it stopped."""
    call = invocation(context)

    async def work(client: AsyncClient) -> Filled:
        batch = await client.batches.get(batch_id)
        return await batch.fill(sys.stdin.buffer if source == STDIN else Path(source))

    filled = call.ask(work)
    text = (
        f"{filled.added:,} added, {filled.known:,} known already; {filled.job_id} has {filled.total:,} now."
    )
    call.output.show(filled, text)


def start(
    context: typer.Context,
    batch_id: BatchId,
    *,
    as_previewed: AsPreviewed = None,
    skip_when: Skip = None,
    wait: Wait = True,
) -> None:
    """Start a draft; exits 0 when all succeeded, 1 otherwise."""
    call = invocation(context)
    conditions = [condition(text) for text in skip_when or ()]

    async def work(client: AsyncClient) -> Job:
        batch = await client.batches.get(batch_id)
        job = await batch.start(preview=as_previewed, skip_when=conditions)
        return await follow(call, batch) if wait else job

    end(call, call.ask(work), waited=wait)


async def _run_workflow(
    call: Invocation,
    client: AsyncClient,
    *,
    workflow: str,
    over: WorkflowFlags,
    parameter: list[str] | None,
    name: str | None,
    how: RunFlags,
) -> Job:
    known = await client.workflows.get(workflow)
    chosen: list[Any] = list(over.instance or ())
    if over.every:
        chosen += [one async for one in client.instances.list(**filters(over.every))]
    batch: AsyncBatch = await client.batches.run(
        workflow,
        chosen,
        parameters=parameters(parameter or (), known),
        overrides=overrides(over.override or (), known),
        name=name,
    )
    return await follow(call, batch) if how.wait else batch.job


def _agreed(call: Invocation, preview: Preview, *, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BadInput(400, "Nobody can say yes here: use `fanfold batch preview`, then --as-previewed.")
    call.output.say(_page(preview))
    return typer.confirm("Run exactly this?", err=True)


def _page(preview: Preview) -> RenderableType:
    rows = [
        (one.key, one.name, f"skipped: {one.skipped}" if one.skipped else one.does, "; ".join(one.warnings))
        for one in preview.operations
    ]
    hidden = preview.total_operations - len(rows)
    counted = f"{preview.total_operations:,} operations"
    skipped = f", {preview.skipped_operations:,} of them skipped" if preview.skipped_operations else ""
    notes = [f"{one.severity}: {one.message}" for one in preview.findings]
    notes += [f"warning: {text}" for text in preview.warnings]
    more = [f"… and {hidden:,} more"] if hidden > 0 else []
    return Group(
        table(("target", "name", "what it does", "warnings"), rows),
        *(text.replace("[", r"\[") for text in [*more, *notes]),
        f"{counted}{skipped}. Run exactly this with --as-previewed {preview.preview}",
    )
