"""Viewers of one stream: `python -m benchmarks.peers.viewers HOST PORT PATH COUNT`, token in BENCH_TOKEN.

Says that it is ready when each has its first bytes, and when the stream has ended how late the changes came.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any

import uvloop

from benchmarks.figures import middle, percentile

TOKEN = "BENCH_TOKEN"  # noqa: S105 -- a variable's name
CONNECTING = 50


class Changes:
    """When each change happened, as the messages themselves tell it; viewers share what was read."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._read: dict[tuple[str, str], list[float]] = {}

    def told_by(self, frame: bytes) -> list[float]:
        """Return the times of the changes that this message is the first to tell."""
        fields = dict(line.split(": ", 1) for line in frame.decode().split("\n") if ": " in line)
        key = (fields.get("event", ""), fields.get("id", ""))
        if "data" not in fields:
            return []
        if key not in self._read:
            self._read[key] = self._new(json.loads(fields["data"]), first=key[0] == "snapshot")
        return self._read[key]

    def _new(self, said: dict[str, Any], *, first: bool) -> list[float]:
        if "sent" in said:
            return [said["sent"]]
        ended = {
            each["id"]: each["finished_at"] for each in said.get("operations", ()) if each["finished_at"]
        }
        fresh = ended.keys() - self._known
        self._known |= fresh
        return [] if first else [datetime.fromisoformat(ended[key]).timestamp() for key in fresh]


async def view(
    address: tuple[str, int], path: str, *, changes: Changes, begun: asyncio.Barrier
) -> list[float]:
    """Follow the stream to its end and return how late each change came, in seconds."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\nAuthorization: Bearer {os.environ[TOKEN]}\r\n"
        "Accept: text/event-stream\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode())
    late: list[float] = []
    waiting: asyncio.Task[int] | None = None
    async for frame in _frames(reader):
        arrived = time.time()
        waiting = waiting or asyncio.create_task(begun.wait())
        late += [arrived - changed for changed in changes.told_by(frame)]
    writer.close()
    return late


async def _frames(reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
    left = b""
    while size := int(await reader.readline(), 16):
        left += await reader.readexactly(size)
        await reader.readexactly(2)
        *whole, left = left.split(b"\n\n")
        for frame in whole:
            yield frame


async def main(address: tuple[str, int], path: str, *, count: int) -> None:
    """View, and say how late."""
    changes = Changes()
    begun = asyncio.Barrier(count + 1)
    async with asyncio.TaskGroup() as tasks:
        viewers: list[asyncio.Task[list[float]]] = []
        for number in range(count):
            viewers.append(tasks.create_task(view(address, path, changes=changes, begun=begun)))
            if number % CONNECTING == CONNECTING - 1:
                await asyncio.sleep(0.1)
        await begun.wait()
        print("ready", flush=True)
    late = [seconds for viewer in viewers for seconds in viewer.result()]
    said = {"p50": middle(late), "p95": percentile(late, 0.95), "count": len(late)}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    uvloop.run(main((sys.argv[1], int(sys.argv[2])), sys.argv[3], count=int(sys.argv[4])))
