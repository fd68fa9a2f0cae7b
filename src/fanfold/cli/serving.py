"""All parts of Fanfold on one machine: database, simulator, worker, API; begun in order, ended in reverse."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from uvicorn.importer import import_from_string

from fanfold.access.model import User
from fanfold.access.service import AccessService
from fanfold.catalog.catalog import BrokenPlugin
from fanfold.cli.api_server import listen, serving
from fanfold.cli.exits import CannotStart
from fanfold.cli.folder import held, with_keys, write_private
from fanfold.cli.processes import Child, Supervised
from fanfold.client.connection import CONNECTION_FILE, Connection
from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import migrate
from fanfold.settings import Settings
from fanfold.workflows.service import WorkflowService

Note = Callable[[str], None]

# By name, as every server of ASGI applications takes them: the command line does not import the web layer.
_OPEN_SERVICES = "fanfold.web.services:open_services"
_CREATE_APP = "fanfold.web.app:create_app"
_TOKEN_LIFETIME = timedelta(days=30)
_SIMULATOR_POLL_SECONDS = 0.5
_SIMULATOR_GRACE_SECONDS = 3.0
_WORKER_GRACE_SECONDS = 10.0
"""On top of its drain, to give back what it could not finish."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What `up` starts besides the API."""

    worker: bool = True
    simulator: bool = False
    simulator_speed: float = 1.0
    log: TextIO | None = None
    """Takes the children's logs instead of stderr."""


@dataclass(frozen=True, slots=True)
class Running:
    """A Fanfold that serves."""

    connection: Connection
    settings: Settings
    access: AccessService
    workflows: WorkflowService
    admin: User

    async def sign_in_url(self) -> str:
        """Return an address of the UI that signs the admin in, once."""
        code = await self.access.create_sign_in_link(self.admin)
        return f"{self.connection.url}/ui/sign-in?code={code}"


@asynccontextmanager
async def running(settings: Settings, parts: Parts, *, note: Note) -> AsyncGenerator[Running]:
    """Run all parts while the block runs; *note* is told each step.

    Raises `AlreadyRunning`, `CannotStart`, `DatabaseProblem`.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(held(settings.data_dir))
        settings = with_keys(settings, make=True)
        if parts.simulator:
            settings = settings.with_values("amc", use_real_api=False)
        # Begun first and awaited late: database and simulator take a second or two each.
        simulator = await _begin_simulator(settings, parts, stack=stack, note=note)
        settings = await _with_database(settings, stack, note=note)
        if parts.worker:
            await _start_worker(settings, parts, stack=stack, note=note)
        if simulator is not None:
            settings = await _with_simulator(settings, simulator, stack=stack)
        note("Starting the API …")
        services = await stack.enter_async_context(_open_services(settings))
        app = import_from_string(_CREATE_APP)(services)
        listener = listen(settings.web.host, settings.web.port)
        url = await stack.enter_async_context(serving(app, listener, before_stop=services.begin_stop))
        access: AccessService = services.access
        admin = await access.ensure_admin()
        connection = Connection(
            url=url,
            token=access.issue_token(admin, _TOKEN_LIFETIME),
            data_dir=str(settings.data_dir),
            pid=os.getpid(),
            database_url=settings.database_url,
            simulator_url=settings.amc.simulator_url,
        )
        _leave(connection, stack)
        yield Running(connection, settings, access, services.workflows, admin)


@asynccontextmanager
async def _open_services(settings: Settings) -> AsyncGenerator[Any]:
    try:
        async with import_from_string(_OPEN_SERVICES)(settings) as services:
            yield services
    except BrokenPlugin as error:
        raise CannotStart(str(error)) from error


async def _with_database(settings: Settings, stack: AsyncExitStack, *, note: Note) -> Settings:
    if settings.database.url is None:
        note("Starting the database …")
        server = EmbeddedServer(settings.data_dir)
        stack.callback(server.stop)
        settings = settings.with_values("database", url=await server.start())
        watch = asyncio.create_task(server.watch())
        stack.callback(watch.cancel)
    await migrate(settings.database_url)
    return settings


async def _begin_simulator(
    settings: Settings, parts: Parts, *, stack: AsyncExitStack, note: Note
) -> Child | None:
    if settings.amc.use_real_api or settings.amc.simulator_url is not None:
        return None
    note("Starting the AMC simulator …")
    kept = str(settings.data_dir / "simulator")
    # A port of our choice, so that it comes back where the connections look for it.
    arguments = ["serve", "--port", str(_free_port()), "--json", "--exit-with-parent", "--data-folder", kept]
    child = Child("amcsim", [*arguments, "--speed", str(parts.simulator_speed)], log=parts.log)
    await child.start(announces=True)
    stack.push_async_callback(child.stop, within=_SIMULATOR_GRACE_SECONDS)
    return child


async def _with_simulator(settings: Settings, simulator: Child, *, stack: AsyncExitStack) -> Settings:
    url = (await simulator.announcement())["url"]
    supervised = Supervised(simulator, grace=_SIMULATOR_GRACE_SECONDS)
    stack.push_async_callback(supervised.stop)
    supervised.watch()
    # A local simulator answers at once, so there is no reason to wait as politely as for Amazon.
    poll_seconds = min(settings.amc.poll_seconds, _SIMULATOR_POLL_SECONDS)
    return settings.with_values("amc", simulator_url=url, poll_seconds=poll_seconds)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def _start_worker(settings: Settings, parts: Parts, *, stack: AsyncExitStack, note: Note) -> None:
    note("Starting the worker …")
    # By the environment, for arguments are readable by everyone on the machine.
    environment = {
        "FANFOLD_DATABASE_URL": settings.database_url,
        "FANFOLD_DATA_DIR": str(settings.data_dir),
    }
    worker = Supervised(
        Child("fanfold", ["worker", "--exit-with-parent"], environment=environment, log=parts.log),
        grace=settings.worker.drain_seconds + _WORKER_GRACE_SECONDS,
    )
    stack.push_async_callback(worker.stop)
    await worker.start()


def _leave(connection: Connection, stack: AsyncExitStack) -> None:
    path = Path(connection.data_dir) / CONNECTION_FILE
    write_private(path, json.dumps(asdict(connection)))
    stack.callback(path.unlink, missing_ok=True)
