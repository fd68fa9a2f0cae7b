from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID, uuid4

import pytest

from fanfold.timeline.errors import TooManyStreams
from fanfold.timeline.feed import Tempo, Viewer
from fanfold.timeline.live import LiveStreams
from fanfold.timeline.messages import HEARTBEAT, RECONNECT, Message

PATIENT = Tempo(spacing=0, poll=60, heartbeat=60)
ADA = uuid4()


class Story:
    """Tells whatever the test adds, and counts how often it is asked."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self.position = 0
        self.snapshots = 0
        self.advances = 0
        self.too_much = False
        self.failures: list[Exception] = []

    def add(self, text: str, *, end: bool = False) -> None:
        number = len(self.told) + 1
        last = Message("end", b"{}", number) if end else None
        self.told.append(Message("delta", text.encode(), number, last))

    async def snapshot(self) -> Message:
        self.snapshots += 1
        return Message("snapshot", str(len(self.told)).encode(), len(self.told))

    async def since(self, event_id: int) -> Message | None:
        if self.too_much:
            return None
        return Message("delta", f"after {event_id}".encode(), len(self.told))

    async def advance(self) -> Message | None:
        self.advances += 1
        if self.failures:
            raise self.failures.pop()
        if self.advances == 1 or self.position == len(self.told):
            self.position = len(self.told) if self.advances == 1 else self.position
            return None
        self.position += 1
        return self.told[self.position - 1]


class Reader:
    """Takes a viewer's frames one by one."""

    def __init__(self, viewer: Viewer) -> None:
        self.frames: AsyncIterator[bytes] = viewer.frames()

    async def next(self) -> bytes:
        async with asyncio.timeout(10):
            return await anext(self.frames)

    async def texts(self, count: int) -> list[str]:
        """The data of the next frames."""
        frames = [await self.next() for _ in range(count)]
        return [frame.decode().partition("data: ")[2].strip() for frame in frames]


@pytest.fixture
def story() -> Story:
    return Story()


async def opened(
    live: LiveStreams, story: Story, *, key: UUID | None = None, last_event_id: int | None = None
) -> Reader:
    make: Callable[[], Story] = lambda: story  # noqa: E731 -- shorter than a function
    viewer = await live.open(key or uuid4(), make, user_id=ADA, last_event_id=last_event_id)
    reader = Reader(viewer)
    assert await reader.next() == RECONNECT
    return reader


