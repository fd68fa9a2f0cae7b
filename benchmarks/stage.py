"""What measurements share: an embedded server in a temporary folder, a user, and our services on it."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.policy import Policy
from fanfold.batches.service import BatchService, SubmitLimits
from fanfold.catalog.catalog import Catalog, load_catalog
from fanfold.db.database import SCHEMA, Database, Role
from fanfold.db.embedded import EmbeddedServer
from fanfold.db.schema import migrate
from fanfold.kit.ids import uuid7
from fanfold.sdk.context import Target
from fanfold.sdk.kind import Kind

POLL = 0.01
PATIENCE = 10.0
"""Seconds for a worker to end by itself."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server with our schema."""

    url: str
    folder: Path
    user_id: UUID
    batches: BatchService
    admin: asyncpg.Connection

    async def submit(
        self,
        count: int,
        *,
        kind: str = "noop",
        max_parallel: int = 10_000,
        parameters: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Submit a batch of *count* operations that do nothing, or what the parameters tell them."""
        items = [Item(Target(key=f"t{number}", name=f"t{number}")) for number in range(count)]
        submission = Submission(
            kind, "bench", items, parameters=parameters or {}, policy=Policy(max_parallel=max_parallel)
        )
        return await self.batches.submit(submission, user_id=self.user_id)

    async def until_none(self, query: str) -> None:
        """Wait until *query* counts nothing."""
        while await self.admin.fetchval(query):  # noqa: ASYNC110 -- the raw server tells nobody
            await asyncio.sleep(POLL)

    async def database(self, name: str) -> str:
        """Make an empty database for a peer and return its URL."""
        await self.admin.execute(f"create database {name}")
        return self.url.replace("/fanfold?", f"/{name}?")

    async def drop(self, name: str) -> None:
        """Drop a peer's database once the server's own vacuum has left it, which we may not end."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self.admin.execute(f"drop database {name} with (force)")
                except asyncpg.InsufficientPrivilegeError:
                    await asyncio.sleep(0.2)
                else:
                    return


@asynccontextmanager
async def stage(*kinds: Kind) -> AsyncGenerator[Stage]:
    """Set the stage, for *kinds* besides the installed ones, and clear it."""
    with tempfile.TemporaryDirectory(prefix="fanfold-bench-") as folder:
        server = EmbeddedServer(Path(folder))
        url = await server.start()
        try:
            await migrate(url)
            admin = await _owner(url)
            user_id = uuid7()
            await admin.execute(
                "insert into users (id, username, display_name) values ($1, 'b', 'b')", user_id
            )
            await admin.close()
            async with _acting(url, Path(folder), user_id=user_id, kinds=kinds) as here:
                yield here
        finally:
            server.stop()


@asynccontextmanager
async def joined(url: str) -> AsyncGenerator[Stage]:
    """Set the stage in the database of a server that runs, and act for its admin."""
    admin = await _owner(url)
    user_id = await admin.fetchval("select id from users where role = 'admin'")
    await admin.close()
    with tempfile.TemporaryDirectory(prefix="fanfold-bench-") as folder:
        async with _acting(url, Path(folder), user_id=user_id) as here:
            yield here


@asynccontextmanager
async def _acting(
    url: str, folder: Path, *, user_id: UUID, kinds: Sequence[Kind] = ()
) -> AsyncGenerator[Stage]:
    installed = load_catalog()
    catalog = Catalog({**installed.kinds, **{kind.name: kind for kind in kinds}}, installed.connectors)
    api = await Database.open(url, Role.API)
    admin = await _owner(url)
    limits = SubmitLimits(unfinished_batches=10_000)
    try:
        yield Stage(url, folder, user_id, BatchService(api, catalog=catalog, limits=limits), admin)
    finally:
        await api.close()
        await admin.close()


async def _owner(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url, server_settings={"search_path": SCHEMA})


class Crew:
    """Worker processes of one contestant that are ready and wait for the start."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    @classmethod
    async def ready(
        cls, module: str, *arguments: str, count: int = 1, environment: Mapping[str, str] | None = None
    ) -> Crew:
        """Start *count* processes of a module and wait until each has said that it is ready."""
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, **(environment or {})},
            )
            for _ in range(count)
        ]
        for process in processes:
            if process.stdout is None or not await process.stdout.readline():
                message = f"{module} did not start"
                raise RuntimeError(message)
        return cls(processes)

    @property
    def pids(self) -> list[int]:
        """The processes' ids."""
        return [process.pid for process in self._processes]

    async def line(self) -> str:
        """Return the next line that the first process says."""
        output = self._processes[0].stdout
        return (await output.readline()).decode() if output else ""

    def go(self) -> None:
        """Let them begin."""
        for process in self._processes:
            if process.stdin is not None:
                process.stdin.write(b"go\n")

    async def each_told(self) -> None:
        """Wait until each has said one more thing."""
        await asyncio.gather(*(process.stdout.readline() for process in self._processes if process.stdout))

    async def dismiss(self) -> None:
        """End them; who does not listen is killed."""
        for process in self._processes:
            if process.returncode is None:
                process.terminate()
        await asyncio.gather(*(_ended(process) for process in self._processes))


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def told_to_begin() -> None:
    """In a worker process: say that it is ready and wait for the start."""
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
