"""What the client does when a request or its answer gets lost, and what it never does twice."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from fanfold.client import (
    AsyncClient,
    BadInput,
    Client,
    Conflict,
    FillStopped,
    IllegalTransition,
    NotFound,
    Policy,
    PreviewStale,
    Refused,
    ServerFailed,
    Unreachable,
)
from fanfold.client.batch import AsyncBatch

JOB = {
    "job_id": "batch_1",
    "id": "00000000-0000-0000-0000-000000000001",
    "kind": "http",
    "name": "One",
    "status": "pending",
    "created_at": "2026-01-01T00:00:00Z",
    "total_operations": 0,
    "progress": {"total_operations": 0},
}
LOST = httpx.ReadError("the connection was reset")
AWAY = httpx.Response(503, json={"code": "database_away", "detail": "Away."}, headers={"Retry-After": "0"})


class Wire:
    """Answers what it is told, one after the other, and keeps what was sent."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []
        self.bodies: list[bytes] = []

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        self.bodies.append(await request.aread())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> AsyncClient:
        inside = httpx.MockTransport(self.answer)
        return AsyncClient("http://fanfold.test", "", transport=inside, retry_pauses=(0, 0, 0))

    async def batch(self) -> AsyncBatch:
        self.answers.insert(0, httpx.Response(200, json=JOB))
        batch = await self.client().batches.get("batch_1")
        self.sent.clear()
        self.bodies.clear()
        return batch


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"detail": "No.", "code": code, **more})


async def test_a_creation_that_got_lost_is_sent_again_under_the_same_key():
    wire = Wire(LOST, AWAY, httpx.Response(201, json=JOB))
    batch = await wire.client().batches.submit("http", targets=["a"])
    assert batch.batch_id == "batch_1"
    keys = [request.headers["Idempotency-Key"] for request in wire.sent]
    assert len(keys) == 3
    assert len(set(keys)) == 1


async def test_two_creations_have_two_keys():
    wire = Wire(httpx.Response(201, json=JOB), httpx.Response(201, json=JOB))
    client = wire.client()
    await client.batches.submit("http", targets=["a"])
    await client.batches.submit("http", targets=["a"])
    assert len({request.headers["Idempotency-Key"] for request in wire.sent}) == 2


async def test_a_creation_whose_first_try_is_still_at_work_is_asked_for_until_it_ended():
    wire = Wire(LOST, problem(409, "idempotency_key_unfinished"), httpx.Response(201, json=JOB))
    assert (await wire.client().batches.submit("http", targets=["a"])).batch_id == "batch_1"


async def test_after_some_tries_the_loss_is_told():
    wire = Wire(*[LOST] * 4)
    with pytest.raises(Unreachable, match="reset"):
        await wire.client().batches.get("batch_1")
    assert len(wire.sent) == 4


async def test_a_server_that_asks_for_a_long_rest_is_told_at_once():
    resting = httpx.Response(503, json={"detail": "Away."}, headers={"Retry-After": "3600"})
    wire = Wire(resting)
    with pytest.raises(ServerFailed, match="Away"):
        await wire.client().batches.get("batch_1")


async def test_no_answer_in_time_is_told_at_once():
    wire = Wire(httpx.ReadTimeout("too slow"))
    with pytest.raises(Unreachable, match="too slow"):
        await wire.client().batches.get("batch_1")


@pytest.mark.parametrize("status", [400, 404, 409, 429, 500])
async def test_a_refusal_is_not_asked_for_again(status):
    wire = Wire(problem(status, "no"))
    with pytest.raises(Refused, match="No"):
        await wire.client().batches.submit("http", targets=["a"])
    assert len(wire.sent) == 1


async def test_a_removal_whose_answer_got_lost_is_done_all_the_same():
    wire = Wire(LOST, problem(404, "batch_not_found"))
    await (await wire.batch()).delete()
    assert [request.method for request in wire.sent] == ["DELETE", "DELETE"]


async def test_a_removal_of_what_never_was_is_told():
    wire = Wire(problem(404, "batch_not_found"))
    with pytest.raises(NotFound):
        await (await wire.batch()).delete()


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "bad_line", FillStopped),
        (409, "illegal_transition", IllegalTransition),
        (409, "preview_stale", PreviewStale),
        (409, "workflow_key_taken", Conflict),
    ],
)
async def test_what_has_an_error_of_its_own_is_raised_as_that(status, code, error):
    errors = [{"pointer": "/targets", "message": "The targets changed."}]
    wire = Wire(problem(status, code, errors=errors))
    with pytest.raises(error) as caught:
        await (await wire.batch()).start()
    assert type(caught.value) is error
    assert caught.value.problems[0].pointer == "/targets"


FILLED = httpx.Response(200, json={"job_id": "batch_1", "added": 3, "known": 0, "total": 3})


async def test_a_fill_that_broke_off_is_sent_again_from_its_start_though_its_source_comes_only_once():
    wire = Wire(LOST, FILLED)

    def once() -> Iterator[str]:
        yield from ("a", "b", "c")

    filled = await (await wire.batch()).fill(once())
    assert filled.added == 3
    assert wire.bodies == [b'{"key": "a"}\n{"key": "b"}\n{"key": "c"}\n'] * 2
    assert wire.sent[0].headers["Content-Type"] == "application/x-ndjson"


