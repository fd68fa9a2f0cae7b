"""`fanfold connection …`: list them, check them step by step, and bring in the instances that they reach."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType

from fanfold.cli.exits import ExitCode
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.output import table
from fanfold.client.asynchronous import AsyncClient
from fanfold.client.connections import Discovering, Importing
from fanfold.client.discovery import ConnectionHealth, Discovery, Trouble
from fanfold.client.errors import BadInput
from fanfold.client.models import Connected, ProbeReport

Reference = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's name or id.")]
Accounts = Annotated[
    list[str] | None,
    typer.Option(
        "--account",
        metavar="ENTITY[:MARKETPLACE]",
        help="Ask this account too, although the login may not list it; repeat.",
    ),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Give this tag to what is found; repeat.")]
Rename = Annotated[bool, typer.Option("--rename", help="Let names and brands that you have follow AMC.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    connection = typer.Typer(
        no_args_is_help=True, help="List and check connections; bring in the instances that they reach."
    )
    connection.command("list")(list_connections)
    connection.command("test")(test)
    connection.command("check")(check)
    connection.command("discover")(discover)
    connection.command("import")(import_instances)
    app.add_typer(connection, name="connection")


def list_connections(context: typer.Context) -> None:
    """List connections."""
    call = invocation(context)

    async def work(client: AsyncClient) -> list[Connected]:
        return [one async for one in client.connections.list()]

    found = call.ask(work)
    rows = [(one.name, one.connector, one.config.get("region"), one.id) for one in found]
    call.output.show(found, table(("name", "connector", "region", "id"), rows))


def test(context: typer.Context, reference: Reference) -> None:
    """Try the cheapest call; exits 1 when it fails."""
    call = invocation(context)

    async def work(client: AsyncClient) -> ProbeReport:
        return await client.connections.test(await client.connections.resolve(reference))

    report = call.ask(work)
    told = report.message if report.ok else f"{report.failed_step}: {report.message} {report.hint or ''}"
    call.output.show(report, told)
    raise typer.Exit(ExitCode.GOOD if report.ok else ExitCode.NOT_ALL_GOOD)


def check(
    context: typer.Context,
    reference: Annotated[
        str | None, typer.Argument(metavar="[CONNECTION]", help="Its name or id; left out: all of them.")
    ] = None,
    *,
    instances: Annotated[
        int, typer.Option(min=0, max=500, help="List the tables of so many of its instances.")
    ] = 20,
) -> None:
    """Look at each step that work takes: sign-in, accounts, instances, tables; exits 1 when one fails."""
    call = invocation(context)

    async def work(client: AsyncClient) -> dict[str, ConnectionHealth]:
        known = [one async for one in client.connections.list()]
        wanted = await client.connections.resolve(reference) if reference else None
        chosen = [one for one in known if wanted in {None, one.id}]
        return {one.name: await client.connections.check(one.id, instances=instances) for one in chosen}

    found = call.ask(work)
    rows = [
        (name, step.step, step.subject, "ok" if step.ok else "FAILS", step.detail or _told(step.trouble))
        for name, health in found.items()
        for step in health.steps
    ]
    shown = table(("connection", "step", "of", "", "found"), rows) if rows else "There are no connections."
    call.output.show(found, shown)
    good = all(health.ok for health in found.values())
    raise typer.Exit(ExitCode.GOOD if good else ExitCode.NOT_ALL_GOOD)


def discover(
    context: typer.Context,
    reference: Reference,
    *,
    accounts: Accounts = None,
    tags: Tags = None,
    rename: Rename = False,
) -> None:
    """Show what a login reaches and what an import would do; changes nothing."""
    call = invocation(context)
    asked: Discovering = {"accounts": _accounts(accounts), "tags": tags or [], "rename": rename}

    async def work(client: AsyncClient) -> Discovery:
        return await client.connections.discover(await client.connections.resolve(reference), **asked)

    _show(call, call.ask(work))


def import_instances(
    context: typer.Context,
    reference: Reference,
    *,
    accounts: Accounts = None,
    tags: Tags = None,
    rename: Rename = False,
    only: Annotated[
        list[str] | None, typer.Option("--instance", "-i", help="Only this AMC id; repeat.")
    ] = None,
    remove_gone: Annotated[
        bool, typer.Option("--remove-gone", help="Remove what its account does not show any more.")
    ] = False,
) -> None:
    """Bring what a login reaches into your instances; what is gone stays unless you say otherwise."""
    call = invocation(context)
    asked: Importing = {
        "accounts": _accounts(accounts),
        "tags": tags or [],
        "rename": rename,
        "remove_gone": remove_gone,
    }
    if only:
        asked["instance_ids"] = only

    async def work(client: AsyncClient) -> Discovery:
        return await client.connections.import_instances(await client.connections.resolve(reference), **asked)

    _show(call, call.ask(work))


def _show(call: Invocation, found: Discovery) -> None:
    call.output.show(found, _page(found))
    raise typer.Exit(ExitCode.GOOD if found.complete else ExitCode.NOT_ALL_GOOD)


def _page(found: Discovery) -> RenderableType:
    shown: list[RenderableType] = []
    if found.trouble:
        shown.append(f"{found.failed_step}: {_told(found.trouble)}")
    accounts = [
        (one.account_id, one.account_name, one.marketplace_id, one.access, one.instance_count,
         _told(one.trouble))
        for one in found.accounts
    ]  # fmt: skip
    if accounts:
        columns = ("account", "name", "marketplace", "access", "instances", "")
        shown.append(table(columns, accounts, numbers=("instances",)))
    rows = [
        (one.done or one.standing, one.instance_id, one.name, one.account_id,
         "sandbox" if one.sandbox else "", ", ".join(one.changes))
        for one in found.instances
    ]  # fmt: skip
    if rows:
        shown.append(table(("", "instance", "name", "account", "", "changes"), rows))
    counted = ", ".join(f"{count} {standing}" for standing, count in found.counts.items() if count)
    shown.append(counted or "No instances.")
    return Group(*shown)


def _told(trouble: Trouble | None) -> str:
    return "" if trouble is None else f"{trouble.cause}: {trouble.message} {trouble.hint or ''}".strip()


def _accounts(given: list[str] | None) -> list[dict[str, str]]:
    accounts: list[dict[str, str]] = []
    for text in given or ():
        account_id, _, marketplace_id = text.partition(":")
        if not account_id:
            raise BadInput(400, f"--account {text}: give ENTITY or ENTITY:MARKETPLACE.")
        accounts.append({"account_id": account_id, "marketplace_id": marketplace_id})
    return accounts
