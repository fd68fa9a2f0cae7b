from __future__ import annotations

from typing import Any

import httpx
import pytest

from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site

NIGHT = {"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin", "days": [1, 5]}


async def change(client: httpx.AsyncClient, batch: Any, **fields: Any) -> httpx.Response:
    return await client.patch(f"/batch/jobs/{batch.batch_id}", json=fields)


async def test_only_what_is_said_changes(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", name="Spring", max_parallel=3, priority=7)
    before = (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()
    answer = await change(as_ada, batch, max_parallel=9)
    assert answer.status_code == 200
    assert answer.json()["max_parallel"] == 9
    assert answer.json()["policy"] == {**before["policy"], "max_parallel": 9}
    assert answer.json()["name"] == "Spring"


async def test_everything_that_may_change_does_and_is_shown(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    given = {
        "max_parallel": 2,
        "priority": -3,
        "stop_on_error": True,
        "budget": {"count": 4, "percent": 12.5, "strict": True},
        "rate": {"count": 5, "per_seconds": 60},
        "quiet_hours": [NIGHT],
        "batch_timeout_seconds": 3600,
    }
    answer = await change(as_ada, batch, **given, name="New", description="Why", tags=["x", "x", "y"])
    job = answer.json()
    assert {name: job["policy"][name] for name in given} == given
    assert (job["name"], job["description"], job["tags"]) == ("New", "Why", ["x", "y"])
    assert (await as_ada.get(f"/batch/jobs/{batch.batch_id}")).json()["policy"] == job["policy"]


async def test_null_takes_a_bound_away(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await change(
        as_ada, batch, rate={"count": 1, "per_seconds": 60}, quiet_hours=[NIGHT], budget={"count": 1}
    )
    policy = (await change(as_ada, batch, rate=None, quiet_hours=None, budget=None)).json()["policy"]
    assert (policy["rate"], policy["quiet_hours"]) == (None, [])
    assert policy["budget"] == {"count": None, "percent": None, "strict": False}


async def test_a_change_binds_the_next_claim(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", "b", "c", max_parallel=1)
    await change(as_ada, batch, rate={"count": 1, "per_seconds": 3600}, max_parallel=3)
    await site.drain()
    assert site.kind.ran == ["a"]
    await change(as_ada, batch, rate=None)
    await site.drain()
    assert sorted(site.kind.ran) == ["a", "b", "c"]


async def test_a_spent_budget_stops_the_job_and_says_why(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", lambda _: Permanent("no"))
    batch = await site.submit("a", "b", max_parallel=1)
    await site.step()
    stop = (await change(as_ada, batch, stop_on_error=True)).json()["stop_reason"]
    assert stop["reason"] == "stop_on_error"
    assert stop["text"] == "An operation failed, and this batch stops at the first failure."
    assert stop["at"] is not None


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"max_parallel": 0}, "/max_parallel"),
        ({"priority": 100_000}, "/priority"),
        ({"budget": {"percent": 101}}, "/budget/percent"),
        ({"budget": {"count": -1}}, "/budget/count"),
        ({"budget": {"strict": True}}, "/budget/strict"),
        ({"rate": {"count": 0}}, "/rate/count"),
        ({"rate": {"count": 1, "per_seconds": 0}}, "/rate/per_seconds"),
        ({"quiet_hours": [{**NIGHT, "timezone": "Mars/Olympus"}]}, "/quiet_hours/0/timezone"),
        ({"quiet_hours": [{**NIGHT, "days": [8]}]}, "/quiet_hours/0/days/0"),
        ({"batch_timeout_seconds": 0}, "/batch_timeout_seconds"),
        ({"name": ""}, "/name"),
        ({"max_attempts": 9}, "/max_attempts"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_a_bad_change_is_refused_whole_and_by_name(
    site: Site, as_ada: httpx.AsyncClient, fields: dict[str, Any], pointer: str
):
    batch = await site.submit("a", max_parallel=3)
    url = f"/batch/jobs/{batch.batch_id}"
    before = (await as_ada.get(url)).json()
    answer = await as_ada.patch(url, json={"description": "changed", **fields})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await as_ada.get(url)).json() == before


async def test_what_has_ended_cannot_be_changed(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    await site.drain()
    answer = await change(as_ada, batch, max_parallel=2)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    assert "completed" in answer.json()["detail"]
    assert "change" in answer.json()["detail"]


async def test_nobody_changes_or_reads_about_what_is_not_theirs(site: Site, as_mallory: httpx.AsyncClient):
    batch = await site.submit("a")
    assert (await change(as_mallory, batch, max_parallel=2)).status_code == 404
    assert (await as_mallory.get(f"/batch/jobs/{batch.batch_id}/timeline")).status_code == 404


async def test_the_timeline_tells_who_did_what(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a", max_parallel=3)
    url = f"/batch/jobs/{batch.batch_id}"
    await change(as_ada, batch, max_parallel=9, batch_timeout_seconds=60)
    await change(as_ada, batch, rate={"count": 2, "per_seconds": 1})
    await as_ada.post(f"{url}/pause", json={"reason": "lunch"})
    await as_ada.post(f"{url}/cancel", json={"reason": "wrong month"})
    steps = (await as_ada.get(f"{url}/timeline")).json()["items"]
    told = [(step["name"], step["actor"], step["text"]) for step in steps]
    assert told == [
        ("batch.cancelled", None, "It ended: cancelled."),
        ("batch.cancelling", "ada", "ada cancelled it: wrong month."),
        ("batch.paused", "ada", "ada paused it (drain): lunch."),
        (
            "batch.changed",
            "ada",
            "ada changed it: rate from None to {'count': 2, 'per_seconds': 1.0}.",
        ),
        (
            "batch.changed",
            "ada",
            "ada changed it: max_parallel from 3 to 9, batch_timeout_seconds from None to 60.0.",
        ),
    ]
    assert steps[-1]["changes"] == [
        {"field": "max_parallel", "before": 3, "after": 9},
        {"field": "batch_timeout_seconds", "before": None, "after": 60.0},
    ]


async def test_the_timeline_is_read_page_by_page(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    for number in range(5):
        await change(as_ada, batch, priority=number + 1)
    url, seen, cursor = f"/batch/jobs/{batch.batch_id}/timeline", [], None
    while True:
        page = (await as_ada.get(url, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += [step["changes"][0]["after"] for step in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [5, 4, 3, 2, 1]
    assert (await as_ada.get(url, params={"cursor": "!"})).status_code == 400


async def test_a_job_shows_its_waves_and_what_it_waits_for(site: Site, as_ada: httpx.AsyncClient):
    first = await site.submit("a")
    policy = await site.submit("b", "c", "d", after=first.id)
    job = (await as_ada.get(f"/batch/jobs/{policy.batch_id}")).json()
    assert job["after"] == {"job_id": first.batch_id, "status": "queued", "until": "completed"}
    assert job["waves"] is None


async def test_a_poll_of_a_changed_job_is_told_so(site: Site, as_ada: httpx.AsyncClient):
    batch = await site.submit("a")
    url = f"/batch/jobs/{batch.batch_id}"
    for fields in ({"rate": {"count": 3, "per_seconds": 1}}, {"priority": 3}, {"tags": ["new"]}):
        held = (await as_ada.get(url)).headers["ETag"]
        assert (await as_ada.get(url, headers={"If-None-Match": held})).status_code == 304
        await as_ada.patch(url, json=fields)
        assert (await as_ada.get(url, headers={"If-None-Match": held})).status_code == 200
