"""Batches of any kind over targets from anywhere; everything is checked before anything changes."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from fanfold.connections.model import Draft
from fanfold.sdk.kind import Finding, Limit
from fanfold.targets.model import Details
from tests.api.full_app import Site

BODY: dict[str, Any] = {"kind": "scripted", "targets": [{"key": "a"}, {"key": "b"}]}
LOGIN = Draft(
    "amc login",
    {"region": "na", "client_id": "amzn1.application"},
    {"client_secret": "s", "refresh_token": "t"},
)


async def instances(site: Site, count: int, **details: Any) -> list[str]:
    connection = await site.services.connections.create("amc", LOGIN, user_id=site.ada.id)
    made: list[str] = []
    for number in range(count):
        tags = ("spring",) if number % 2 == 0 else ()
        said = Details(f"amc{number}", f"I{number}", "us-east-1", "ENTITY", "M", tags=tags, **details)
        created = await site.services.instances.create(said, user_id=site.ada.id, connection_id=connection.id)
        made.append(str(created.id))
    return made


async def pointers(client: httpx.AsyncClient, **body: Any) -> list[str]:
    answer = await client.post("/batch/jobs", json={**BODY, **body})
    assert answer.status_code == 400, answer.text
    assert (await client.get("/batch/jobs")).json()["total"] == 0
    return [error["pointer"] for error in answer.json()["errors"]]


async def operations(client: httpx.AsyncClient, job: dict[str, Any]) -> list[dict[str, Any]]:
    listed = (await client.get(f"/batch/jobs/{job['job_id']}/operations")).json()["items"]
    urls = [f"/batch/jobs/{job['job_id']}/operations/{operation['id']}" for operation in listed]
    return [(await client.get(url)).json() for url in urls]


async def test_any_kind_runs_over_a_list_of_targets(site: Site, as_ada: httpx.AsyncClient):
    connection = await site.services.connections.create("amc", LOGIN, user_id=site.ada.id)
    answer = await as_ada.post(
        "/batch/jobs",
        json={
            "kind": "scripted",
            "name": "Nightly",
            "description": "every table",
            "tags": ["night", "night"],
            "definition": {"check": "rows"},
            "parameters": {"window": 7},
            "targets": [
                {"key": "a", "name": "Table A", "attributes": {"schema": "sales"}, "connection": "amc login"},
                {"key": "b", "parameters": {"window": 9}, "priority": 5, "connection": str(connection.id)},
            ],
            "policy": {"max_parallel": 1, "max_attempts": 2, "rate": {"count": 100}, "lock": "shared"},
        },
    )
    assert answer.status_code == 201, answer.text
    job = answer.json()
    assert (job["kind"], job["name"], job["tags"], job["status"]) == (
        "scripted",
        "Nightly",
        ["night"],
        "queued",
    )
    assert (job["total_operations"], job["max_parallel"]) == (2, 1)
    first, second = await operations(as_ada, job)
    assert (first["target_id"], first["target_name"], first["parameters"]) == ("a", "Table A", {"window": 7})
    assert (second["parameters"], second["overridden"]) == ({"window": 9}, ["window"])
    await site.drain()
    assert site.kind.ran == ["b", "a"]
    assert (await as_ada.get(f"/batch/jobs/{job['job_id']}")).json()["status"] == "completed"


async def test_a_batch_needs_no_more_than_a_kind_and_targets(site: Site, as_ada: httpx.AsyncClient):
    job = (await as_ada.post("/batch/jobs", json=BODY)).json()
    assert (job["name"], job["max_parallel"]) == ("scripted – 2 targets", 5)


async def test_targets_come_from_ids_and_searches_and_are_frozen(site: Site, as_ada: httpx.AsyncClient):
    ids = await instances(site, 4)
    body = {"kind": "scripted", "instance_ids": [ids[3]], "instances": {"tag": "spring"}}
    job = (await as_ada.post("/batch/jobs", json=body)).json()
    await as_ada.delete(f"/instances/{ids[0]}")
    found = await operations(as_ada, job)
    assert [operation["target_id"] for operation in found] == [ids[3], ids[0], ids[2]]
    assert found[1]["target_name"] == "I0"


async def test_an_instance_may_stand_in_the_list_with_its_own_parameters(
    site: Site, as_ada: httpx.AsyncClient
):
    [one] = await instances(site, 1)
    targets = [
        {"instance_id": one, "parameters": {"window": 3}},
        {"instance_id": one, "key": "again"},
    ]
    job = (await as_ada.post("/batch/jobs", json={"kind": "scripted", "targets": targets})).json()
    found = await operations(as_ada, job)
    assert [(each["target_id"], each["parameters"]) for each in found] == [(one, {"window": 3}), (one, {})]


async def test_conditions_skip_with_their_reason_before_anything_runs(site: Site, as_ada: httpx.AsyncClient):
    body = {
        "kind": "scripted",
        "parameters": {"window": 7},
        "targets": [
            {"key": "a", "attributes": {"tier": "gold"}},
            {"key": "b", "attributes": {"tier": "test"}},
            {"key": "c", "attributes": {"tier": "gold"}, "parameters": {"window": 90}},
        ],
        "skip_when": [
            {"attribute": "tier", "operator": "matches", "value": "^te", "reason": "Tests wait."},
            {"parameter": "window", "operator": "gt", "value": 30},
        ],
    }
    job = (await as_ada.post("/batch/jobs", json=body)).json()
    assert job["progress"]["skipped_operations"] == 2
    found = {each["target_id"]: each for each in await operations(as_ada, job)}
    assert (found["b"]["status"], found["b"]["reason"]) == ("skipped", "condition")
    assert found["b"]["summary"] == {"reason": "Tests wait."}
    assert found["c"]["summary"] == {"reason": "parameter window gt 30"}
    await site.drain()
    assert site.kind.ran == ["a"]
    assert (await as_ada.get(f"/batch/jobs/{job['job_id']}")).json()["status"] == "completed"


async def test_a_batch_whose_targets_are_all_skipped_is_done(site: Site, as_ada: httpx.AsyncClient):
    skip = [{"attribute": "tier", "operator": "missing"}]
    job = (await as_ada.post("/batch/jobs", json={**BODY, "skip_when": skip})).json()
    assert (job["status"], job["progress"]["percent_complete"]) == ("completed", 100)


async def test_a_batch_may_wait_for_another(site: Site, as_ada: httpx.AsyncClient):
    site.kind.script("a", lambda _context: RuntimeError("no"))
    before = (await as_ada.post("/batch/jobs", json={**BODY, "policy": {"max_attempts": 1}})).json()
    after = {**BODY, "targets": [{"key": "z"}], "policy": {"after": {"batch": before["job_id"]}}}
    job = (await as_ada.post("/batch/jobs", json=after)).json()
    await site.step()
    assert "z" not in site.kind.ran
    assert job["status"] == "queued"


async def test_the_same_key_gives_the_same_batch(site: Site, as_ada: httpx.AsyncClient):
    sent = {"headers": {"Idempotency-Key": "once"}}
    first = await as_ada.post("/batch/jobs", json=BODY, **sent)
    again = await as_ada.post("/batch/jobs", json=BODY, **sent)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await as_ada.get("/batch/jobs")).json()["total"] == 1
    assert (await as_ada.post("/batch/jobs", json={**BODY, "name": "x"}, **sent)).status_code == 409


async def test_everything_that_is_wrong_is_named_at_once(site: Site, as_ada: httpx.AsyncClient):
    stranger = str(uuid4())
    found = await pointers(
        as_ada,
        kind="nosuch",
        targets=[
            {"key": "a"},
            {"key": "a"},
            {"key": "c", "connection": "nowhere"},
            {"instance_id": stranger},
        ],
        instance_ids=["x", stranger],
        instances={"q": "nothing like it"},
        policy={"budget": {"strict": True}, "after": {"batch": "batch_00000000"}},
        skip_when=[{"attribute": "tier", "operator": "in", "value": []}],
        parameters={"long": "x" * 11_000},
    )
    assert set(found) == {
        "/kind",
        "/targets/1",
        "/targets/2/connection",
        "/targets/3/instance_id",
        "/instance_ids/0",
        "/instance_ids/1",
        "/instances",
        "/policy/budget/strict",
        "/policy/after/batch",
        "/skip_when/0/value",
        "/parameters",
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"surprise": 1}, ["/surprise"]),
        ({"targets": []}, ["/targets"]),
        ({"targets": [{}]}, ["/targets/0"]),
        ({"targets": [{"key": ""}]}, ["/targets/0/key"]),
        ({"targets": [{"key": "a\nb"}]}, ["/targets/0/key"]),
        ({"targets": [{"key": "a", "priority": 1001}]}, ["/targets/0/priority"]),
        ({"targets": [{"key": "a", "attributes": {"x": "\0"}}]}, ["/targets/0/attributes/x"]),
        ({"targets": [{"key": "a", "attributes": {"x": 2**70}}]}, ["/targets/0/attributes/x"]),
        ({"targets": [{"key": "a", "attributes": {"x": "y" * 11_000}}]}, ["/targets/0/attributes"]),
        ({"targets": [{"key": "a", "parameters": {"window": "wide"}}]}, ["/targets/0/parameters/window"]),
        ({"targets": [{"instance_id": str(UUID(int=7)), "name": "x"}]}, ["/targets/0"]),
        ({"parameters": {"window": "wide"}}, ["/parameters/window"]),
        ({"policy": {"max_parallel": 0}}, ["/policy/max_parallel"]),
        ({"policy": {"budget": {"percent": 101}}}, ["/policy/budget/percent"]),
        ({"policy": {"attempt_timeout_seconds": -1}}, ["/policy/attempt_timeout_seconds"]),
        ({"policy": {"rate": {"count": 1, "burst": 2}}}, ["/policy/rate/burst"]),
        ({"skip_when": [{"operator": "eq", "value": 1}]}, ["/skip_when/0"]),
        ({"skip_when": [{"attribute": "a", "operator": "matches", "value": "("}]}, ["/skip_when/0/value"]),
        ({"name": "x" * 201}, ["/name"]),
    ],
    ids=lambda value: str(value)[:70],
)
async def test_a_bad_request_changes_nothing(
    site: Site, as_ada: httpx.AsyncClient, body: dict[str, Any], expected: list[str]
):
    assert await pointers(as_ada, **body) == expected


async def test_what_the_kind_finds_wrong_refuses(site: Site, as_ada: httpx.AsyncClient):
    site.kind.findings = [
        Finding("rule", "error", "No such table.", line=2, column=1),
        Finding("w", "warning", "x"),
    ]
    assert await pointers(as_ada) == ["/definition"]


async def test_an_operation_that_never_fits_its_limit_is_refused(site: Site, as_ada: httpx.AsyncClient):
    site.kind.caps = {"b": [Limit("tiny", 1, weight=2)]}
    assert await pointers(as_ada) == ["/targets/1"]


async def test_nobody_uses_what_is_not_theirs(
    site: Site, as_ada: httpx.AsyncClient, as_mallory: httpx.AsyncClient
):
    [hers] = await instances(site, 1)
    job = (await as_ada.post("/batch/jobs", json=BODY)).json()
    answer = await as_mallory.post(
        "/batch/jobs",
        json={
            "kind": "scripted",
            "targets": [{"key": "a", "connection": "amc login"}],
            "instance_ids": [hers],
            "policy": {"after": {"batch": job["job_id"]}},
        },
    )
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/policy/after/batch",
        "/targets/0/connection",
        "/instance_ids/0",
    ]


async def test_a_user_may_have_so_many_unfinished_batches(site: Site, as_ada: httpx.AsyncClient):
    site.services.batches._limits = type(site.services.batches._limits)(unfinished_batches=1)
    assert (await as_ada.post("/batch/jobs", json={**BODY, "draft": True})).status_code == 201
    answer = await as_ada.post("/batch/jobs", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_unfinished")


@pytest.mark.parametrize("name", ["a\0", "\ud800"])
async def test_names_that_cannot_be_stored_are_refused_as_values_are(as_ada: httpx.AsyncClient, name: str):
    for field in ("attributes", "parameters"):
        body = {"kind": "scripted", "targets": [{"key": "a", field: {name: 1}}]}
        # The client itself encodes no lone surrogates.
        sent = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        answer = await as_ada.post("/batch/jobs", **sent)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/targets/0/{field}")
        assert "NUL bytes or broken Unicode" in answer.json()["detail"]
