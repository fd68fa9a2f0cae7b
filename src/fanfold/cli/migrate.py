"""`fanfold migrate`: bring a database to this version's schema, or back."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from fanfold.cli.invocation import invocation
from fanfold.db.schema import head
from fanfold.db.schema import migrate as bring


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("migrate")(migrate)


def migrate(
    context: typer.Context,
    *,
    database_url: Annotated[
        str | None, typer.Option(help="The database; default: FANFOLD_DATABASE_URL.")
    ] = None,
    to: Annotated[
        str, typer.Option(help="A revision to go to, forward or back; `base` removes all.")
    ] = "head",
) -> None:
    """Bring a database of your own to this version's schema; `fanfold up` does it by itself."""
    call = invocation(context)
    url = database_url or call.settings.database_url
    asyncio.run(bring(url, to=to))
    revision = head() if to == "head" else to
    call.output.show({"revision": revision}, f"The database is at {revision}.")
