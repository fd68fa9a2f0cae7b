"""`fanfold workflow sync`: save a workflow on AMC instances, and see where it is in step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Group, RenderableType
from rich.syntax import Syntax

from fanfold.cli.exits import ExitCode
from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.cli.workflow_batches import matching
from fanfold.cli.workflow_files import Key
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.models import SavedStates

_GOOD = {"in_step", "at_work"}


def register(workflow: typer.Typer) -> None:
    """Add the command."""
    workflow.command("sync")(sync)


def sync(
    context: typer.Context,
    *,
    key: Key,
    instances: Annotated[
        list[str] | None,
        typer.Option("--instance", "-i", metavar="INSTANCE", help="Save it there; repeat. None: only show."),
    ] = None,
    everywhere: Annotated[
        list[str] | None,
        typer.Option(
            "--all",
            metavar="FILTER",
            help="Save it on all instances that match, as `region=us-east-1` or `all`.",
        ),
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Save nothing, only tell what differs.")] = False,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it is done.")] = True,
) -> None:
    """Save a workflow on AMC under a stable id, and show where it is in step; exits 1 where it is not."""
    call = invocation(context)
    names = [name for each in instances or () for name in each.split(",") if name]

    async def work(client: AsyncClient) -> SavedStates:
        chosen = await _chosen(client, names, everywhere or ())
        if chosen:
            job = await client.workflows.sync(key, chosen, compare_only=compare)
            call.output.note(f"Batch {job}")
            if wait:
                await (await client.batches.get(job)).wait()
        return await client.workflows.saved(key)

    found = call.ask(work)
    call.output.show(found, _page(found))
    good = all(one.state in _GOOD for one in found.instances)
    raise typer.Exit(ExitCode.GOOD if good else ExitCode.NOT_ALL_GOOD)


async def _chosen(client: AsyncClient, names: Sequence[str], everywhere: Sequence[str]) -> list[UUID]:
    named = list((await client.instances.resolve(names)).values()) if names else []
    if not everywhere:
        return named
    return list(dict.fromkeys([*named, *(one.id for one in await matching(client, everywhere))]))


def _page(found: SavedStates) -> RenderableType:
    rows = [
        (one.name, one.state.replace("_", " "), one.version, one.at and f"{one.at:%Y-%m-%d %H:%M}", one.error)
        for one in found.instances
    ]
    if not rows:
        return f"{found.saved_id} is saved nowhere yet: say --instance or --all."
    columns = ("instance", "state", "version", "at", "error")
    differing = [
        Group(one.name, Syntax(one.difference, "diff", background_color="default"))
        for one in found.instances
        if one.state == "differs" and one.difference
    ]
    head = f"{found.saved_id}, version {found.version}"
    return Group(head, table(columns, rows, numbers=("version",)), *differing)
