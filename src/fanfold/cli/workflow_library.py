"""`fanfold workflow library list|show|add`: the workflows that Fanfold brings along."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group
from rich.syntax import Syntax

from fanfold.cli.invocation import invocation
from fanfold.cli.output import table

Key = Annotated[str, typer.Argument(metavar="KEY", help="The workflow's key in the library.")]


def register(workflow: typer.Typer) -> None:
    """Add the commands."""
    library = typer.Typer(no_args_is_help=True, help="List, show and copy the workflows of the library.")
    library.command("list")(list_library)
    library.command("show")(show)
    library.command("add")(add)
    workflow.add_typer(library, name="library")


def list_library(
    context: typer.Context,
    *,
    q: Annotated[
        str | None,
        typer.Option("--search", metavar="TEXT", help="Only with these words; tables count too."),
    ] = None,
    theme: Annotated[str | None, typer.Option(help="Only of this theme, such as reach.")] = None,
) -> None:
    """List the library by theme."""
    call = invocation(context)
    found = call.ask(lambda client: client.workflows.library(q=q, theme=theme))
    rows = [
        (one.theme, one.key, one.description, ", ".join(each.name for each in one.parameters))
        for one in found
    ]
    call.output.show(found, table(("theme", "key", "what it tells", "parameters"), rows))


def show(context: typer.Context, key: Key) -> None:
    """Show one with its tables, parameters and SQL."""
    call = invocation(context)
    found = call.ask(lambda client: client.workflows.library_workflow(key))
    rows = [(one.name, one.data_type, one.default, one.description) for one in found.parameters]
    call.output.show(
        found,
        Group(
            f"{found.name} ({found.theme})",
            found.description,
            f"reads {', '.join(found.tables)}",
            table(("parameter", "type", "default", "description"), rows) if rows else "no parameters",
            Syntax(found.sql_query or "", "sql", background_color="default", word_wrap=True),
        ),
    )


def add(
    context: typer.Context,
    *,
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="Keys in the library.")],
    as_key: Annotated[
        str | None, typer.Option("--as", metavar="KEY", help="The copy's key, of one; else the same.")
    ] = None,
) -> None:
    """Make them workflows of your own."""
    if as_key and len(keys) > 1:
        raise typer.BadParameter("--as names one copy.")
    call = invocation(context)
    added = [
        call.ask(lambda client, key=key: client.workflows.copy_from_library(key, as_key=as_key))
        for key in keys
    ]
    call.output.show(added, "\n".join(f"Added {one.key}: {one.name}" for one in added))
