from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from fanfold.db.statements import parse
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site


def fail(_context: Context) -> Exception:
    return Permanent("The table is gone.", hint="Restore it.")


async def test_a_job_shows_what_was_submitted(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b", "c", name="Spring", max_parallel=2)
    answer = await as_ada.get(f"/batch/jobs/{batch.batch_id}")
    assert answer.status_code == 200
    job = answer.json()
    assert job["job_id"] == batch.batch_id
    assert job["id"] == str(batch.id)
    assert job["status"] == "queued"
    assert job["name"] == "Spring"
    assert job["created_by"] == "ada"
    assert job["max_parallel"] == 2
    assert job["tags"] == ["spring"]
    assert job["workflow"] is None
    assert job["created_at"].endswith("Z")
    assert job["progress"]["pending_operations"] == 3
    assert job["progress"]["percent_complete"] == 0


async def test_a_job_is_found_by_its_uuid_too(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    answer = await as_ada.get(f"/batch/jobs/{batch.id}")
    assert answer.json()["job_id"] == batch.batch_id


@pytest.mark.parametrize("path", ["", "/progress", "/operations", "/operations/x", "/events"])
async def test_who_does_not_own_a_job_finds_nothing(site: Site, as_mallory: httpx.AsyncClient, path: str):
    batch = await site.submit("a")
    answer = await as_mallory.get(f"/batch/jobs/{batch.batch_id}{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "batch_not_found"


async def test_counts_follow_the_operations(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("b", fail)
    batch = await site.submit("a", "b", "c")
    await site.drain()
    job = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    assert job["status"] == "partial_success"
    assert job["progress"]["completed_operations"] == 2
    assert job["progress"]["failed_operations"] == 1
    assert job["progress"]["percent_complete"] == 100
    assert job["progress"]["estimated_time_remaining_ms"] == 0
    assert job["finished_at"] is not None


async def test_an_unchanged_poll_costs_a_304(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    for path in ("", "/progress"):
        first = await as_ada.get(f"/batch/jobs/{batch.batch_id}{path}")
        again = await as_ada.get(
            f"/batch/jobs/{batch.batch_id}{path}", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["ETag"] == first.headers["ETag"]


async def test_a_changed_job_has_another_etag(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    first = await as_ada.get(f"/batch/jobs/{batch.batch_id}/progress")
    await site.drain()
    again = await as_ada.get(
        f"/batch/jobs/{batch.batch_id}/progress", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 200
    assert again.json()["status"] == "completed"


async def test_progress_has_the_printed_shape(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b")
    answer = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/progress")).json()
    assert answer.keys() == {"job_id", "status", "progress"}
    printed = {
        "total_operations", "completed_operations", "failed_operations", "skipped_operations",
        "current_operation", "percent_complete", "estimated_time_remaining_ms",
    }  # fmt: skip
    assert printed <= answer["progress"].keys()


async def test_operations_keep_the_order_of_the_targets(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("c", "a", "b")
    answer = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations")).json()
    assert [operation["target_name"] for operation in answer["items"]] == ["C", "A", "B"]
    assert answer["total"] == 3
    first = answer["items"][0]
    assert first["status"] == "pending"
    assert first["waiting"] == "slot"
    assert first["execution_id"].startswith("exec_")
    assert first["target_detail"] == {"region": "us-east-1"}


async def test_operations_are_filtered_searched_and_sorted_by_the_server(
    site: Site, as_ada: httpx.AsyncClient
):
    site.kind.script("beta", fail)
    batch = await site.submit("alpha", "beta", "gamma")
    await site.drain()
    url = f"/batch/jobs/{batch.batch_id}/operations"
    failed = (await as_ada.get(url, params={"status": "failed"})).json()
    assert [operation["target_id"] for operation in failed["items"]] == ["beta"]
    assert failed["total"] == 1
    found = (await as_ada.get(url, params={"q": "MM"})).json()
    assert [operation["target_id"] for operation in found["items"]] == ["gamma"]
    assert found["total"] == 1
    turned = (await as_ada.get(url, params={"sort": "-target_name", "limit": 2})).json()
    assert [operation["target_id"] for operation in turned["items"]] == ["gamma", "beta"]
    assert turned["total"] == 3


async def test_an_operation_shows_parameters_attempts_and_why_it_failed(
    site: Site, as_ada: httpx.AsyncClient
):
    site.kind.script("a", fail)
    batch = await site.submit("a")
    await site.drain()
    url = f"/batch/jobs/{batch.batch_id}/operations"
    operation_id = (await as_ada.get(url)).json()["items"][0]["id"]
    operation = (await as_ada.get(f"{url}/{operation_id}")).json()
    assert operation["status"] == "failed"
    assert operation["parameters"] == {"window": 7}
    assert operation["error"]["message"] == "The table is gone."
    assert operation["error"]["hint"] == "Restore it."
    assert operation["error"]["class"] == "Permanent"
    assert operation["error"]["fingerprint"]
    (attempt,) = operation["attempts"]
    assert attempt["number"] == 1
    assert attempt["state"] == "failed"
    assert attempt["worker"]


async def test_an_unknown_operation_is_named(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    for reference in (str(uuid4()), "nonsense"):
        answer = await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations/{reference}")
        assert answer.status_code == 404
        assert reference in answer.json()["detail"]


async def test_jobs_are_listed_newest_first_and_only_ones_own(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    names = ["one", "two", "three"]
    for name in names:
        await site.submit("a", name=name)
    listed = (await as_ada.get("/batch/jobs")).json()
    assert [job["name"] for job in listed["items"]] == ["three", "two", "one"]
    assert (listed["total"], listed["limit"], listed["offset"]) == (3, 50, 0)
    assert (await as_mallory.get("/batch/jobs")).json()["total"] == 0


async def test_jobs_are_filtered_by_status_kind_and_name(site: Site, as_ada: httpx.AsyncClient):
    await site.submit("a", name="Done")
    await site.drain()
    await site.submit("a", name="Waiting")

    async def names(**params: str | list[str]) -> list[str]:
        answer = await as_ada.get("/batch/jobs", params=params)
        return [job["name"] for job in answer.json()["items"]]

    assert await names(status="completed") == ["Done"]
    assert await names(status=["completed", "queued"]) == ["Waiting", "Done"]
    assert await names(status="partial_success") == []
    assert await names(q="wait") == ["Waiting"]
    assert await names(kind="scripted", sort="name") == ["Done", "Waiting"]
    assert await names(kind="other") == []


async def test_a_cursor_goes_through_the_whole_list(site: Site, as_ada: httpx.AsyncClient):
    for number in range(5):
        await site.submit("a", name=str(number))
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = (await as_ada.get("/batch/jobs", params=params)).json()
        assert answer["total"] == 5
        seen += [job["name"] for job in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


async def test_a_cursor_goes_through_all_operations(site: Site, as_ada: httpx.AsyncClient):
    keys = [f"t{number:02}" for number in range(7)]
    batch = await site.submit(*keys)
    seen: list[str] = []
    params: dict[str, str | int] = {"limit": 3}
    while params.get("cursor") is not None or not seen:
        answer = (await as_ada.get(f"/batch/jobs/{batch.batch_id}/operations", params=params)).json()
        seen += [operation["target_id"] for operation in answer["items"]]
        params["cursor"] = answer["next_cursor"]
    assert seen == keys


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"sort": "; drop table batches"}, "/sort"),
        ({"status": "done"}, "/status"),
        ({"cursor": "%%%"}, "/cursor"),
        ({"cursor": "YQ", "sort": "name"}, "/cursor"),
        ({"limit": 201}, "/limit"),
        ({"q": "a\0b"}, "/q"),
        ({"kind": "\0"}, "/kind"),
        ({"offset": -1}, "/offset"),
    ],
)
async def test_a_bad_question_is_refused_by_name(
    as_ada: httpx.AsyncClient, params: dict[str, str], pointer: str
):
    answer = await as_ada.get("/batch/jobs", params=params)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("reference", ["a%00b", "batch_'--", "%F0%9F%98%80", "x" * 65])
async def test_what_is_no_id_at_all_is_refused(as_ada: httpx.AsyncClient, reference: str):
    for path in ("", "/progress", "/operations", "/events"):
        answer = await as_ada.get(f"/batch/jobs/{reference}{path}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/job_id"


async def test_statistics_sum_up_ones_own_jobs(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    site.kind.script("b", fail)
    await site.submit("a", "b", "c")
    await site.drain()
    await site.submit("a")
    statistics = (await as_ada.get("/batch/statistics")).json()
    assert statistics["total_jobs"] == 2
    assert statistics["active_jobs"] == 1
    assert statistics["by_status"] == {"partial_success": 1, "queued": 1}
    assert statistics["by_kind"] == {"scripted": 2}
    assert statistics["total_operations"] == 4
    assert (statistics["completed_operations"], statistics["failed_operations"]) == (2, 1)
    assert statistics["success_rate"] == 66.67
    assert statistics["average_duration_ms"] >= 0
    assert (await as_mallory.get("/batch/statistics")).json()["total_jobs"] == 0


async def test_installed_kinds_are_described(as_ada: httpx.AsyncClient):
    (kind,) = (await as_ada.get("/batch/kinds")).json()
    assert kind["name"] == "scripted"
    assert kind["parameters_schema"]["type"] == "object"


@pytest.mark.parametrize(
    "path",
    [
        "/batch/jobs",
        "/batch/jobs/{}",
        "/batch/jobs/{}/progress",
        "/batch/jobs/{}/operations",
        "/batch/statistics",
        "/workflows/batch/{}/status",
    ],
)
async def test_a_removed_user_reads_nothing_more(site: Site, as_ada: httpx.AsyncClient, path: str):
    batch = await site.submit("a")
    url = path.format(batch.batch_id)
    first = await as_ada.get(url)
    assert first.status_code == 200
    async with site.service_database.transaction() as transaction:
        await transaction.execute(parse("disable", "-- test\nupdate users set disabled_at = now()"))
    answer = await as_ada.get(url, headers={"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
