"""`fanfold worker`: one worker process, next to `fanfold up --no-worker` or on another machine."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
import uvloop

from fanfold.catalog.catalog import BrokenPlugin
from fanfold.cli.exits import CannotStart
from fanfold.cli.folder import with_keys
from fanfold.cli.invocation import invocation
from fanfold.cli.processes import parent_gone
from fanfold.cli.stopping import stop_signal
from fanfold.engine.run import run_worker
from fanfold.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker")(worker)


def worker(
    context: typer.Context,
    *,
    database_url: Annotated[
        str | None, typer.Option(help="The database; default: FANFOLD_DATABASE_URL.")
    ] = None,
    exit_with_parent: Annotated[bool, typer.Option("--exit-with-parent", hidden=True)] = False,
) -> None:
    """Claim and run operations until stopped; SIGTERM finishes what has begun and exits 0."""
    call = invocation(context)
    call.report_errors()
    settings = with_keys(call.settings, make=False)
    if database_url is not None:
        settings = settings.with_values("database", url=database_url)
    uvloop.run(_work(settings, exit_with_parent=exit_with_parent))


async def _work(settings: Settings, *, exit_with_parent: bool) -> None:
    async with stop_signal() as stop:
        watch = asyncio.create_task(_stop_with_parent(stop)) if exit_with_parent else None
        try:
            await run_worker(settings, stop=stop)
        except BrokenPlugin as error:
            raise CannotStart(str(error)) from error
        finally:
            if watch is not None:
                watch.cancel()


async def _stop_with_parent(stop: asyncio.Event) -> None:
    await parent_gone()
    stop.set()
