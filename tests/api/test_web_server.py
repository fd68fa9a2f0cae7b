"""What the application does beside its routes: ids, headers, refusals, health, metrics, reference."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from fanfold.web.errors import TABLE, add_error_handlers
from fanfold.web.health import AmcProbe
from fanfold.web.middleware import SECURITY_HEADERS, RequestScope
from fanfold.web.static_files import add_ui
from tests.api.full_app import Site


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://fanfold.test")


@pytest.fixture
def built_ui(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / ".vite").mkdir()
    (tmp_path / "index.html").write_text("<title>Fanfold</title>")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    (tmp_path / "assets" / "index-abc123.js").write_text("console.log(1)")
    (tmp_path / "assets" / "index-abc123.js.br").write_bytes(b"packed")
    (tmp_path / ".vite" / "manifest.json").write_text("{}")
    (tmp_path.parent / "secret.txt").write_text("not for you")
    return tmp_path


@pytest_asyncio.fixture
async def ui(built_ui: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    add_ui(app, built_ui)
    add_error_handlers(app)
    app.add_middleware(RequestScope)
    async with client_of(app) as client:
        yield client


async def test_hashed_assets_are_kept_for_ever(ui: httpx.AsyncClient):
    answer = await ui.get("/ui/assets/index-abc123.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.text == "console.log(1)"


async def test_packed_files_go_to_who_can_unpack_them(ui: httpx.AsyncClient):
    async with ui.stream(
        "GET", "/ui/assets/index-abc123.js", headers={"Accept-Encoding": "gzip, br"}
    ) as answer:
        assert answer.headers["Content-Encoding"] == "br"
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert b"".join([chunk async for chunk in answer.aiter_raw()]) == b"packed"


@pytest.mark.parametrize("path", ["/ui/", "/ui/workflows/7?tab=sql", "/ui/sign-in?code=x", "/ui/index.html"])
async def test_client_routes_get_the_page_fresh(ui: httpx.AsyncClient, path: str):
    answer = await ui.get(path)
    assert answer.status_code == 200
    assert answer.text == "<title>Fanfold</title>"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/ui/../secret.txt",
        "/ui/%2e%2e/secret.txt",
        "/ui/..%2fsecret.txt",
        "/ui/.vite/manifest.json",
        "/ui/%00",
    ],
)
async def test_nothing_outside_the_ui_is_served(ui: httpx.AsyncClient, path: str):
    answer = await ui.get(path)
    assert "not for you" not in answer.text
    assert answer.text != "{}"


async def test_an_unknown_asset_is_never_the_page(ui: httpx.AsyncClient):
    answer = await ui.get("/ui/assets/index-old.js")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_the_root_leads_to_the_ui(ui: httpx.AsyncClient):
    for path in ("/", "/ui"):
        answer = await ui.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (307, "/ui/")


async def test_without_a_built_ui_a_page_says_what_to_do(tmp_path: Path):
    app = FastAPI()
    add_ui(app, tmp_path)
    async with client_of(app) as client:
        answer = await client.get("/ui/")
    assert answer.status_code == 503
    assert "make ui" in answer.text


async def test_every_answer_carries_the_headers_that_keep_browsers_safe(as_ada: httpx.AsyncClient):
    for path in ("/auth/me", "/nothing", "/docs", "/health/live"):
        answer = await as_ada.get(path)
        assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self' 'unsafe-inline';" in policy
    assert "frame-ancestors 'none'" in policy


async def test_answers_are_not_kept_unless_they_say_so(as_ada: httpx.AsyncClient):
    assert (await as_ada.get("/auth/me")).headers["Cache-Control"] == "no-store"


async def test_every_request_has_an_id_that_a_client_may_give(as_ada: httpx.AsyncClient):
    given = "550e8400-e29b-41d4-a716-446655440000"
    answer = await as_ada.get("/nothing", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given
    assert answer.json()["instance"] == f"urn:uuid:{given}"
    answer = await as_ada.get("/nothing", headers={"X-Request-ID": "evil\tid"})
    assert UUID(answer.headers["X-Request-ID"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("PUT", "/batch/jobs", 405, "method_not_allowed"),
        ("GET", "/batch/jobs/batch_00000000", 404, "batch_not_found"),
        ("GET", "/workflows/nothing", 404, "workflow_not_found"),
    ],
)
async def test_every_refusal_is_a_problem(
    as_ada: httpx.AsyncClient, method: str, path: str, status: int, code: str
):
    answer = await as_ada.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem.keys() >= {"type", "title", "status", "detail", "instance", "code"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:fanfold:problem:{code}"


async def test_what_is_no_json_is_refused(as_ada: httpx.AsyncClient):
    answer = await as_ada.post(
        "/workflows/check", content=b'{"sql', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"pointer": "", "message": "The request is not valid JSON."}]


async def nine_megabytes() -> AsyncIterator[bytes]:
    for _ in range(9):
        yield b" " * 1024 * 1024


@pytest.mark.parametrize("content", [b" " * 9 * 1024 * 1024, nine_megabytes()], ids=["announced", "chunked"])
async def test_a_body_that_is_too_large_is_refused(as_ada: httpx.AsyncClient, content: Any):
    answer = await as_ada.post("/workflows/check", content=content)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


async def test_an_unexpected_error_tells_its_number_and_nothing_else(caplog: pytest.LogCaptureFixture):
    app = FastAPI()

    @app.get("/broken")
    async def break_down() -> None:
        raise RuntimeError("password=hunter2")

    add_error_handlers(app)
    app.add_middleware(RequestScope)
    async with client_of(app) as client:
        answer = await client.get("/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["X-Request-ID"] in answer.json()["detail"]
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
    (failure,) = [record for record in caplog.records if record.message == "http.failed"]
    assert failure.exc_info


async def test_the_log_has_the_path_and_never_the_query(
    caplog: pytest.LogCaptureFixture, as_ada: httpx.AsyncClient
):
    with caplog.at_level(logging.DEBUG, logger="fanfold.http"):
        await as_ada.get("/nothing?code=one-time")
    (line,) = [record for record in caplog.records if record.message == "http.request"]
    assert (line.path, line.status, line.method) == ("/nothing", 404, "GET")
    assert "one-time" not in str(line.__dict__)


async def test_polls_are_logged_only_for_who_asks(
    caplog: pytest.LogCaptureFixture, as_ada: httpx.AsyncClient
):
    with caplog.at_level(logging.INFO, logger="fanfold.http"):
        await as_ada.get("/auth/me")
    assert not [record for record in caplog.records if record.message == "http.request"]


async def test_a_database_that_is_away_is_503_and_says_so(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await site.services.database.close()
    answer = await as_ada.get(f"/batch/jobs/{batch.batch_id}")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["code"] == "database_away"
    assert "database" in answer.json()["detail"]


async def test_every_known_error_has_an_answer_that_http_allows():
    for error, answer in TABLE.items():
        assert 400 <= answer.status < 600, error
        if answer.status == 401:
            assert "WWW-Authenticate" in answer.headers


async def test_health_names_what_was_looked_at(site: Site, as_ada: httpx.AsyncClient):
    answer = await as_ada.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "healthy",
        "checks": {"database": True, "amc_api": None, "worker": True},
    }


async def test_without_a_worker_the_server_is_degraded_and_ready(site: Site, as_ada: httpx.AsyncClient):
    await site.worker.store.leave()
    answer = await as_ada.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["worker"] is False
    assert (await as_ada.get("/health/ready")).status_code == 200


async def test_without_a_database_the_server_lives_and_is_not_ready(site: Site, as_ada: httpx.AsyncClient):
    await site.services.database.close()
    assert (await as_ada.get("/health/live")).status_code == 200
    assert (await as_ada.get("/health/ready")).status_code == 503
    assert (await as_ada.get("/health")).json()["checks"]["database"] is False


async def test_amc_is_there_when_anything_answers_and_away_when_nothing_does(unused_tcp_port: int):
    async with AmcProbe(f"http://127.0.0.1:{unused_tcp_port}") as probe:
        assert await probe.answers() is False
    async with AmcProbe(None) as probe:
        assert await probe.answers() is None


async def test_metrics_have_the_printed_names_and_count_all_batches(site: Site, as_ada: httpx.AsyncClient):
    await site.submit("a", "b")
    await site.drain()
    await site.submit("a")
    text = (await as_ada.get("/metrics")).text
    assert 'batch_executions_total{status="completed"} 1.0' in text
    assert 'batch_executions_total{status="queued"} 1.0' in text
    assert 'batch_execution_duration_seconds_bucket{le="10.0"} 1.0' in text
    assert 'batch_execution_duration_seconds_bucket{le="+Inf"} 1.0' in text
    assert "batch_execution_duration_seconds_count 1.0" in text
    assert 'fanfold_operations{status="completed"} 2.0' in text
    assert "fanfold_workers 1.0" in text


async def test_the_reference_names_every_operation_and_needs_no_script(as_ada: httpx.AsyncClient):
    page = (await as_ada.get("/docs")).text
    document = (await as_ada.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page, path
    assert "<script" not in page
    assert "//" not in page.replace("https://json-schema.org", "")
