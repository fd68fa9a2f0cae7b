"""LISTEN on a session of its own; a lost one is opened again, and the listener told to look for itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import asyncpg

WORK = "fanfold_work"
"""Something may be claimable."""
CHANGED = "fanfold_changed"
"""A batch's counters changed; the payload is its id."""
CANCEL = "fanfold_cancel"
"""A batch was cancelled; the payload is its id."""

ASKED_EVERY_SECONDS = 20.0
ANSWER_SECONDS = 5.0

Listener = Callable[[str, str], None]

log = logging.getLogger(__name__)


class Notifications:
    """Calls *listener* with channel and payload; an empty payload after a gap: anything may have come."""

    def __init__(self, url: str, channels: tuple[str, ...], *, listener: Listener) -> None:
        self._url = url
        self._channels = channels
        self._listener = listener

    async def run(self) -> None:
        """Listen until cancelled; reconnects every second while the database is away."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("notify.lost", extra={"error": str(error)})
                await asyncio.sleep(1.0)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(
            self._url, server_settings={"application_name": "fanfold listener"}
        )
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._tell)
                self._listener(channel, "")
            await _until(gone, connection)
        finally:
            await connection.close(timeout=1)
        message = "the session ended"
        raise OSError(message)

    def _tell(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._listener(channel, str(payload))


async def _until(gone: asyncio.Event, connection: Any) -> None:
    """Wait until the session has ended; a line that died without a word is noticed by asking over it."""
    while not gone.is_set():
        try:
            async with asyncio.timeout(ASKED_EVERY_SECONDS):
                await gone.wait()
        except TimeoutError:
            await connection.fetchval("select 1", timeout=ANSWER_SECONDS)
