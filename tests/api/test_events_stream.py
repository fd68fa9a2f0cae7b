"""The live stream over a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from fanfold.access.model import User
from fanfold.batches.stream import BatchSource
from fanfold.cli.api_server import listen, serving
from fanfold.db.database import Database
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Snoozed
from tests.api.full_app import Site


@dataclass
class Event:
    """One server-sent event."""

    name: str
    id: int
    data: Any


class Stream:
    """An open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> Event | None:
        """The next event; None when the server has closed the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(20):
            async for line in self._lines:
                if not line and "data" in fields:
                    return Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))
                name, _, value = line.partition(": ")
                fields[name] = value
        return None

    async def until(self, name: str) -> list[Event]:
        """All events up to one of this name."""
        events: list[Event] = []
        while (event := await self.next()) is not None:
            events.append(event)
            if event.name == name:
                return events
        raise AssertionError([each.name for each in events])


@pytest_asyncio.fixture
async def url(site: Site) -> AsyncIterator[str]:
    async with serving(site.app, listen("127.0.0.1", 0), before_stop=site.services.begin_stop) as url:
        yield url


@asynccontextmanager
async def watching(
    site: Site, url: str, batch_id: str, *, user: User | None = None, last_event_id: int | None = None
) -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {site.services.access.issue_token(user or site.ada)}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client,
        client.stream("GET", f"/batch/jobs/{batch_id}/events") as response,
    ):
        yield Stream(response)


def fail(_context: object) -> Exception:
    return Permanent("no")


async def test_a_stream_tells_a_batch_from_its_start_to_its_end(site: Site, url: str):
    site.kind.script("b", fail)
    batch = await site.submit("a", "b", "c")
    async with watching(site, url, batch.batch_id) as stream:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert stream.response.headers["Cache-Control"] == "no-store"
        snapshot = await stream.next()
        assert snapshot.name == "snapshot"
        assert snapshot.data["job"]["job_id"] == batch.batch_id
        assert [operation["target_id"] for operation in snapshot.data["operations"]] == ["a", "b", "c"]
        await site.drain()
        events = await stream.until("end")
        assert await stream.next() is None
    deltas = [event for event in events if event.name == "delta"]
    assert deltas[-1].data["status"] == "partial_success"
    assert deltas[-1].data["progress"]["completed_operations"] == 2
    assert deltas[-1].data["truncated"] is False
    last = {each["target_id"]: each["status"] for delta in deltas for each in delta.data["operations"]}
    assert last == {"a": "completed", "b": "failed", "c": "completed"}
    assert events[-1].data == {"status": "partial_success"}
    assert [event.id for event in events] == sorted(event.id for event in events)


async def test_who_comes_back_gets_only_what_changed(site: Site, url: str):
    site.kind.script("b", lambda _: Snoozed(timedelta(hours=1), {}))
    batch = await site.submit("a", "b")
    async with watching(site, url, batch.batch_id) as stream:
        snapshot = await stream.next()
    await site.drain()
    async with watching(site, url, batch.batch_id, last_event_id=snapshot.id) as stream:
        event = await stream.next()
        assert event.name == "delta"
        assert event.id > snapshot.id
        told = {each["target_id"]: each["status"] for each in event.data["operations"]}
        assert told == {"a": "completed", "b": "running"}
    async with watching(site, url, batch.batch_id, last_event_id=event.id) as stream:
        again = await stream.next()
        assert (again.name, again.data["operations"]) == ("delta", [])


async def test_an_id_of_another_time_brings_a_snapshot(site: Site, url: str):
    batch = await site.submit("a")
    async with watching(site, url, batch.batch_id, last_event_id=10**12) as stream:
        assert (await stream.next()).name == "snapshot"


async def test_a_snooze_is_seen_though_no_status_changed(site: Site, url: str):
    claimed, go = asyncio.Event(), asyncio.Event()

    async def wait_and_snooze(_context: object) -> Snoozed:
        claimed.set()
        await go.wait()
        return Snoozed(timedelta(hours=1), {})

    site.kind.script("a", wait_and_snooze)
    batch = await site.submit("a")
    async with watching(site, url, batch.batch_id) as stream:
        await stream.next()
        step = asyncio.create_task(site.step())
        await claimed.wait()
        (claim,) = (await stream.next()).data["operations"]
        assert (claim["status"], claim["waiting"]) == ("running", None)
        go.set()
        await step
        (snoozed,) = (await stream.next()).data["operations"]
        assert (snoozed["status"], snoozed["waiting"]) == ("running", "remote")


async def test_an_ended_batch_is_told_whole_and_then_ended(site: Site, url: str):
    batch = await site.submit("a")
    await site.drain()
    async with watching(site, url, batch.batch_id) as stream:
        events = await stream.until("end")
        assert [event.name for event in events] == ["snapshot", "end"]
        assert await stream.next() is None


async def test_a_cancel_is_told(site: Site, url: str):
    batch = await site.submit("a", "b")
    async with watching(site, url, batch.batch_id) as stream:
        await stream.next()
        await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
        events = await stream.until("end")
    assert events[-1].data == {"status": "cancelled"}


async def test_a_deleted_batch_ends_its_streams(site: Site, url: str):
    batch = await site.submit("a")
    async with watching(site, url, batch.batch_id) as stream:
        await stream.next()
        async with site.service_database.transaction() as transaction:
            await transaction._connection.execute("delete from batches where id = $1", batch.id)
        events = await stream.until("end")
    assert events[-1].data == {"status": "deleted"}


async def test_somebody_else_gets_no_stream(site: Site, url: str):
    batch = await site.submit("a")
    async with watching(site, url, batch.batch_id, user=site.mallory) as stream:
        assert stream.response.status_code == 404


async def test_a_wide_change_is_marked_as_truncated(site: Site, url: str):
    batch = await site.submit(*(f"t{number}" for number in range(250)), max_parallel=250)
    async with watching(site, url, batch.batch_id) as stream:
        snapshot = await stream.next()
        assert len(snapshot.data["operations"]) == 200
        await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
        delta = await stream.next()
        assert delta.data["truncated"] is True
        assert len(delta.data["operations"]) == 200


async def test_a_server_that_stops_does_not_wait_for_its_viewers(site: Site):
    batch = await site.submit("a")
    loop = asyncio.get_running_loop()
    async with serving(site.app, listen("127.0.0.1", 0), before_stop=site.services.begin_stop) as url:
        watched = asyncio.Event()

        async def watch() -> None:
            async with watching(site, url, batch.batch_id) as stream:
                await stream.next()
                watched.set()
                assert await stream.next() is None

        watcher = asyncio.create_task(watch())
        await watched.wait()
        began = loop.time()
    await watcher
    assert loop.time() - began < 2


class MeddledDatabase:
    """The API's database, where something happens right after the first statement of a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.meddle: Callable[[], Awaitable[object]] | None = None

    @asynccontextmanager
    async def transaction(self, *, user_id: UUID) -> AsyncIterator[Any]:
        async with self._database.transaction(user_id=user_id) as transaction:
            for name in ("fetch", "fetch_one", "value"):
                setattr(transaction, name, self._meddled(getattr(transaction, name)))
            yield transaction

    def _meddled(self, run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def run_and_meddle(*arguments: Any, **given: Any) -> Any:
            result = await run(*arguments, **given)
            meddle, self.meddle = self.meddle, None
            if meddle is not None:
                await meddle()
            return result

        return run_and_meddle


async def test_a_batch_that_ends_while_it_is_read_is_told_whole_before_its_stream_ends(site: Site):
    batch = await site.submit("a", "b")
    database = MeddledDatabase(site.services.database)
    source: Any = BatchSource(database, batch.id, user_id=site.ada.id)
    assert await source.advance() is None
    database.meddle = lambda: site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
    told: dict[str, str] = {}
    ended = False
    while not ended:
        message = await source.advance()
        body = json.loads(message.payload)
        told |= {operation["target_id"]: operation["status"] for operation in body["operations"]}
        ended = message.end is not None
    assert told == {"a": "cancelled", "b": "cancelled"}
