"""A preview shows what a batch would do, and binds its execution to exactly that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from fanfold.connections.model import Draft
from fanfold.db.statements import parse
from fanfold.sdk.kind import Finding, Limit
from fanfold.targets.model import Details
from tests.api.full_app import Site

BODY: dict[str, Any] = {
    "kind": "scripted",
    "definition": {"check": "rows"},
    "parameters": {"window": 7},
    "targets": [
        {"key": "a", "name": "Table A", "attributes": {"tier": "gold"}},
        {"key": "b", "parameters": {"window": 9}},
        {"key": "c", "parameters": {"window": 7}, "attributes": {"tier": "test"}},
    ],
    "skip_when": [{"attribute": "tier", "operator": "eq", "value": "test", "reason": "Tests wait."}],
}


async def preview(client: httpx.AsyncClient, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await client.post("/batch/jobs/preview", json=body or BODY)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stale(client: httpx.AsyncClient, token: str, **other: Any) -> list[str]:
    answer = await client.post("/batch/jobs", json={**BODY, **other, "preview": token})
    assert (answer.status_code, answer.json()["code"]) == (409, "preview_stale")
    assert (await client.get("/batch/jobs")).json()["total"] == 0
    return [error["pointer"] for error in answer.json()["errors"]]


async def test_a_preview_shows_what_each_target_would_get(site: Site, as_ada: httpx.AsyncClient):
    site.kind.findings = [Finding("w", "warning", "No index.", fix="Add one.")]
    shown = await preview(as_ada)
    assert (shown["kind"], shown["total_operations"], shown["skipped_operations"]) == ("scripted", 3, 1)
    assert shown["findings"] == [
        {"severity": "warning", "message": "No index.", "line": None, "column": None, "fix": "Add one."}
    ]
    assert shown["truncated"] is False
    first, second, third = shown["operations"]
    assert first == {
        "key": "a",
        "name": "Table A",
        "does": "Scripted on Table A",
        "parameters": {"window": 7},
        "overridden": [],
        "attributes": {"tier": "gold"},
        "skipped": None,
        "warnings": [],
    }
    assert (second["parameters"], second["overridden"]) == ({"window": 9}, ["window"])
    assert third["skipped"] == "Tests wait."
    assert third["warnings"] == ["window is overridden with the value that all targets have."]
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 0
    assert site.kind.ran == []


async def test_what_was_previewed_is_what_runs(site: Site, as_ada: httpx.AsyncClient):
    token = (await preview(as_ada))["preview"]
    assert (await preview(as_ada))["preview"] == token
    answer = await as_ada.post("/batch/jobs", json={**BODY, "name": "Another name", "preview": token})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("other", "parts"),
    [
        ({"definition": {"check": "sums"}}, ["/definition"]),
        ({"parameters": {"window": 8}}, ["/parameters"]),
        ({"targets": BODY["targets"][:2]}, ["/parameters", "/targets"]),
        ({"targets": BODY["targets"][::-1]}, ["/targets"]),
        ({"skip_when": []}, ["/targets"]),
        ({"policy": {"max_parallel": 9}}, ["/policy"]),
        ({"policy": {"rate": {"count": 9}}}, ["/policy"]),
        ({"policy": {"lock": "shared"}, "definition": {}}, ["/definition", "/policy"]),
    ],
    ids=str,
)
async def test_what_differs_from_the_preview_is_refused_by_part(
    site: Site, as_ada: httpx.AsyncClient, other: dict[str, Any], parts: list[str]
):
    token = (await preview(as_ada))["preview"]
    assert await stale(as_ada, token, **other) == parts


async def test_a_search_that_finds_more_than_before_is_stale(site: Site, as_ada: httpx.AsyncClient):
    login = Draft("l", {"region": "na", "client_id": "c"}, {"client_secret": "s", "refresh_token": "t"})
    await site.services.connections.create("amc", login, user_id=site.ada.id)
    service, user_id = site.services.instances, site.ada.id
    await service.create(Details("amc1", "One", "us-east-1", "E", "M"), user_id=user_id)
    body = {"kind": "scripted", "instances": {"q": "amc"}}
    token = (await preview(as_ada, body))["preview"]
    await service.create(Details("amc2", "Two", "us-east-1", "E", "M"), user_id=user_id)
    answer = await as_ada.post("/batch/jobs", json={**body, "preview": token})
    assert answer.status_code == 409
    assert "targets" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["x", "p1.a.b.c", "p2.a.b.c.d", ""])
async def test_what_is_no_preview_is_refused(site: Site, as_ada: httpx.AsyncClient, token: str):
    answer = await as_ada.post("/batch/jobs", json={**BODY, "preview": token})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/preview")


async def test_a_preview_names_everything_that_is_wrong(site: Site, as_ada: httpx.AsyncClient):
    body = {**BODY, "parameters": {"window": "wide"}, "targets": [{"key": "a"}, {"key": "a"}]}
    answer = await as_ada.post("/batch/jobs/preview", json=body)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/targets/1", "/parameters/window"]


async def test_a_preview_warns_of_what_is_closed_now(site: Site, as_ada: httpx.AsyncClient):
    site.kind.caps = {"a": [Limit("account:rests", 5)], "b": [Limit("account:broken", 5, guarded=True)]}
    await as_ada.post("/batch/jobs", json={"kind": "scripted", "targets": [{"key": "a"}, {"key": "b"}]})
    block = "-- test\nupdate limits set blocked_until = moment() + interval '1 h' where key = 'account:rests'"
    probe = "-- test\nupdate limits set probe_at = moment() + interval '1 h' where key = 'account:broken'"
    breaker = (
        "-- test\ninsert into breakers (key, cause, error, opened_at, cool_down_ms) "
        "values ('account:broken', 'x', '{\"message\": \"Nobody answers.\"}', moment(), 1000)"
    )
    async with site.service_database.transaction() as transaction:
        for text in (block, probe, breaker):
            await transaction.execute(parse("t", text))
    now = datetime.now(UTC)
    start, end = ((now + timedelta(minutes=shift)).strftime("%H:%M") for shift in (-60, 60))
    shown = await preview(as_ada, {**BODY, "policy": {"quiet_hours": [{"start": start, "end": end}]}})
    first, second, _ = shown["operations"]
    assert first["warnings"][0].startswith("account:rests rests until ")
    assert second["warnings"][0].startswith("The circuit breaker of account:broken is open until ")
    assert second["warnings"][0].endswith("Nobody answers.")
    assert [warning.partition(":")[0] for warning in shown["warnings"]] == ["It is quiet hours"]


async def test_a_long_preview_shows_its_beginning_and_binds_all_of_it(site: Site, as_ada: httpx.AsyncClient):
    body = {"kind": "scripted", "targets": [{"key": f"k{number}"} for number in range(150)]}
    shown = await preview(as_ada, body)
    assert (shown["total_operations"], len(shown["operations"]), shown["truncated"]) == (150, 100, True)
    body["targets"][149]["name"] = "other"
    answer = await as_ada.post("/batch/jobs", json={**body, "preview": shown["preview"]})
    assert answer.status_code == 409


async def test_a_draft_starts_as_it_was_previewed_or_not_at_all(site: Site, as_ada: httpx.AsyncClient):
    whole = {**BODY, "policy": {"rate": {"count": 50}, "budget": {"percent": 10}, "waves": {"sizes": [1]}}}
    said = {"skip_when": BODY["skip_when"]}
    job = (await as_ada.post("/batch/jobs", json={**whole, "skip_when": [], "draft": True})).json()
    url = f"/batch/jobs/{job['job_id']}"
    shown = (await as_ada.post(f"{url}/preview", json=said)).json()
    assert shown == await preview(as_ada, whole)
    line = {"content": b'{"key": "z"}', "headers": {"Content-Type": "application/x-ndjson"}}
    assert (await as_ada.put(f"{url}/operations", **line)).status_code == 200
    refused = await as_ada.post(f"{url}/start", json={"preview": shown["preview"], **said})
    assert (refused.status_code, refused.json()["code"]) == (409, "preview_stale")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/parameters", "/targets"]
    assert (await as_ada.get(url)).json()["status"] == "pending"
    token = (await as_ada.post(f"{url}/preview", json=said)).json()["preview"]
    other = await as_ada.post(f"{url}/start", json={"preview": token})
    assert [error["pointer"] for error in other.json()["errors"]] == ["/targets"]
    assert (await as_ada.post(f"{url}/start", json={"preview": token, **said})).status_code == 200
    assert (await as_ada.post(f"{url}/preview")).status_code == 409


async def test_nobody_previews_what_is_not_theirs(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    job = (await as_ada.post("/batch/jobs", json={**BODY, "skip_when": [], "draft": True})).json()
    assert (await as_mallory.post(f"/batch/jobs/{job['job_id']}/preview")).status_code == 404
