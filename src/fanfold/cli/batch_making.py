"""`fanfold batch run`, `preview`, `fill` and `start`: batches of workflows and of any kind."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from fanfold.cli.batch_following import BatchId, Wait, end, follow
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.output import table
from fanfold.cli.policy_flags import PolicyFlags
from fanfold.cli.source_flags import STDIN, SourceFlags, condition
from fanfold.cli.workflow_batches import WorkflowFlags, page, refuse_flags_of_others
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.errors import BadInput
from fanfold.client.models import Job
from fanfold.client.policy import Policy
from fanfold.client.submission import Filled, Preview, Submission
from fanfold.client.workflow_batches import WorkflowBatch, WorkflowPreview

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
        if how.draft:
            raise BadInput(400, "A workflow's batch has no draft: look at it with --preview.")
        ran = _Workflow(workflow, over, source, parameter, asked, name)
        found = call.ask(lambda client: ran.run(call, client, how=how))
    else:
        if over.is_given:
            raise BadInput(
                400, "--instance, --all, --override, --rule, --windows and --query-source are for workflows."
            )
        kind, made_of = source.submission(name=name, parameter=parameter, policy=asked)
        found = call.ask(lambda client: _run_kind(call, client, kind=kind, made_of=made_of, how=how))
    if found is not None:
        end(call, found, waited=how.wait and not how.draft)


def preview(
    context: typer.Context,
    draft: Annotated[str | None, typer.Argument(metavar="DRAFT", help="A draft's id.")] = None,
    *,
    workflow: Annotated[
        str | None, typer.Option(metavar="WORKFLOW", help="The key or id of the workflow that would run.")
    ] = None,
    over: WorkflowFlags,
    source: SourceFlags,
    parameter: Parameters = None,
    policy: PolicyFlags,
) -> None:
    """Show what a batch or a draft would do, target by target; nothing runs."""
    call = invocation(context)
    if [draft is not None, workflow is not None, source.is_given].count(True) != 1:
        raise BadInput(400, "Name a draft, or a workflow with --workflow, or a kind with --kind or --file.")
    if workflow is not None:
        made = _Workflow(workflow, over, source, parameter, policy.policy())
        seen = call.ask(made.preview)
        call.output.show(seen, page(seen))
        return

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


async def _run_kind(
    call: Invocation, client: AsyncClient, *, kind: str, made_of: Submission, how: RunFlags
) -> Job | None:
    if how.draft:
        return (await client.batches.draft(kind, **made_of)).job
    bound: Preview | str | None = how.as_previewed
    if how.preview:
        bound = await client.batches.preview(kind, **made_of)
        if not _agreed(call, _page(bound), yes=how.yes):
            return None
    batch = await client.batches.submit(kind, preview=bound, **made_of)
    return await follow(call, batch) if how.wait else batch.job


@dataclass(frozen=True, slots=True)
class _Workflow:
    """A workflow's batch, as it was asked for."""

    workflow: str
    over: WorkflowFlags
    source: SourceFlags
    parameter: list[str] | None
    policy: Policy | None
    name: str | None = None

    async def preview(self, client: AsyncClient) -> WorkflowPreview:
        instances, made_of = await self._read(client)
        return await client.batches.preview_run(self.workflow, instances, **made_of)

    async def run(self, call: Invocation, client: AsyncClient, *, how: RunFlags) -> Job | None:
        instances, made_of = await self._read(client)
        bound: WorkflowPreview | str | None = how.as_previewed
        if how.preview:
            bound = await client.batches.preview_run(self.workflow, instances, **made_of)
            if not _agreed(call, page(bound), yes=how.yes):
                return None
        batch = await client.batches.run(self.workflow, instances, preview=bound, **made_of)
        return await follow(call, batch) if how.wait else batch.job

    async def _read(self, client: AsyncClient) -> tuple[list[Any], WorkflowBatch]:
        refuse_flags_of_others(self.source)
        known = await client.workflows.get(self.workflow)
        made_of = self.over.made_of(
            known,
            parameter=self.parameter or (),
            policy=self.policy,
            name=self.name,
            description=self.source.description,
        )
        return await self.over.instances(client), made_of


def _agreed(call: Invocation, shown: RenderableType, *, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BadInput(400, "Nobody can say yes here: use `fanfold batch preview`, then --as-previewed.")
    call.output.say(shown)
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
