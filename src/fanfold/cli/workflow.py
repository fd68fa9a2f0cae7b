"""`fanfold workflow …`: list, show, check; `cli.workflow_files` has the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.syntax import Syntax

from fanfold.cli import workflow_files
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
    source: Annotated[str, typer.Argument(help="A file with SQL, or a workflow's key or id.")],
) -> None:
    """Check SQL as AMC would; exits 1 when something refuses it."""
    call = invocation(context)
    path = Path(source)
    text = path.read_text() if path.is_file() else None

    async def work(client: AsyncClient) -> CheckReport:
        if text is not None:
            return await client.workflows.check(text)
        known = await client.workflows.get(source)
        return await client.workflows.check(
            known.sql_query, parameters=[one.model_dump(mode="json") for one in known.parameters]
        )

    report = call.ask(work)
    rows = [
        (one.severity, f"{one.line or ''}:{one.column or ''}".strip(":"), one.rule, one.message, one.fix)
        for one in report.findings
    ]
    verdict = "Nothing refuses it." if report.ok else "AMC would refuse it."
    human = Group(table(("severity", "line", "rule", "message", "fix"), rows), verdict) if rows else verdict
    call.output.show(report, human)
    raise typer.Exit(ExitCode.GOOD if report.ok else ExitCode.NOT_ALL_GOOD)


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