class Cut(httpx.AsyncBaseTransport):
    """A connection that breaks after the first piece of the first body."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.AsyncByteStream)
        if not self.bodies:
            async for piece in request.stream:
                self.bodies.append(piece)
                raise LOST
        self.bodies.append(await request.aread())
        return FILLED


async def test_a_fill_that_broke_off_in_the_middle_goes_on_with_what_its_source_still_has():
    targets = [{"key": f"{number:0100000}"} for number in range(9)]
    cut = Cut()
    client = AsyncClient("http://fanfold.test", "", transport=cut, retry_pauses=(0,))
    draft = AsyncBatch(client.transport, (await Wire().batch()).job, poll_seconds=1)
    await draft.fill(iter(targets))
    first, whole = cut.bodies
    assert 0 < len(first) < len(whole)
    assert [json.loads(line) for line in whole.splitlines()] == targets


async def test_files_are_sent_as_what_they_are(tmp_path: Path):
    table, lines = tmp_path / "targets.csv", tmp_path / "targets.jsonl"
    table.write_text("key\na\n")
    lines.write_text('{"key": "a"}\n')
    wire = Wire(FILLED, FILLED, FILLED)
    batch = await wire.batch()
    await batch.fill(table)
    await batch.fill(lines)
    with lines.open("rb") as file:
        await batch.fill(file)
    types = [request.headers["Content-Type"] for request in wire.sent]
    assert types == ["text/csv", "application/x-ndjson", "application/x-ndjson"]
    assert wire.bodies == [b"key\na\n", b'{"key": "a"}\n', b'{"key": "a"}\n']


async def test_a_file_that_is_not_there_is_bad_input(tmp_path: Path):
    batch = await Wire().batch()
    with pytest.raises(BadInput, match="nowhere"):
        await batch.fill(tmp_path / "nowhere.jsonl")
    with pytest.raises(BadInput, match="nowhere"):
        await Wire().client().batches.submit("http", targets=tmp_path / "nowhere.csv")


async def test_a_line_of_a_file_that_is_no_json_is_named_before_anything_is_sent(tmp_path: Path):
    lines = tmp_path / "targets.jsonl"
    lines.write_text('{"key": "a"}\n\n{"key": \n')
    wire = Wire()
    with pytest.raises(BadInput) as caught:
        await wire.client().batches.submit("http", targets=lines)
    assert [one.pointer for one in caught.value.problems] == ["/lines/3"]
    assert wire.sent == []


async def test_only_what_is_said_is_sent():
    wire = Wire(httpx.Response(201, json=JOB))
    policy = Policy(max_parallel=2, batch_timeout_seconds=None)
    await wire.client().batches.submit(
        "http", targets=["a"], policy=policy, parameters={"day": date(2026, 1, 2)}
    )
    assert json.loads(wire.bodies[0]) == {
        "kind": "http",
        "targets": [{"key": "a"}],
        "policy": {"max_parallel": 2, "batch_timeout_seconds": None},
        "parameters": {"day": "2026-01-02"},
    }


async def test_a_word_that_no_batch_has_is_an_error_of_the_program():
    with pytest.raises(TypeError, match="colour"):
        await Wire().client().batches.submit("http", colour="red")


SNAPSHOT = b'id: 7\nevent: snapshot\ndata: {"jobs": [%s], "more": false}\n\n' % json.dumps(JOB).encode()
DELTA = (
    b'id: 8\nevent: delta\ndata: {"jobs": [{"change": "deleted", "job_id": "batch_2", "job": null}], '
    b'"more": false}\n\n'
)


def test_the_stream_of_all_batches_goes_on_where_it_broke_off():
    wire = Wire(httpx.Response(200, content=SNAPSHOT), httpx.Response(200, content=DELTA))
    inside = httpx.MockTransport(wire.answer)
    with Client("http://fanfold.test", "", transport=inside, retry_pauses=(0,)) as client:
        events = client.events()
        first, second = next(events), next(events)
    assert (first.change, first.job_id, first.job.name if first.job else None) == (
        "standing",
        "batch_1",
        "One",
    )
    assert (second.change, second.job_id, second.job) == ("deleted", "batch_2", None)
    assert "Last-Event-ID" not in wire.sent[0].headers
    assert wire.sent[1].headers["Last-Event-ID"] == "7"


class Endless(httpx.AsyncByteStream):
    """A body that never ends, and knows whether it was closed."""

    def __init__(self) -> None:
        self.is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b"line\n"

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("read", ["lines", "csv"])
def test_who_stops_reading_early_leaves_no_connection_open(read):
    body = Endless()
    wire = Wire(httpx.Response(200, json=JOB), httpx.Response(200, stream=body))
    with Client("http://fanfold.test", "", transport=httpx.MockTransport(wire.answer)) as client:
        batch = client.batches.get("batch_1")
        pieces = batch.lines("csv") if read == "lines" else batch.results().csv()
        assert next(pieces)
        pieces.close()
        assert body.is_closed
