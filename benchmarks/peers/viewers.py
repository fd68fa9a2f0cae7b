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

import uvloop

from benchmarks.figures import middle, percentile

TOKEN = "BENCH_TOKEN"  # noqa: S105 -- a variable's name
CONNECTING = 50


Ends = dict[str, float]
"""When each change happened, by what changed."""


class Frames:
    """Reads each message once, however many viewers get it."""

    def __init__(self) -> None:
        self._read: dict[bytes, tuple[str, Ends]] = {}

    def read(self, frame: bytes) -> tuple[str, Ends]:
        """Return the name of a message and the changes that it tells, with their own times."""
        if frame not in self._read:
            fields = dict(line.split(": ", 1) for line in frame.decode().split("\n") if ": " in line)
            self._read[frame] = fields.get("event", ""), _ends(fields)
        return self._read[frame]


def _ends(fields: dict[str, str]) -> Ends:
    said = json.loads(fields.get("data", "{}"))
    if "sent" in said:
        return {fields["id"]: said["sent"]}
    told = said.get("operations", ())
    ended = {each["id"]: each["finished_at"] for each in told if each["finished_at"]}
    return {key: datetime.fromisoformat(at).timestamp() for key, at in ended.items()}


async def view(address: tuple[str, int], path: str, *, frames: Frames, begun: asyncio.Barrier) -> list[float]:
    """Follow the stream to its end and return how late each change came, in seconds."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: {address[0]}\r\nAuthorization: Bearer {os.environ[TOKEN]}\r\n"
        "Accept: text/event-stream\r\n\r\n".encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(head.decode())
    late: dict[str, float] = {}
    seen: set[str] = set()
    waiting: asyncio.Task[int] | None = None
    async for frame in _frames(reader):
        arrived = time.time()
        waiting = waiting or asyncio.create_task(begun.wait())
        name, ends = frames.read(frame)
        if name != "snapshot":
            late |= {key: arrived - at for key, at in ends.items() if key not in seen}
        seen |= ends.keys()
    writer.close()
    return list(late.values())


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
    frames = Frames()
    begun = asyncio.Barrier(count + 1)
    async with asyncio.TaskGroup() as tasks:
        viewers: list[asyncio.Task[list[float]]] = []
        for number in range(count):
            viewers.append(tasks.create_task(view(address, path, frames=frames, begun=begun)))
            if number % CONNECTING == CONNECTING - 1:
                await asyncio.sleep(0.1)
        await begun.wait()
        print("ready", flush=True)
    late = [seconds for viewer in viewers for seconds in viewer.result()]
    said = {"p50": middle(late), "p95": percentile(late, 0.95), "count": len(late)}
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    uvloop.run(main((sys.argv[1], int(sys.argv[2])), sys.argv[3], count=int(sys.argv[4])))
