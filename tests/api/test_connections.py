from __future__ import annotations

import logging
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from fanfold.db.database import SCHEMA
from fanfold.sdk.errors import Permanent
from fanfold.targets.model import Details
from tests.api.bare_app import Desk, open_desk

NEW = {
    "connector": "amc",
    "name": "US login",
    "config": {"host": "h"},
    "secrets": {"refresh_token": "Atzr|s"},
}


@pytest_asyncio.fixture
async def desk(api_database):
    async with open_desk(api_database) as desk:
        yield desk


@pytest_asyncio.fixture
async def as_ada(desk: Desk):
    async with desk.client(desk.ada) as client:
        yield client


@pytest_asyncio.fixture
async def as_mallory(desk: Desk):
    async with desk.client(desk.mallory) as client:
        yield client


@pytest_asyncio.fixture
async def mine(as_ada) -> str:
    return (await as_ada.post("/connections", json=NEW)).json()["id"]


async def test_secrets_go_in_and_never_come_back(as_ada, caplog):
    with caplog.at_level(logging.DEBUG):
        made = await as_ada.post("/connections", json=NEW)
    assert made.status_code == 201
    view = made.json()
    assert {key: view[key] for key in ("connector", "name", "config", "has_secrets")} == {
        "connector": "amc",
        "name": "US login",
        "config": {"host": "h"},
        "has_secrets": True,
    }
    listed = await as_ada.get("/connections")
    shown = await as_ada.get(f"/connections/{view['id']}")
    tested = await as_ada.post(f"/connections/{view['id']}/test")
    for answer in (made, listed, shown, tested):
        assert "Atzr" not in answer.text
    assert "Atzr" not in caplog.text


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"connector": "nosuch"}, ["/connector"]),
        ({"config": {}}, ["/config/host"]),
        ({"config": {"host": "h", "port": "x", "odd": 1}}, ["/config/port", "/config/odd"]),
        ({"secrets": {}}, ["/secrets/refresh_token"]),
        ({"secrets": None}, ["/secrets/refresh_token"]),
        ({"config": {}, "secrets": {"refresh_token": 7}}, ["/config/host", "/secrets/refresh_token"]),
        ({"name": ""}, ["/name"]),
        ({"name": "a\0b"}, ["/name"]),
        ({"config": {"host": "a\0b"}}, ["/config/host"]),
    ],
)
async def test_every_bad_field_is_named(as_ada, changes, pointers):
    answer = await as_ada.post("/connections", json={**NEW, **changes})
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def test_a_refusal_does_not_repeat_the_secret(as_ada):
    answer = await as_ada.post(
        "/connections", json={**NEW, "secrets": {"refresh_token": ["Atzr|x"], "Atzr": "Atzr|y"}}
    )
    assert answer.status_code == 400
    assert "Atzr|" not in answer.text


async def test_a_name_is_there_once(as_ada, as_mallory, mine):
    again = await as_ada.post("/connections", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "connection_name_taken")
    assert (await as_mallory.post("/connections", json=NEW)).status_code == 201


async def test_a_connection_can_be_replaced(as_ada, mine):
    edit = {"name": "EU login", "config": {"host": "eu"}}
    answer = await as_ada.put(f"/connections/{mine}", json=edit)
    assert answer.json()["name"] == "EU login"
    assert answer.json()["has_secrets"] is True


async def test_a_replaced_secret_is_gone(as_ada, mine, clean_url):
    edit = {"name": "x", "config": {"host": "h"}, "secrets": {"refresh_token": "new"}}
    await as_ada.put(f"/connections/{mine}", json=edit)
    connection = await asyncpg.connect(clean_url, server_settings={"search_path": SCHEMA})
    assert await connection.fetchval("select count(*) from secrets") == 1
    await as_ada.delete(f"/connections/{mine}")
    assert await connection.fetchval("select count(*) from secrets") == 0
    await connection.close()


@pytest.mark.parametrize("error", [None, Permanent("The refresh token was revoked.", hint="Log in again.")])
async def test_a_probe_tells_at_which_step_it_failed(desk: Desk, as_ada, mine, error):
    desk.connector.probe_error = error
    report = (await as_ada.post(f"/connections/{mine}/test")).json()
    if error is None:
        assert report == {
            "ok": True,
            "failed_step": None,
            "message": "The connection works.",
            "hint": None,
        }
    else:
        assert report == {
            "ok": False,
            "failed_step": "call",
            "message": "The refresh token was revoked.",
            "hint": "Log in again.",
        }
    assert desk.connector.clients[-1].closed


async def test_a_probe_names_an_opening_that_fails(desk: Desk, as_ada, mine):
    desk.connector.open_error = ConnectionRefusedError(111, "Connection refused")
    report = (await as_ada.post(f"/connections/{mine}/test")).json()
    assert report["failed_step"] == "connect"
    assert report["message"] == "The network says: Connection refused."


async def test_a_used_connection_cannot_be_deleted(desk: Desk, as_ada, mine):
    details = Details("amc1", "One", "us-east-1", "ENTITY1", "ATVPDKIKX0DER")
    instance = await desk.instances.create(details, user_id=desk.ada.id)
    answer = await as_ada.delete(f"/connections/{mine}")
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_in_use")
    await desk.instances.delete(instance.id, user_id=desk.ada.id)
    assert (await as_ada.delete(f"/connections/{mine}")).status_code == 204
    assert (await as_ada.get(f"/connections/{mine}")).status_code == 404


async def test_nobody_reaches_anothers_connection(as_ada, as_mallory, mine):
    edit = {"name": "stolen", "config": {"host": "evil"}}
    answers = [
        await as_mallory.get(f"/connections/{mine}"),
        await as_mallory.put(f"/connections/{mine}", json=edit),
        await as_mallory.post(f"/connections/{mine}/test"),
        await as_mallory.delete(f"/connections/{mine}"),
        await as_mallory.get(f"/connections/{uuid4()}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await as_mallory.get("/connections")).json()["items"] == []
    assert (await as_ada.get(f"/connections/{mine}")).json()["name"] == "US login"


async def test_a_repeated_creation_makes_one(as_ada):
    headers = {"Idempotency-Key": "once"}
    answers = [await as_ada.post("/connections", json=NEW, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (await as_ada.get("/connections")).json()["total"] == 1
