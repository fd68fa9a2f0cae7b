"""The API is killed in mid-submission: the same request, sent again, makes one batch and never a second."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx
import pytest

from fanfold.kit.injection import VARIABLE, Point
from tests.acceptance.running import Running, up
from tests.chaos.proxy import pause

BODY = {"kind": "noop", "name": "once", "targets": [{"key": "a"}, {"key": "b"}]}
POINTS = [Point.AFTER_KEY_CLAIM, Point.BEFORE_SUBMIT_COMMIT, Point.AFTER_SUBMIT]


@pytest.mark.parametrize("point", POINTS, ids=[point.value for point in POINTS])
async def test_a_request_that_died_with_the_api_at(clean_url: str, tmp_path: Path, point: Point):
    settings = {"FANFOLD_DATABASE_URL": clean_url, "FANFOLD_LOST_REQUEST_SECONDS": "1"}
    with up(tmp_path / "data", **settings, **{VARIABLE: f"{point}:kill:1"}) as running:
        with pytest.raises(httpx.TransportError):
            await submit(running)
        assert running.process.wait() == -signal.SIGKILL
    with up(tmp_path / "data", **settings) as running:
        answer = await submit(running)
        while answer.status_code == httpx.codes.CONFLICT:
            assert point is not Point.AFTER_SUBMIT, answer.text
            await pause(float(answer.headers["Retry-After"]))
            answer = await submit(running)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        assert (await submit(running)).json() == answer.json()
        with running.client() as client:
            assert [batch.job_id for batch in client.batches.list()] == [answer.json()["job_id"]]


async def submit(running: Running) -> httpx.Response:
    headers = {"Authorization": f"Bearer {running.ready['token']}", "Idempotency-Key": "once"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, timeout=30) as http:
        return await http.post("/batch/jobs", json=BODY)
