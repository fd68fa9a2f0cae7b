"""The client against a small server that speaks the general API, inside this process."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID, uuid4

import httpx
import pyarrow as pa
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from fanfold.client import (
    AsyncClient,
    BadInput,
    Client,
    Conflict,
    LibraryMissing,
    NotFinished,
    NotFound,
    NotSignedIn,
    ServerFailed,
    TooManyRequests,
    Unreachable,
)
from fanfold.client.connection import CONNECTION_FILE, find_connection
from fanfold.client.models import Status
from fanfold.settings import load_settings

NORTH, SOUTH, TWIN_A, TWIN_B = (uuid4() for _ in range(4))
INSTANCES = [
    {"id": str(NORTH), "instance_id": "amcnorth", "name": "North", "region": "us-east-1"},
    {"id": str(SOUTH), "instance_id": "amcsouth", "name": "South", "region": "eu-west-1"},
    {"id": str(TWIN_A), "instance_id": "amctwin1", "name": "Twin", "region": "eu-west-1"},
    {"id": str(TWIN_B), "instance_id": "amctwin2", "name": "Twin", "region": "eu-west-1"},
]


def arrow(**columns: object) -> bytes:
    """Return a stream of one record batch."""
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


ARROW = arrow(day=[date(2026, 1, 1), date(2026, 1, 2)], reach=[3, None], name=["a,b", ""])


class FakeServer:
    """One batch that ends after as many looks as it is told; keeps what it was asked."""

    def __init__(self) -> None:
        self.statuses = ["completed"]
        self.events: list[str] = []
        self.asked: list[tuple[str, str, object]] = []
        self.problem: tuple[int, dict[str, object]] | None = None
        self.app = Starlette(
            routes=[
                Route("/instances", self.instances),
                Route("/workflows/{key}/batch-execute", self.submit, methods=["POST"]),
                Route("/batch/jobs/{id}", self.job),
                Route("/batch/jobs/{id}/events", self.stream),
                Route("/batch/jobs/{id}/retry", self.retry, methods=["POST"]),
                Route("/batch/jobs/{id}/results", self.results),
            ]
        )

    async def instances(self, request: Request) -> Response:
        q = request.query_params.get("q", "").lower()
        matching = [one for one in INSTANCES if q in json.dumps(one).lower()]
        limit, offset = int(request.query_params["limit"]), int(request.query_params["offset"])
        # Two a page, however many are asked for: a client must follow the total, not its own limit.
        page = matching[offset : offset + min(limit, 2)]
        return JSONResponse({"items": page, "total": len(matching), "limit": limit, "offset": offset})

    async def submit(self, request: Request) -> Response:
        self.asked.append(("submit", request.path_params["key"], await request.json()))
        if self.problem:
            status, body = self.problem
            return JSONResponse(body, status, media_type="application/problem+json")
        return JSONResponse({"success": True, "batch": {"batch_id": "batch_1"}})

    async def job(self, request: Request) -> Response:
        if self.problem:
            status, body = self.problem
            return JSONResponse(body, status, media_type="application/problem+json")
        self.asked.append(("job", request.headers.get("authorization", ""), None))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return JSONResponse(job_json(status))

    async def stream(self, _request: Request) -> Response:
        return StreamingResponse(iter(self.events), media_type="text/event-stream")

    async def retry(self, request: Request) -> Response:
        self.asked.append(("retry", "", await request.json()))
        return JSONResponse(
            {"job_id": "batch_1", "status": "running", "retried_operations": 1, "message": ""}
        )

    async def results(self, request: Request) -> Response:
        columns = [
            {"name": "day", "type": "date"},
            {"name": "reach", "type": "number"},
            {"name": "name", "type": "string"},
        ]
        if request.query_params["format"] == "csv":
            return Response('day,reach,name\n2026-01-01,3,"a,b"\n2026-01-02,,""\n', media_type="text/csv")
        if request.query_params["format"] == "arrow":
            return Response(ARROW, media_type="application/vnd.apache.arrow.stream")
        rows = [{"day": "2026-01-01", "reach": 3}]
        return JSONResponse({"columns": columns, "rows": rows, "total_rows": 2})


def job_json(status: str) -> dict[str, object]:
    return {
        "job_id": "batch_1",
        "id": str(uuid4()),
        "kind": "amc.workflow",
        "name": "One",
        "status": status,
        "created_at": "2026-01-01T00:00:00Z",
        "total_operations": 2,
        "progress": {"total_operations": 2},
    }


@pytest.fixture
def server():
    return FakeServer()


@pytest.fixture
def client(server):
    inside = httpx.ASGITransport(app=server.app)
    return AsyncClient("http://fanfold.test", "tell-no-one", transport=inside, retry_pauses=())


async def test_a_list_is_read_to_its_end_page_by_page(client):
    assert [one.id async for one in client.instances.list()] == [NORTH, SOUTH, TWIN_A, TWIN_B]


async def test_the_token_goes_along(client, server):
    await client.batches.get("batch_1")
    assert server.asked == [("job", "Bearer tell-no-one", None)]


async def test_instances_are_found_by_id_amc_id_and_name(client, server):
    await client.batches.run("daily", [NORTH, "amcsouth"], overrides={"North": {"x": 1}})
    (_, key, body), *_ = server.asked
    assert key == "daily"
    assert body == {
        "instance_ids": [str(NORTH), str(SOUTH)],
        "parameters": {},
        "instance_parameters": {str(NORTH): {"x": 1}},
    }


async def test_an_unknown_and_an_ambiguous_instance_are_both_named_before_anything_is_sent(client, server):
    with pytest.raises(BadInput) as caught:
        await client.batches.run("daily", ["amcnorth", "nowhere", "Twin"])
    assert [(one.pointer, one.message) for one in caught.value.problems] == [
        ("/instance_ids/1", "no instance is called 'nowhere'"),
        ("/instance_ids/2", "2 instances are called 'Twin'"),
    ]
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadInput),
        (401, NotSignedIn),
        (404, NotFound),
        (409, Conflict),
        (413, BadInput),
        (422, BadInput),
        (429, TooManyRequests),
        (500, ServerFailed),
        (503, ServerFailed),
    ],
)
async def test_a_problem_is_raised_as_its_own_error_with_all_that_it_names(client, server, status, error):
    errors = [{"pointer": "/instance_ids/0", "message": "is not yours"}]
    server.problem = (status, {"title": "T", "detail": "Not so.", "code": "nope", "errors": errors})
    with pytest.raises(error, match="Not so") as caught:
        await client.batches.get("batch_1")
    assert (caught.value.status, caught.value.code) == (status, "nope")
    assert [(one.pointer, one.message) for one in caught.value.problems] == [
        ("/instance_ids/0", "is not yours")
    ]


async def test_an_answer_that_is_no_problem_document_still_says_something(client, server):
    server.problem = (502, {"detail": ["not", "text"]})
    with pytest.raises(ServerFailed, match="status 502"):
        await client.batches.get("batch_1")


async def test_waiting_follows_the_stream_and_returns_how_the_batch_ended(client, server):
    server.statuses = ["queued", "running", "completed"]
    delta = {
        "status": "running",
        "progress": {"total_operations": 2, "completed_operations": 1},
        "operations": [],
    }
    server.events = [
        ": breath\n\n",
        f"id: 1\nevent: snapshot\ndata: {json.dumps({'job': job_json('running'), 'operations': []})}\n\n",
        f"id: 2\nevent: delta\ndata: {json.dumps(delta)}\n\n",
        'event: end\ndata: {"status": "completed"}\n\n',
    ]
    seen: list[tuple[Status, int]] = []
    batch = await client.batches.get("batch_1")
    job = await batch.wait(
        watcher=lambda change: seen.append((change.status, change.progress.completed_operations))
    )
    assert job.status is Status.COMPLETED
    assert (Status.RUNNING, 1) in seen
    assert seen[-1] == (Status.COMPLETED, 0)


async def test_waiting_gives_up_when_its_time_is_over(client, server):
    server.statuses = ["running"]
    batch = await client.batches.get("batch_1")
    with pytest.raises(NotFinished, match="still running"):
        await batch.wait(timeout=0.05)


async def test_retry_asks_for_states_or_for_operations(client, server):
    batch = await client.batches.get("batch_1")
    chosen = UUID(int=7)
    await batch.retry()
    await batch.retry(operation_ids=[chosen])
    asked = [body for what, _, body in server.asked if what == "retry"]
    assert asked == [{"select": ["failed"]}, {"operation_ids": [str(chosen)]}]


async def test_the_table_has_the_types_of_its_rows_and_tells_null_from_empty(client):
    table = await (await client.batches.get("batch_1")).results().to_arrow()
    assert [str(field.type) for field in table.schema] == ["date32[day]", "int64", "string"]
    assert table.column("reach").to_pylist() == [3, None]
    assert table.column("name").to_pylist() == ["a,b", ""]


async def test_a_format_without_its_package_says_which_one(client, monkeypatch):
    # What an import does when a module is known to be absent.
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(LibraryMissing, match="polars"):
        await (await client.batches.get("batch_1")).results().to_polars()


async def test_a_saved_csv_is_complete(client, tmp_path):
    path = await (await client.batches.get("batch_1")).results().save_csv(tmp_path / "table.csv")
    assert path.read_text().splitlines()[0] == "day,reach,name"
    assert [one.name for one in tmp_path.iterdir()] == ["table.csv"]


async def test_nobody_at_the_address_is_unreachable():
    async with AsyncClient("http://127.0.0.1:1", "", retry_pauses=()) as client:
        with pytest.raises(Unreachable, match="does not answer"):
            await client.batches.get("batch_1")


def test_the_blocking_face_does_what_the_async_core_does(server):
    with Client("http://fanfold.test", "", transport=httpx.ASGITransport(app=server.app)) as client:
        assert [one.name for one in client.instances.list(q="twin")] == ["Twin", "Twin"]
        batch = client.batches.run("daily", [NORTH])
        assert batch.wait().status is Status.COMPLETED
        assert batch.results().to_arrow().num_rows == 2
        with pytest.raises(BadInput):
            client.instances.resolve(["nowhere"])


def test_the_blocking_face_keeps_signatures_and_docs():
    assert Client.__doc__
    with Client("http://fanfold.test", "") as client:
        assert client.batches.run.__doc__.startswith("Submit")


def test_without_a_server_the_way_to_one_is_told(tmp_path):
    with pytest.raises(Unreachable, match="fanfold up"):
        find_connection(settings=load_settings(data_dir=tmp_path))


def test_the_connection_of_a_running_server_is_found_in_the_data_folder(tmp_path):
    write_connection(tmp_path, pid=__import__("os").getpid())
    place = find_connection(settings=load_settings(data_dir=tmp_path))
    assert (place.url, place.token) == ("http://127.0.0.1:9", "t")


def test_the_connection_of_a_dead_server_is_ignored(tmp_path):
    write_connection(tmp_path, pid=2**22 + 1)
    with pytest.raises(Unreachable):
        find_connection(settings=load_settings(data_dir=tmp_path))


def test_a_token_of_the_data_folder_is_not_sent_to_another_server(tmp_path):
    write_connection(tmp_path, pid=__import__("os").getpid())
    place = find_connection("http://elsewhere.example", settings=load_settings(data_dir=tmp_path))
    assert place.token == ""


def write_connection(folder, *, pid: int) -> None:
    text = json.dumps({"url": "http://127.0.0.1:9", "token": "t", "data_dir": str(folder), "pid": pid})
    (folder / CONNECTION_FILE).write_text(text)
