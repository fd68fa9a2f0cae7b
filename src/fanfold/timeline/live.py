"""The live streams of this process: a feed begins with a batch's first viewer and ends with its last."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

from fanfold.timeline.feed import Feed, Source, Tempo, Viewer


class LiveStreams:
    """All feeds of this process; an asynchronous context that owns their tasks."""

    def __init__(self, tempo: Tempo | None = None) -> None:
        self._tempo = tempo or Tempo()
        self._feeds: dict[UUID, Feed] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._viewers: set[Viewer] = set()
        self._group = asyncio.TaskGroup()
        self._closed = False

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        await self._group.__aexit__(kind, error, trace)

    def close(self) -> None:
        """End every stream now, so that a server that stops need not wait for its viewers; legal twice."""
        self._closed = True
        for viewer in tuple(self._viewers):
            viewer.close()

    def changed(self, batch_id: UUID | None) -> None:
        """Note that something happened to a batch; None stands for any, after a gap in the notifications."""
        for feed in self._watching(batch_id):
            feed.changed()

    async def open(
        self, batch_id: UUID, make_source: Callable[[], Source], *, last_event_id: int | None
    ) -> Viewer:
        """Return a stream about a batch, resumed after an event if one is named; close it in the end."""
        feed = self._feeds.get(batch_id) or self._start(batch_id, make_source())
        viewer = Viewer(
            feed,
            heartbeat=self._tempo.heartbeat,
            on_close=lambda: self._left(viewer, batch_id=batch_id, feed=feed),
        )
        self._viewers.add(viewer)
        try:
            await viewer.begin(last_event_id)
        except BaseException:
            viewer.close()
            raise
        if self._closed:
            viewer.close()
        return viewer

    def _watching(self, batch_id: UUID | None) -> list[Feed]:
        if batch_id is None:
            return list(self._feeds.values())
        feed = self._feeds.get(batch_id)
        return [feed] if feed else []

    def _start(self, batch_id: UUID, source: Source) -> Feed:
        feed = Feed(source, self._tempo)
        self._feeds[batch_id] = feed
        self._tasks[batch_id] = self._group.create_task(feed.run(), name=f"feed of {batch_id}")
        return feed

    def _left(self, viewer: Viewer, *, batch_id: UUID, feed: Feed) -> None:
        self._viewers.discard(viewer)
        if not feed.is_watched and self._feeds.get(batch_id) is feed:
            del self._feeds[batch_id]
            self._tasks.pop(batch_id).cancel()
