"""`fanfold demo`: the whole product on sample data, for whoever sees it the first time."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import httpx
import typer

from fanfold.cli.exits import ExitCode, Failing
from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.serving import Parts, Running, running
from fanfold.cli.stopping import stop_signal, unless_stopped
from fanfold.cli.story import NotAsTold, Story
from fanfold.cli.up import add_samples, listening
from fanfold.client.asynchronous import AsyncClient
from fanfold.settings import DEMO_DIR, Settings
from fanfold.telemetry.logs import configure_logging

_WORKFLOW = "daily-performance"
_LOG_FILE = "fanfold.log"
_SPEED = 5.0
"""The simulator's queries take four seconds by default, and a demo should not make anyone wait."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    *,
    once: Annotated[bool, typer.Option("--once", help="End with the story instead of staying up.")] = False,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
) -> None:
    """Run one query over 12 simulated AMC instances, three of them in trouble, and stay up to look around."""
    call = invocation(context)
    settings = call.settings.model_copy(update={"data_dir": call.data_dir(DEMO_DIR)})
    raise typer.Exit(asyncio.run(_demo(call, listening(settings, port=port), once=once)))


async def _demo(call: Invocation, settings: Settings, *, once: bool) -> ExitCode:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / _LOG_FILE).open("w") as log:
        # The terminal belongs to the story.
        configure_logging(settings.telemetry.log_level, "json", stream=log)
        parts = Parts(simulator=True, simulator_speed=_SPEED, log=log)
        async with stop_signal() as stop, running(settings, parts, note=call.output.note) as place:
            try:
                told = await unless_stopped(_tell(call, place), stop)
            except NotAsTold as error:
                call.output.fail(Failing(ExitCode.NOT_ALL_GOOD, f"{error} The log is {log.name}."))
                return ExitCode.NOT_ALL_GOOD
            if told and not once:
                call.output.say("\nIt stays up until Ctrl-C.")
                await stop.wait()
    return ExitCode.GOOD if told else ExitCode.INTERRUPTED


async def _tell(call: Invocation, place: Running) -> None:
    simulator_url = place.connection.simulator_url or ""
    async with (
        AsyncClient(place.connection.url, place.connection.token) as client,
        httpx.AsyncClient(base_url=simulator_url) as simulator,
    ):
        offered = await add_samples(place)
        story = Story(client, simulator=simulator, output=call.output)
        await story.tell(_WORKFLOW, offered=offered, folder=Path(place.connection.data_dir))
    call.output.say(
        f"\nLook around in the browser, signed in by this link once:\n  {await place.sign_in_url()}"
    )
