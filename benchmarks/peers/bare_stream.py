"""The raw limit of a live stream: LISTEN, and every notification to every viewer as it is.

`python -m benchmarks.peers.bare_stream URL PORT`; the notification `end` ends the streams.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import asyncpg
import uvloop

CHANNEL = "bench_told"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


class Tower:
    """Holds the viewers."""

    def __init__(self) -> None:
        self._viewers: set[asyncio.StreamWriter] = set()
        self._number = 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a viewer."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + _chunk(b": hello\n\n"))
        self._viewers.add(writer)

    def tell(self, *heard: object) -> None:
        """Send a payload, which comes after session, process and channel, to all."""
        payload = heard[-1]
        self._number += 1
        chunk = (
            END
            if payload == "end"
            else _chunk(
                b'event: delta\nid: %d\ndata: {"sent": %b}\n\n' % (self._number, str(payload).encode())
            )
        )
        for viewer in self._viewers:
            viewer.write(chunk)


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


async def main(url: str, port: int) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tower = Tower()
    connection = await asyncpg.connect(url)
    await connection.add_listener(CHANNEL, tower.tell)
    server = await asyncio.start_server(tower.welcome, "127.0.0.1", port)
    print("ready", flush=True)
    await stop.wait()
    server.close()
    await connection.close()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
