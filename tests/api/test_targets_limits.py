"""What may run on an instance and when is set with the instance, and its health is read with it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.api.bare_app import Desk, open_desk
from tests.api.test_targets import LOGIN, NEW

NIGHT = {"start": "22:00", "end": "06:00", "timezone": "Europe/Berlin", "days": [6, 7]}
BOUNDS = {"max_parallel": 2, "quiet_hours": [NIGHT]}
WELL = {
    "breaker": "closed",
    "failing_since": None,
    "next_probe_at": None,
    "failure_count": 0,
    "last_error": None,
    "blocked_until": None,
    "quiet_until": None,
    "running": 0,
}


@pytest_asyncio.fixture
async def desk(api_database: Any) -> Any:
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk) -> Any:
    await desk.connections.create("amc", LOGIN, user_id=desk.ada.id)
    async with desk.client(desk.ada) as client:
        yield client


async def made(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/instances", json={**NEW, **more})
    assert answer.status_code == 201
    return answer.json()


def bounds_of(instance: dict[str, Any]) -> dict[str, Any]:
    return {name: instance[name] for name in BOUNDS}


async def test_an_instance_is_unbounded_and_well_at_first(as_ada: httpx.AsyncClient):
    instance = await made(as_ada)
    assert bounds_of(instance) == {"max_parallel": None, "quiet_hours": []}
    assert instance["health"] == WELL


async def test_bounds_are_set_with_the_instance_and_shown_in_every_read(as_ada: httpx.AsyncClient):
    instance = await made(as_ada, **BOUNDS)
    assert bounds_of(instance) == BOUNDS
    found = (await as_ada.get("/instances")).json()["items"]
    looked_up = (await as_ada.post("/instances/lookup", json={"ids": [instance["id"]]})).json()["items"]
    one = (await as_ada.get(f"/instances/{instance['id']}")).json()
    assert [bounds_of(shown) for shown in (*found, *looked_up, one)] == [BOUNDS] * 3


async def test_a_replacement_keeps_the_bounds_it_does_not_name(as_ada: httpx.AsyncClient):
    url = f"/instances/{(await made(as_ada, **BOUNDS))['id']}"
    kept = (await as_ada.put(url, json={**NEW, "name": "New name"})).json()
    assert (kept["name"], bounds_of(kept)) == ("New name", BOUNDS)
    freed = (await as_ada.put(url, json={**NEW, "max_parallel": None})).json()
    assert bounds_of(freed) == {**BOUNDS, "max_parallel": None}


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"max_parallel": 0}, "/max_parallel"),
        ({"quiet_hours": [{**NIGHT, "timezone": "Mars"}]}, "/quiet_hours/0/timezone"),
        ({"quiet_hours": [{**NIGHT, "start": "25:00"}]}, "/quiet_hours/0/start"),
    ],
)
async def test_bad_bounds_are_refused_and_nothing_is_made(
    as_ada: httpx.AsyncClient, given: dict[str, Any], pointer: str
):
    answer = await as_ada.post("/instances", json={**NEW, **given})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await as_ada.get("/instances")).json()["total"] == 0


async def test_a_failing_instance_says_so(as_ada: httpx.AsyncClient, service_database: Any):
    instance = await made(as_ada)
    key = f"target:{instance['id']}"
    async with service_database.transaction() as transaction:
        await transaction._connection.execute(
            "insert into limits (key, guarded, probe_at) values ($1, true, now() + interval '1 h')", key
        )
        await transaction._connection.execute(
            """insert into breakers (key, cause, error, failure_count, opened_at)
               values ($1, 'c', $2, 5, now())""",
            key,
            {"class": "TargetUnavailable", "message": "nobody there"},
        )
    health = (await as_ada.get(f"/instances/{instance['id']}")).json()["health"]
    assert (health["breaker"], health["failure_count"]) == ("open", 5)
    assert health["last_error"] == "nobody there"
    assert health["next_probe_at"] is not None


async def test_setting_a_bound_is_audited(as_ada: httpx.AsyncClient, service_database: Any):
    instance = await made(as_ada, max_parallel=2)
    async with service_database.transaction() as transaction:
        rows = await transaction._connection.fetch(
            "select object, detail from audit where action = 'limits.set'"
        )
    assert [(row["object"], row["detail"]) for row in rows] == [
        (f"target:{instance['id']}", {"max_running": 2})
    ]
