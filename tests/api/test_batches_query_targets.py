"""Targets that a database knows."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio

from fanfold.connections.model import Draft
from fanfold.connectors.postgres import PostgresConnector
from fanfold.connectors.postgres.addresses import database_rules
from tests.api.full_app import Site
from tests.conformance.test_postgres_connector import LOOPBACK, over_tcp


@pytest_asyncio.fixture
async def warehouse(site: Site, database_url: str):
    """A connection of ada's named `warehouse`."""
    connectors: Any = site.services.catalog.connectors
    connectors["postgres"] = PostgresConnector(database_rules(LOOPBACK))
    async with over_tcp(database_url) as (config, secrets):
        password = {"password": secrets.password.get_secret_value()}
        login = Draft("warehouse", config.model_dump(), password)
        yield await site.services.connections.create("postgres", login, user_id=site.ada.id)


async def pointers(client: httpx.AsyncClient, **query: str) -> dict[str, str]:
    answer = await client.post("/batch/jobs", json={"kind": "scripted", "query": query})
    assert answer.status_code == 400, answer.text
    return {error["pointer"]: error["message"] for error in answer.json()["errors"]}


@pytest.mark.usefixtures("warehouse")
async def test_each_row_of_a_query_is_a_target(site: Site, as_ada: httpx.AsyncClient):
    statement = """
        select * from (values ('a', 'Table A', 3, 'sales'), ('b', null, 9, 'hr'))
          t(table_name, name, "parameters.window", schema)"""
    body = {"kind": "scripted", "query": {"connection": "warehouse", "sql": statement}}
    answer = await as_ada.post("/batch/jobs/preview", json=body)
    assert answer.status_code == 200, answer.text
    first, second = answer.json()["operations"]
    assert (first["key"], first["name"], first["parameters"]) == ("a", "Table A", {"window": 3})
    assert (second["name"], second["attributes"]) == ("b", {"schema": "hr"})
    assert (await as_ada.post("/batch/jobs", json=body)).status_code == 201


@pytest.mark.usefixtures("warehouse")
async def test_duplicates_that_a_query_returns_are_named(site: Site, as_ada: httpx.AsyncClient):
    found = await pointers(
        as_ada, connection="warehouse", sql="select unnest(array['a', 'b', 'a', 'b']) as key"
    )
    assert found == {
        "/query/rows/3": "a is in the list already, at /query/rows/1.",
        "/query/rows/4": "b is in the list already, at /query/rows/2.",
    }


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("statement", "pointer"),
    [
        ("select 1 where false", "/query"),
        ("delete from fanfold.batches returning batch_id as key", "/query"),
        ("select 'a' as key, 'b' as key", "/query"),
        ("select null as key", "/query/rows/1"),
        ("selec", "/query"),
    ],
)
async def test_a_query_that_gives_no_targets_is_refused(
    site: Site, as_ada: httpx.AsyncClient, statement: str, pointer: str
):
    assert pointer in await pointers(as_ada, connection="warehouse", sql=statement)


@pytest.mark.usefixtures("warehouse")
async def test_nobody_asks_through_a_connection_that_is_not_theirs(site: Site, as_mallory: httpx.AsyncClient):
    found = await pointers(as_mallory, connection="warehouse", sql="select 'a' as key")
    assert found == {"/query/connection": "There is no connection 'warehouse'."}
