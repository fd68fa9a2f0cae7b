"""One feed per watched topic composes each message once, and every viewer of it gets the same bytes.

A viewer that reads too slowly loses its queue and is given a fresh snapshot; it holds up nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from fanfold.kit.service import Loop
from fanfold.timeline.messages import HEARTBEAT, RECONNECT, Message

_MAILBOX_SIZE = 8


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often things are told, in seconds."""

    spacing: float = 1.0
    """At least between two messages of one feed; the first after a silence goes out at once."""
    poll: float = 3.0
    """How often a feed looks by itself, so that a lost notification only delays."""
    heartbeat: float = 15.0
    """How often a silent stream shows that it is alive."""


class Source(Protocol):
    """What one watched thing has to tell."""

    async def snapshot(self) -> Message:
        """Return all of it as it stands."""
        ...

    async def since(self, event_id: int) -> Message | None:
        """Return what changed after an event; None if that is more than a message holds."""
        ...

    async def advance(self) -> Message | None:
        """Return what changed since the last call, None for nothing; the first only takes its bearings."""
        ...


class Feed(Loop):
    """Composes what its viewers get."""

    def __init__(self, source: Source, tempo: Tempo) -> None:
        super().__init__(interval=tempo.poll)
        self._source = source
        self._spacing = tempo.spacing
        self._viewers: set[Viewer] = set()
        self._began = False
        self._version = 0
        self._snapshot: Message | None = None
        self._snapshot_lock = asyncio.Lock()
        self._advance_lock = asyncio.Lock()

    @property
    def is_watched(self) -> bool:
        """Whether anybody is left."""
        return bool(self._viewers)

    def attend(self, viewer: Viewer) -> None:
        """Send a viewer what comes from now on."""
        self._viewers.add(viewer)

    def leave(self, viewer: Viewer) -> None:
        """Send it nothing any more."""
        self._viewers.discard(viewer)

    def changed(self) -> None:
        """Look soon: something happened."""
        self._forget_snapshot()
        self.wake.set()

    async def begin(self) -> None:
        """Take the bearings before a first snapshot, so that nothing is lost after it."""
        async with self._advance_lock:
            if not self._began:
                await self._source.advance()
                self._began = True

    async def snapshot(self) -> Message:
        """Return the whole; viewers that come while nothing changes share one."""
        async with self._snapshot_lock:
            if self._snapshot is not None:
                return self._snapshot
            version = self._version
            fresh = await self._source.snapshot()
            if version == self._version:
                self._snapshot = fresh
            return fresh

    async def since(self, event_id: int) -> Message:
        """Return what changed after an event, or the whole if that is too much."""
        return await self._source.since(event_id) or await self.snapshot()

    async def run_once(self) -> bool:
        """Tell the viewers what changed, then rest, so that no feed says more than it may."""
        async with self._advance_lock:
            message = await self._source.advance()
            self._began = True
        if message is not None:
            self._forget_snapshot()
            for viewer in tuple(self._viewers):
                viewer.receive(message)
            await asyncio.sleep(self._spacing)
        return False

    def _forget_snapshot(self) -> None:
        self._version += 1
        self._snapshot = None


class Viewer:
    """One open stream."""

    def __init__(self, feed: Feed, *, heartbeat: float, on_close: Callable[[], None]) -> None:
        self._feed = feed
        self._heartbeat = heartbeat
        self._on_close = on_close
        self._mailbox: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._overrun = False
        self._closed = False
        self._first: Message | None = None
        feed.attend(self)

    async def begin(self, last_event_id: int | None) -> None:
        """Read what the stream says first: everything, or what its viewer has not seen."""
        await self._feed.begin()
        resumed = last_event_id is not None
        self._first = await (self._feed.since(last_event_id) if resumed else self._feed.snapshot())

    def receive(self, message: Message) -> None:
        """Queue a message; a full mailbox is emptied, and a snapshot takes its place."""
        if len(self._mailbox) >= _MAILBOX_SIZE:
            self._mailbox.clear()
            self._overrun = True
        if not self._overrun:
            self._mailbox.append(message)
        self._arrived.set()

    def close(self) -> None:
        """End the stream; legal twice."""
        if not self._closed:
            self._closed = True
            self._feed.leave(self)
            self._arrived.set()
            self._on_close()

    async def frames(self) -> AsyncIterator[bytes]:
        """Yield what goes over the wire."""
        yield RECONNECT
        told = 0
        message = self._first
        while message is not None:
            # What a snapshot or a resumption has overtaken would show the past.
            if message.event_id >= told:
                told = message.event_id
                yield message.wire
            if message.end is not None:
                yield message.end.wire
                return
            while not await self._has_mail():
                yield HEARTBEAT
            message = await self._next()

    async def _has_mail(self) -> bool:
        self._arrived.clear()
        if self._mailbox or self._overrun or self._closed:
            return True
        try:
            async with asyncio.timeout(self._heartbeat):
                await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    async def _next(self) -> Message | None:
        if self._closed:
            return None
        if self._overrun:
            self._overrun = False
            self._mailbox.clear()
            return await self._feed.snapshot()
        return self._mailbox.popleft()
