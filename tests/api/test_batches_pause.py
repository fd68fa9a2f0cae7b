from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.api.full_app import Site


async def test_a_pause_shows_who_rests_the_job_how_and_until_when(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    resume_at = datetime.now(UTC) + timedelta(hours=1)
    answer = await as_ada.post(
        f"/batch/jobs/{batch.batch_id}/pause",
        json={"mode": "freeze", "reason": "lunch", "resume_at": resume_at.isoformat()},
    )
    assert answer.status_code == 200
    job = answer.json()
    assert job["status"] == "paused"
    pause = job["pause"]
    assert (pause["mode"], pause["reason"], pause["by"]) == ("freeze", "lunch", "ada")
    assert datetime.fromisoformat(pause["resume_at"]) == resume_at
    assert pause["since"] is not None
    assert (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()["pause"] == pause


async def test_nothing_of_a_paused_job_begins_until_it_is_resumed(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b")
    url = f"/batch/jobs/{batch.batch_id}"
    assert (await as_ada.post(f"{url}/pause")).json()["pause"]["mode"] == "drain"
    await site.drain()
    assert site.kind.ran == []
    resumed = await as_ada.post(f"{url}/resume")
    assert (resumed.status_code, resumed.json()["pause"], resumed.json()["status"]) == (200, None, "queued")
    await site.drain()
    assert (await as_ada.get(url)).json()["status"] == "completed"


async def test_double_clicks_do_what_one_click_does(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    url = f"/batch/jobs/{batch.batch_id}"
    paused = await asyncio.gather(*(as_ada.post(f"{url}/pause", json={"reason": "x"}) for _ in range(4)))
    assert {answer.status_code for answer in paused} == {200}
    assert len({answer.json()["pause"]["since"] for answer in paused}) == 1
    resumed = await asyncio.gather(*(as_ada.post(f"{url}/resume") for _ in range(4)))
    assert [answer.json()["status"] for answer in resumed] == ["queued"] * 4
    names = [step["name"] for step in (await as_ada.get(f"{url}/timeline")).json()["items"]]
    assert names == ["batch.resumed", "batch.paused"]


async def test_a_paused_job_takes_another_mode_reason_and_time(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    url = f"/batch/jobs/{batch.batch_id}/pause"
    first = (await as_ada.post(url, json={"mode": "drain", "reason": "one"})).json()["pause"]
    second = (await as_ada.post(url, json={"mode": "freeze", "reason": "two"})).json()["pause"]
    assert (second["mode"], second["reason"], second["since"]) == ("freeze", "two", first["since"])


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_what_has_ended_neither_rests_nor_goes_on(site: Site, as_ada: httpx.AsyncClient, verb: str):
    batch = await site.submit("a")
    await site.drain()
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/{verb}")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert "completed" in answer.json()["detail"]
    assert verb in answer.json()["detail"]


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_nobody_rests_what_is_not_theirs(site: Site, as_mallory: httpx.AsyncClient, verb: str):
    batch = await site.submit("a")
    assert (await as_mallory.post(f"/batch/jobs/{batch.batch_id}/{verb}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"mode": "sleep"}, "/mode"),
        ({"resume_at": "2001-01-01T00:00:00Z"}, "/resume_at"),
        ({"resume_at": "2999-01-01T00:00:00"}, "/resume_at"),
        ({"surprise": 1}, "/surprise"),
        ({"reason": "a\nb"}, "/reason"),
    ],
)
async def test_a_bad_pause_is_refused_by_name(
    site: Site, as_ada: httpx.AsyncClient, body: dict[str, object], pointer: str
):
    batch = await site.submit("a")
    answer = await as_ada.post(f"/batch/jobs/{batch.batch_id}/pause", json=body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()["status"] == "queued"


async def test_a_repeated_request_with_its_key_pauses_once(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    url = f"/batch/jobs/{batch.batch_id}"
    key = {"Idempotency-Key": "pause-1"}
    first = await as_ada.post(f"{url}/pause", headers=key)
    await as_ada.post(f"{url}/resume")
    again = await as_ada.post(f"{url}/pause", headers=key)
    assert again.json() == first.json()
    assert (await as_ada.get(url)).json()["status"] == "queued"
