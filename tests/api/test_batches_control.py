from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site


def fail(_context: object) -> Exception:
    return Permanent("no")


async def test_a_cancel_ends_what_waits(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b")
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/cancel", json={"reason": "wrong month"})
    assert answer.status_code == 200
    assert answer.json().keys() == {"job_id", "status", "message"}
    assert answer.json()["status"] == "cancelled"
    operations = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations")).json()["items"]
    assert {(operation["status"], operation["reason"]) for operation in operations} == {("cancelled", "user")}


async def test_a_cancel_needs_no_body_and_may_be_repeated(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    for _ in range(2):
        answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


async def test_what_has_ended_cannot_be_cancelled(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await site.drain()
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/cancel")
    assert answer.status_code == 409
    assert answer.json()["code"] == "illegal_transition"


async def test_a_retry_runs_the_failed_part_again(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("b", fail)
    batch = await site.submit("a", "b")
    await site.drain()
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/retry", json={"max_retries": 3})
    assert answer.status_code == 200
    assert answer.json().keys() == {"job_id", "status", "retried_operations", "message"}
    assert answer.json()["retried_operations"] == 1
    assert answer.json()["status"] == "running"
    await site.drain()
    job = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    assert job["status"] == "completed"
    assert site.kind.ran.count("a") == 1


async def test_a_retry_takes_chosen_operations(site: Site, as_ada: httpx.AsyncClient):
    for key in ("a", "b"):
        site.kind.script(key, fail)
    batch = await site.submit("a", "b")
    await site.drain()
    url = f"/batch/jobs/{batch.batch_id}"
    first = (await as_ada.get(f"{url}/operations")).json()["items"][0]["id"]
    answer = await as_ada.post(f"{url}/retry", json={"select": ["failed"], "operation_ids": [first]})
    assert answer.json()["retried_operations"] == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"select": ["everything"]}, "/select/0"),
        ({"select": []}, "/select"),
        ({"operation_ids": ["x"]}, "/operation_ids/0"),
        ({"max_retries": 0}, "/max_retries"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_bad_retry_is_refused_by_name(
    site: Site, as_ada: httpx.AsyncClient, body: dict[str, object], pointer: str
):
    batch = await site.submit("a")
    await site.drain()
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/retry", json=body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_what_has_not_begun_cannot_be_retried(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    assert (await as_ada.post(f"/batch/jobs/{batch.batch_id}/retry")).status_code == 409


async def test_what_has_ended_can_be_deleted_and_nothing_else(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    url = f"/batch/jobs/{batch.batch_id}"
    assert (await as_ada.delete(url)).status_code == 409
    await site.drain()
    assert (await as_ada.delete(url)).status_code == 204
    assert (await as_ada.get(url)).status_code == 404


@pytest.mark.parametrize("verb", ["cancel", "retry"])
async def test_nobody_controls_what_is_not_theirs(site: Site, as_mallory: httpx.AsyncClient, verb: str):
    batch = await site.submit("a")
    for reference in (batch.batch_id, batch.id, uuid4()):
        assert (await as_mallory.post(f"/batch/jobs/{reference}/{verb}")).status_code == 404
    assert (await as_mallory.delete(f"/batch/jobs/{batch.batch_id}")).status_code == 404


async def test_a_browser_needs_its_pages_own_token(site: Site):
    batch = await site.submit("a")
    await site.services.access.add_user("grace", password="correct horse battery staple")
    async with site.client(None) as browser:
        await browser.post(
            "/auth/login", json={"username": "grace", "password": "correct horse battery staple"}
        )
        refused = await browser.post(f"/batch/jobs/{batch.batch_id}/cancel")
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
        allowed = await browser.post(
            f"/batch/jobs/{batch.batch_id}/cancel",
            headers={"X-CSRF-Token": browser.cookies["fanfold_csrf"]},
        )
        assert allowed.status_code == 404
