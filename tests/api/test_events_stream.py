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
import pyarrow as pa
import pytest
import pytest_asyncio

from fanfold.access.model import User
from fanfold.batches import user_stream
from fanfold.batches.stream import BatchSource
from fanfold.batches.user_stream import UserSource
from fanfold.cli.api_server import listen, serving
from fanfold.db.database import Database
from fanfold.kit.ids import uuid7
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Snoozed
from fanfold.timeline.owners import Owners
from tests.api.full_app import Site, SiteKind, open_site


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
    site: Site, url: str, batch_id: str = "", *, user: User | None = None, last_event_id: int | None = None
) -> AsyncIterator[Stream]:
    headers = {"Authorization": f"Bearer {site.services.access.issue_token(user or site.ada)}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    path = f"/batch/jobs/{batch_id}/events" if batch_id else "/batch/events"
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client,
        client.stream("GET", path) as response,
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


async def test_of_a_wide_change_only_the_counts_are_told(site: Site, url: str):
    batch = await site.submit(*(f"t{number}" for number in range(250)), max_parallel=250)
    async with watching(site, url, batch.batch_id) as stream:
        snapshot = await stream.next()
        assert len(snapshot.data["operations"]) == 200
        await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
        events = await stream.until("end")
    delta = events[0]
    assert delta.data["more"] is True
    assert delta.data["truncated"] is True
    assert delta.data["operations"] == []
    assert events[-2].data["progress"]["cancelled_operations"] == 250


async def test_a_delta_says_how_many_rows_there_are(site: Site, url: str):
    async def write_rows(context: Any) -> Completed:
        await context.sink.write(pa.RecordBatch.from_pydict({"n": [1, 2, 3]}))
        return Completed({})

    site.kind.script("a", write_rows)
    batch = await site.submit("a")
    async with watching(site, url, batch.batch_id) as stream:
        await stream.next()
        await site.drain()
        deltas = await stream.until("end")
    assert deltas[-2].data["row_count"] == 3


@pytest.mark.parametrize("header", ["-1", "nonsense", "9" * 30, "٣", "1.5"])
async def test_an_id_that_cannot_be_one_brings_a_snapshot(site: Site, url: str, header: str):
    batch = await site.submit("a")
    for path in (f"/batch/jobs/{batch.batch_id}/events", "/batch/events"):
        headers = httpx.Headers(
            {
                "Authorization": f"Bearer {site.services.access.issue_token(site.ada)}",
                "Last-Event-ID": header,
            },
            encoding="utf-8",
        )
        async with (
            httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client,
            client.stream("GET", path) as response,
        ):
            assert (await Stream(response).next()).name == "snapshot"


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


def changes(event: Event) -> dict[str, str]:
    """What became of which job."""
    return {change["job_id"]: change["change"] for change in event.data["jobs"]}


async def test_one_stream_tells_of_all_batches_from_their_start_to_their_end(site: Site, url: str):
    old = await site.submit("a", name="old")
    async with watching(site, url) as stream:
        snapshot = await stream.next()
        assert snapshot.name == "snapshot"
        assert [job["job_id"] for job in snapshot.data["jobs"]] == [old.batch_id]
        new = await site.submit("b", "c", name="new")
        told = await stream.next()
        assert (told.name, changes(told)) == ("delta", {new.batch_id: "submitted"})
        assert told.data["jobs"][0]["job"]["name"] == "new"
        await site.drain()
        ended: dict[str, dict[str, Any]] = {}
        while len(ended) < 2:
            event = await stream.next()
            assert event.data["more"] is False
            ended |= {each["job_id"]: each["job"] for each in event.data["jobs"] if each["change"] == "ended"}
    assert {job["status"] for job in ended.values()} == {"completed"}
    assert ended[new.batch_id]["progress"]["completed_operations"] == 2


async def test_the_stream_of_all_batches_says_started_then_progress(site: Site, url: str):
    site.kind.script("a", lambda _: Snoozed(timedelta(hours=1), {}))
    batch = await site.submit("a", "b", max_parallel=1)
    async with watching(site, url) as stream:
        await stream.next()
        await site.step()
        assert changes(await stream.next()) == {batch.batch_id: "started"}
        await site.services.batches.cancel(batch.batch_id, user_id=site.ada.id)
        assert changes(await stream.next()) == {batch.batch_id: "progress"}


async def test_nobody_hears_of_the_batches_of_others(site: Site, url: str):
    async with watching(site, url, user=site.mallory) as stream:
        assert (await stream.next()).data["jobs"] == []
        await site.submit("a")
        await site.drain()
        source = UserSource(site.services.database, user_id=site.mallory.id)
        assert await source.advance() is None
        assert await source.advance() is None


async def test_who_comes_back_to_all_batches_gets_what_changed_and_what_ended_meanwhile(site: Site, url: str):
    await site.submit("a")
    async with watching(site, url) as stream:
        snapshot = await stream.next()
    ended = await site.submit("b")
    await site.drain()
    waiting = await site.submit("c")
    async with watching(site, url, last_event_id=snapshot.id) as stream:
        event = await stream.next()
    assert event.name == "delta"
    assert event.id >= snapshot.id
    told = changes(event)
    assert (told[ended.batch_id], told[waiting.batch_id]) == ("ended", "submitted")


async def test_who_was_away_from_all_batches_for_long_begins_anew(site: Site, url: str):
    async with watching(site, url) as stream:
        now = (await stream.next()).id
    for long_ago in (now - 3_600_000, 0, now + 3_600_000, 10**17):
        async with watching(site, url, last_event_id=long_ago) as stream:
            assert (await stream.next()).name == "snapshot"


async def test_a_deleted_batch_is_told_to_the_stream_of_all(site: Site, url: str):
    batch = await site.submit("a")
    await site.drain()
    async with watching(site, url) as stream:
        assert [job["job_id"] for job in (await stream.next()).data["jobs"]] == [batch.batch_id]
        await site.services.batches.delete(batch.batch_id, user_id=site.ada.id)
        assert changes(await stream.next()) == {batch.batch_id: "deleted"}


async def test_a_retry_is_told_as_a_start(site: Site, url: str):
    site.kind.script("a", fail)
    batch = await site.submit("a")
    await site.drain()
    async with watching(site, url) as stream:
        await stream.next()
        await site.services.batches.retry(batch.batch_id, user_id=site.ada.id)
        assert changes(await stream.next()) == {batch.batch_id: "started"}


async def test_many_changed_batches_are_told_in_part_and_the_rest_is_said_to_be_there(site: Site):
    source = UserSource(site.services.database, user_id=site.ada.id)
    assert await source.advance() is None
    for number in range(3):
        await site.submit("a", name=str(number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_stream, "MOST_JOBS", 2)
        message = await source.advance()
    body = json.loads(message.payload)
    assert (len(body["jobs"]), body["more"]) == (2, True)


async def test_too_many_streams_of_one_user_are_refused_clearly(clean_url: str):
    async with (
        open_site(clean_url, SiteKind(), unfinished_batches=100, live_streams=1) as site,
        serving(site.app, listen("127.0.0.1", 0), before_stop=site.services.begin_stop) as url,
        watching(site, url),
        watching(site, url) as refused,
    ):
        assert refused.response.status_code == 429
        problem = json.loads(await refused.response.aread())
        assert problem["code"] == "too_many_streams"
        assert problem["detail"].startswith("You have 1 live streams open")
        assert refused.response.headers["Retry-After"] == "10"
        async with watching(site, url, user=site.mallory) as stream:
            assert (await stream.next()).name == "snapshot"


async def test_the_owner_of_a_batch_is_asked_for_once(site: Site):
    told: list[UUID] = []
    batch, other = await site.submit("a"), await site.submit("b")
    owners = Owners(site.services.database, changed=told.append, watched=lambda: True)
    owners.hear(batch.id)
    owners.hear(other.id)
    assert told == []
    await owners.run_once()
    assert told == [site.ada.id]
    owners.hear(batch.id)
    assert told == [site.ada.id] * 2
    owners.hear(uuid7())
    await owners.run_once()
    assert told == [site.ada.id] * 2


async def test_nobody_is_looked_up_where_nobody_watches(site: Site):
    told: list[UUID] = []
    batch = await site.submit("a")
    owners = Owners(site.services.database, changed=told.append, watched=lambda: False)
    owners.hear(batch.id)
    await owners.run_once()
    assert told == []
