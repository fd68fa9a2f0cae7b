"""`fanfold workflow …`: list, show, check; `cli.workflow_files` has the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.syntax import Syntax

from fanfold.cli import assignments, workflow_files, workflow_instances, workflow_library, workflow_sync
from fanfold.cli.exits import ExitCode
from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.models import CheckReport, Workflow


def register(app: typer.Typer) -> None:
    """Add the commands."""
    workflow = typer.Typer(no_args_is_help=True, help="List, show and check workflows; keep them as files.")
    workflow.command("list")(list_workflows)
    workflow.command("show")(show)
    workflow.command("check")(check)
    workflow_files.register(workflow)
    workflow_instances.register(workflow)
    workflow_library.register(workflow)
    workflow_sync.register(workflow)
    app.add_typer(workflow, name="workflow")


def list_workflows(
    context: typer.Context,
    *,
    q: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only workflows with this text.")
    ] = None,
) -> None:
    """List workflows."""
    call = invocation(context)

    async def work(client: AsyncClient) -> list[Workflow]:
        return [one async for one in client.workflows.list(q=q)]

    found = call.ask(work)
    rows = [
        (one.key, one.name, one.version, ", ".join(_short(one)), one.last_batch and one.last_batch.status)
        for one in found
    ]
    call.output.show(
        found, table(("key", "name", "version", "parameters", "last batch"), rows, numbers=("version",))
    )


def show(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The workflow's key or id.")]
) -> None:
    """Show a workflow's parameters and its SQL."""
    call = invocation(context)
    found = call.ask(lambda client: client.workflows.get(key))
    call.output.show(found, _page(found))


def check(
    context: typer.Context,
    *,
    source: Annotated[str, typer.Argument(help="A file with SQL, or a workflow's key or id.")],
    instances: Annotated[
        list[str] | None,
        typer.Option(
            "--instances", "--instance", "-i", metavar="INSTANCE", help="Check a batch on these too; repeat."
        ),
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--parameter", "--param", "-p", metavar="NAME=VALUE", help="A parameter of that batch."),
    ] = None,
) -> None:
    """Check SQL as AMC would, and the batch that is to run it; exits 1 when something refuses it."""
    call = invocation(context)
    path = Path(source)
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else None
    names = [name for each in instances or () for name in each.split(",") if name]

    async def work(client: AsyncClient) -> CheckReport:
        known = await client.workflows.get(source) if text is None else None
        batch = None
        if names or given:
            chosen = await client.instances.resolve(names)
            values = assignments.parameters(given or (), known)
            batch = {"instance_ids": [str(each) for each in chosen.values()], "parameters": values}
        declared = [one.model_dump(mode="json") for one in known.parameters] if known else ()
        query = known.sql_query if known else text or ""
        return await client.workflows.check(query, parameters=declared, batch=batch)

    report = call.ask(work)
    call.output.show(report, _verdict(report))
    raise typer.Exit(ExitCode.GOOD if report.ok else ExitCode.NOT_ALL_GOOD)


def _verdict(report: CheckReport) -> RenderableType:
    shown: list[RenderableType] = []
    if report.findings:
        rows = [
            (one.severity, f"{one.line or ''}:{one.column or ''}".strip(":"), one.rule, one.message, one.fix)
            for one in report.findings
        ]
        shown.append(table(("severity", "line", "rule", "message", "fix"), rows))
    if report.problems:
        wrong = [(one.pointer, one.message) for one in report.problems]
        shown.append(table(("where", "problem"), wrong))
    noted = [(one.name, warning) for one in report.instances for warning in one.warnings]
    if noted:
        shown.append(table(("instance", "warning"), noted))
    shown.append("Nothing refuses it." if report.ok else "It would be refused.")
    return Group(*shown)


def _short(workflow: Workflow) -> list[str]:
    return [one.name if one.required else f"[{one.name}]" for one in workflow.parameters]


def _page(workflow: Workflow) -> RenderableType:
    rows = [
        (one.name, one.data_type, "required" if one.required else "", one.default, one.description)
        for one in workflow.parameters
    ]
    return Group(
        f"{workflow.name} ({workflow.key}, version {workflow.version})",
        workflow.description or "",
        table(("parameter", "type", "", "default", "description"), rows)
        if rows
        else "no parameters of its own",
        Syntax(workflow.sql_query, "sql", background_color="default", word_wrap=True),
    )
