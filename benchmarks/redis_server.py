"""A Redis of our own behind a socket in a temporary folder, started and ended by us."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import redis.asyncio as redis

PROGRAM = "redis-server"


def installed() -> bool:
    """Tell whether there is a Redis to start (apt install redis-server)."""
    return shutil.which(PROGRAM) is not None


@asynccontextmanager
async def redis_server(folder: Path) -> AsyncGenerator[tuple[Path, redis.Redis]]:
    """Start it, give its socket and a client, end it.

    It is as durable as its guide advises: every command goes to a log that reaches the disk once a second.
    """
    socket = folder / "redis.sock"
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", "",
        "--appendonly", "yes", "--appendfsync", "everysec",
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    client = redis.Redis(unix_socket_path=str(socket))
    try:
        await _until_it_answers(client, process)
        yield socket, client
    finally:
        await client.aclose()
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _until_it_answers(client: redis.Redis, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        try:
            await client.ping()
        except (redis.ConnectionError, redis.BusyLoadingError):
            await asyncio.sleep(0.02)
        else:
            return
    raise RuntimeError("redis-server ended at once")
