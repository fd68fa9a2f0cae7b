"""`fanfold up`: everything on this machine, until stopped."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
import uvloop

from fanfold.cli.invocation import Invocation, invocation
from fanfold.cli.serving import Parts, Running, running
from fanfold.cli.simulated import SimulatedInstance, list_simulated, register_simulated
from fanfold.cli.stopping import stop_signal
from fanfold.client.asynchronous import AsyncClient
from fanfold.settings import Settings
from fanfold.workflows.samples import plant_samples


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    context: typer.Context,
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="With the AMC simulator, 12 instances, sample workflows.")
    ] = False,
    worker: Annotated[bool, typer.Option("--worker/--no-worker", help="Run a worker too.")] = True,
) -> None:
    """Run database, API, UI and a worker until stopped; prints one line when ready."""
    call = invocation(context)
    call.report_errors()
    uvloop.run(
        _up(
            call,
            listening(call.settings, host=host, port=port),
            parts=Parts(worker=worker, simulator=demo),
            demo=demo,
        )
    )


def listening(settings: Settings, *, host: str | None = None, port: int | None = None) -> Settings:
    """Return *settings* with the address of the flags, where they are given, and an absolute data folder."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = settings.with_values("web", **given) if given else settings
    return settings.model_copy(update={"data_dir": settings.data_dir.absolute()})


async def add_samples(place: Running) -> list[SimulatedInstance]:
    """Give the admin the simulator's instances, which it returns, and the sample workflows."""
    offered = await list_simulated(place.connection.simulator_url or "")
    async with AsyncClient(place.connection.url, place.connection.token) as client:
        await register_simulated(client, offered)
    await plant_samples(place.workflows, user_id=place.admin.id)
    return offered


async def _up(call: Invocation, settings: Settings, *, parts: Parts, demo: bool) -> None:
    async with stop_signal() as stop, running(settings, parts, note=call.output.progress) as place:
        if demo:
            await add_samples(place)
        await _tell(call, place)
        await stop.wait()
        call.output.progress("Stopping …")


async def _tell(call: Invocation, place: Running) -> None:
    if call.output.as_json:
        call.output.json(asdict(place.connection))
        return
    call.output.say(f"Fanfold runs at {place.connection.url} (data in {place.connection.data_dir}).")
    call.output.say(f"Sign in once with {await place.sign_in_url()}")
    call.output.say("Stop with Ctrl-C.")
