"""`fanfold instance …`: the AMC instances that batches run on."""

from __future__ import annotations

from typing import Annotated

import typer

from fanfold.cli.assignments import filters
from fanfold.cli.invocation import invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.models import Instance

_FILTERS = "As region=us-east-1, tag=x, brand=x, account=x, sandbox=true, q=text; several narrow."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    instance = typer.Typer(no_args_is_help=True, help="Look at the AMC instances that batches run on.")
    instance.command("list")(list_instances)
    app.add_typer(instance, name="instance")


def list_instances(
    context: typer.Context,
    narrowed: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", help=_FILTERS)] = None,
) -> None:
    """List instances by what `--instance` and `--all` call them; `connection import` brings in more."""
    call = invocation(context)
    given = filters(narrowed or ())

    async def work(client: AsyncClient) -> list[Instance]:
        return [one async for one in client.instances.list(**given)]

    found = call.ask(work)
    rows = [
        (
            one.name,
            one.instance_id,
            one.region,
            one.account_name or one.account_id,
            ", ".join(one.brands),
            ", ".join(one.tags),
            "sandbox" if one.sandbox else None,
        )
        for one in found
    ]
    columns = ("name", "AMC id", "region", "account", "brands", "tags", "")
    call.output.show(found, table(columns, rows) if rows else "There are no such instances.")
