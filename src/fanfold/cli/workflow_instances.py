"""`fanfold workflow check-instances`: what speaks against running a workflow, instance by instance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType

from fanfold.cli import assignments
from fanfold.cli.exits import ExitCode
from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.instance_checks import InstanceCheckReport


def register(workflow: typer.Typer) -> None:
    """Add the command."""
    workflow.command("check-instances")(check_instances)


def check_instances(
    context: typer.Context,
    *,
    source: Annotated[str, typer.Argument(help="A file with SQL, or a workflow's key or id.")],
    instances: Annotated[
        list[str],
        typer.Option(
            "--instances", "--instance", "-i", metavar="INSTANCE", help="Where it is to run; repeat."
        ),
    ],
    given: Annotated[
        list[str] | None,
        typer.Option("--parameter", "--param", "-p", metavar="NAME=VALUE", help="A parameter of the batch."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Let AMC compile it there: no rows, no quota, some seconds.")
    ] = False,
) -> None:
    """Check SQL against the tables that each instance has; exits 1 when one of them would refuse it."""
    call = invocation(context)
    path = Path(source)
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else None
    names = [name for each in instances for name in each.split(",") if name]

    async def work(client: AsyncClient) -> InstanceCheckReport:
        known = await client.workflows.get(source) if text is None else None
        chosen = await client.instances.resolve(names)
        batch = {
            "instance_ids": [str(each) for each in chosen.values()],
            "parameters": assignments.parameters(given or (), known),
        }
        declared = [one.model_dump(mode="json") for one in known.parameters] if known else ()
        query = known.sql_query if known else text or ""
        return await client.workflows.check_instances(
            query, parameters=declared, batch=batch, dry_run=dry_run
        )

    report = call.ask(work)
    call.output.show(report, _verdict(report))
    raise typer.Exit(ExitCode.GOOD if report.ok else ExitCode.NOT_ALL_GOOD)


def _verdict(report: InstanceCheckReport) -> RenderableType:
    shown: list[RenderableType] = []
    if report.problems:
        shown.append(table(("where", "problem"), [(one.pointer, one.message) for one in report.problems]))
    rows = [
        (one.name, found.severity, f"{found.line or ''}:{found.column or ''}".strip(":"), found.message,
         found.fix)
        for one in report.instances
        for found in one.findings
    ]  # fmt: skip
    if rows:
        shown.append(table(("instance", "severity", "line", "message", "fix"), rows))
    good = sum(one.ok for one in report.instances)
    shown.append(f"{good} of {len(report.instances)} instances would take it.")
    return Group(*shown)