async def test_a_viewer_gets_a_snapshot_first_and_then_what_changes(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        reader = await opened(live, story, key=key)
        assert await reader.next() == b"event: snapshot\nid: 0\ndata: 0\n\n"
        story.add("first")
        live.changed(key)
        assert await reader.next() == b"event: delta\nid: 1\ndata: first\n\n"


async def test_a_message_is_composed_once_for_all_viewers(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        readers = [await opened(live, story, key=key) for _ in range(20)]
        assert story.snapshots == 1
        for reader in readers:
            await reader.next()
        before = story.advances
        story.add("news")
        live.changed(key)
        assert [await reader.texts(1) for reader in readers] == [["news"]] * 20
        assert story.advances == before + 1


async def test_a_feed_looks_by_itself_when_a_notification_is_lost(story: Story):
    async with LiveStreams(Tempo(spacing=0, poll=0.01, heartbeat=60)) as live:
        reader = await opened(live, story)
        await reader.next()
        story.add("unheard")
        assert await reader.texts(1) == ["unheard"]


async def test_after_a_gap_every_feed_looks(story: Story):
    async with LiveStreams(PATIENT) as live:
        reader = await opened(live, story)
        await reader.next()
        story.add("missed")
        live.changed(None)
        assert await reader.texts(1) == ["missed"]


async def test_a_feed_goes_on_after_a_failure(story: Story):
    async with LiveStreams(Tempo(spacing=0, poll=0.01, heartbeat=60)) as live:
        key = uuid4()
        reader = await opened(live, story, key=key)
        await reader.next()
        story.failures.append(OSError("the database is away"))
        story.add("back again")
        live.changed(key)
        assert await reader.texts(1) == ["back again"]


async def test_who_comes_back_gets_what_was_missed(story: Story):
    async with LiveStreams(PATIENT) as live:
        story.add("one")
        reader = await opened(live, story, last_event_id=0)
        assert await reader.next() == b"event: delta\nid: 1\ndata: after 0\n\n"


async def test_who_missed_too_much_gets_a_snapshot(story: Story):
    async with LiveStreams(PATIENT) as live:
        story.too_much = True
        reader = await opened(live, story, last_event_id=0)
        assert (await reader.next()).startswith(b"event: snapshot")


async def test_a_slow_viewer_gets_a_snapshot_instead_of_its_queue_and_holds_up_nobody(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        slow, quick = await opened(live, story, key=key), await opened(live, story, key=key)
        await slow.next()
        await quick.next()
        for number in range(12):
            story.add(f"message {number}")
            live.changed(key)
            assert await quick.texts(1) == [f"message {number}"]
        assert await slow.next() == b"event: snapshot\nid: 12\ndata: 12\n\n"
        story.add("latest")
        live.changed(key)
        assert await slow.texts(1) == ["latest"]


async def test_a_silent_stream_shows_that_it_is_alive(story: Story):
    async with LiveStreams(Tempo(spacing=0, poll=60, heartbeat=0.01)) as live:
        reader = await opened(live, story)
        await reader.next()
        assert await reader.next() == HEARTBEAT
        assert await reader.next() == HEARTBEAT


async def test_the_last_message_is_followed_by_the_end(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        reader = await opened(live, story, key=key)
        await reader.next()
        story.add("done", end=True)
        live.changed(key)
        assert (await reader.next()).startswith(b"event: delta")
        assert (await reader.next()).startswith(b"event: end")
        with pytest.raises(StopAsyncIteration):
            await reader.next()


async def test_closing_ends_every_stream_at_once(story: Story):
    async with LiveStreams(PATIENT) as live:
        readers = [await opened(live, story), await opened(live, Story())]
        for reader in readers:
            await reader.next()
        live.close()
        for reader in readers:
            with pytest.raises(StopAsyncIteration):
                await reader.next()


async def test_a_feed_ends_with_its_last_viewer(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        viewers = [await live.open(key, lambda: story, user_id=ADA, last_event_id=None) for _ in range(2)]
        viewers[0].close()
        assert len(live._feeds) == 1
        viewers[1].close()
        assert not live._feeds
        assert not live._tasks


async def test_a_stream_that_cannot_begin_leaves_nothing_behind(story: Story):
    async with LiveStreams(PATIENT) as live:
        story.failures.append(OSError("the database is away"))
        with pytest.raises(OSError, match="away"):
            await live.open(uuid4(), lambda: story, user_id=ADA, last_event_id=None)
        assert not live._feeds
        assert not live._viewers


async def test_a_user_has_only_so_many_streams_open_and_a_closed_one_makes_room(story: Story):
    async with LiveStreams(PATIENT, most_per_user=2) as live:
        key, mallory = uuid4(), uuid4()
        viewers = [await live.open(key, lambda: story, user_id=ADA, last_event_id=None) for _ in range(2)]
        with pytest.raises(TooManyStreams, match="You have 2 live streams open") as refused:
            await live.open(key, lambda: story, user_id=ADA, last_event_id=None)
        assert refused.value.after_seconds == 10
        await live.open(key, lambda: story, user_id=mallory, last_event_id=None)
        viewers[0].close()
        viewers[0].close()
        await live.open(key, lambda: story, user_id=ADA, last_event_id=None)
        with pytest.raises(TooManyStreams):
            await live.open(key, lambda: story, user_id=ADA, last_event_id=None)


async def test_all_viewers_are_sent_the_same_bytes_and_none_is_encoded_twice(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        readers = [await opened(live, story, key=key) for _ in range(500)]
        snapshots = [await reader.next() for reader in readers]
        story.add("news")
        live.changed(key)
        news = [await reader.next() for reader in readers]
        assert {id(frame) for frame in snapshots} == {id(snapshots[0])}
        assert {id(frame) for frame in news} == {id(news[0])}


async def test_the_first_change_after_a_silence_goes_out_at_once_and_the_next_waits_for_its_turn(
    story: Story,
):
    async with LiveStreams(Tempo(spacing=3600, poll=7200, heartbeat=7200)) as live:
        key = uuid4()
        reader = await opened(live, story, key=key)
        await reader.next()
        story.add("first")
        live.changed(key)
        assert await reader.texts(1) == ["first"]
        story.add("second")
        live.changed(key)
        for _ in range(20):
            await asyncio.sleep(0)
        assert story.position == 1


async def test_a_viewer_that_takes_nothing_holds_no_more_than_its_mailbox(story: Story):
    async with LiveStreams(PATIENT) as live:
        key = uuid4()
        quick = await opened(live, story, key=key)
        idle = await live.open(key, lambda: story, user_id=ADA, last_event_id=None)
        await quick.next()
        for number in range(100):
            story.add(f"message {number}")
            live.changed(key)
            await quick.next()
        assert len(idle._mailbox) <= 8
