"""The live streams of this process: a feed begins with its first viewer and ends with its last."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

from fanfold.timeline.errors import TooManyStreams
from fanfold.timeline.feed import Feed, Source, Tempo, Viewer

MOST_STREAMS = 1_000
"""Of one user at once, unless the settings say otherwise."""


class LiveStreams:
    """All feeds of this process, by what they tell of: a batch's id, or the id of a user with all batches.

    An asynchronous context that owns their tasks.
    """

    def __init__(self, tempo: Tempo | None = None, *, most_per_user: int = MOST_STREAMS) -> None:
        self._tempo = tempo or Tempo()
        self._most_per_user = most_per_user
        self._feeds: dict[UUID, Feed] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._viewers: set[Viewer] = set()
        self._open: Counter[UUID] = Counter()
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

    def watched(self) -> bool:
        """Whether anybody watches anything."""
        return bool(self._feeds)

    def changed(self, topic: UUID | None) -> None:
        """Note that something happened to a topic; None stands for any, after a gap in the notifications."""
        for feed in self._watching(topic):
            feed.changed()

    async def open(
        self, topic: UUID, make_source: Callable[[], Source], *, user_id: UUID, last_event_id: int | None
    ) -> Viewer:
        """Return a user's stream about a topic, resumed after an event if one is named; close it in the end.

        Raises `TooManyStreams`.
        """
        if self._open[user_id] >= self._most_per_user:
            raise TooManyStreams(self._most_per_user)
        feed = self._feeds.get(topic) or self._start(topic, make_source())
        viewer = Viewer(feed, heartbeat=self._tempo.heartbeat, on_close=lambda: left(viewer))

        def left(viewer: Viewer) -> None:
            self._viewers.discard(viewer)
            self._open -= Counter((user_id,))
            self._end_unwatched(topic, feed)

        self._viewers.add(viewer)
        self._open[user_id] += 1
        try:
            await viewer.begin(last_event_id)
        except BaseException:
            viewer.close()
            raise
        if self._closed:
            viewer.close()
        return viewer

    def _watching(self, topic: UUID | None) -> list[Feed]:
        if topic is None:
            return list(self._feeds.values())
        feed = self._feeds.get(topic)
        return [feed] if feed else []

    def _start(self, topic: UUID, source: Source) -> Feed:
        feed = Feed(source, self._tempo)
        self._feeds[topic] = feed
        self._tasks[topic] = self._group.create_task(feed.run(), name=f"feed of {topic}")
        return feed

    def _end_unwatched(self, topic: UUID, feed: Feed) -> None:
        if not feed.is_watched and self._feeds.get(topic) is feed:
            del self._feeds[topic]
            self._tasks.pop(topic).cancel()
