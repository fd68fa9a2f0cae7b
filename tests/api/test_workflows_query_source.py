"""Where a batch's query comes from: frozen with it, previewed, and refused where it cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from fanfold.sdk.context import Context
from fanfold.sdk.outcome import Outcome
from tests.api.full_app import Site, open_site
from tests.contract.seed_workflow import PARAMETERS, ActedAmc, add_instances, add_workflow

LISTED = "SELECT c, COUNT(*) AS n FROM (VALUES (CUSTOM_PARAMETER('cs'))) AS w (c) GROUP BY 1"


class Noting(ActedAmc):
    """Keeps where its queries came from."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[Any] = []

    async def run(self, context: Context) -> Outcome:
        self.sources.append(context.definition.get("query_source"))
        return await super().run(context)


@pytest_asyncio.fixture
async def site(clean_url: str) -> AsyncIterator[Site]:
    kind: Any = Noting()
    async with open_site(clean_url, kind) as site:
        yield site


async def execute(client: Any, body: dict[str, Any], *, verb: str = "batch-execute") -> Any:
    return await client.post(f"/workflows/revenue/{verb}", json=body)


@pytest.mark.parametrize("source", ["saved", "save_first"])
async def test_what_was_asked_for_is_what_the_kind_gets(site: Site, source: str):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        body = {"instance_ids": await add_instances(client, 1), "parameters": PARAMETERS}
        for asked in (body, body | {"query_source": source}):
            assert (await execute(client, asked)).status_code == 200
        await site.drain()
        assert site.kind.sources == [None, source]


async def test_a_preview_is_bound_to_where_the_query_comes_from(site: Site):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        body = {"instance_ids": await add_instances(client, 1), "parameters": PARAMETERS}
        preview = (await execute(client, body | {"query_source": "saved"}, verb="preview")).json()["preview"]
        other = await execute(client, body | {"preview": preview})
        assert other.status_code == 409, other.text
        same = await execute(client, body | {"preview": preview, "query_source": "saved"})
        assert same.status_code == 200, same.text


async def test_a_source_that_nobody_knows_is_refused_by_name(site: Site):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        body = {"instance_ids": await add_instances(client, 1), "parameters": PARAMETERS}
        answer = await execute(client, body | {"query_source": "console"})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "/query_source"


async def test_what_a_rule_of_the_body_lacks_is_said_in_our_own_words(site: Site):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        rule = {"when": {"region": "eu-west-1"}, "set": {"label": "x"}, "skip": "y"}
        body = {"instance_ids": await add_instances(client, 1), "parameters": PARAMETERS, "rules": [rule]}
        assert (await execute(client, body)).json()["errors"] == [
            {"pointer": "/rules/0", "message": "0: A rule has either `set` or `skip`."}
        ]


async def test_a_list_that_fills_values_cannot_be_saved_and_says_so_before_anything_runs(site: Site):
    async with site.client(site.ada) as client:
        draft = {
            "key": "revenue",
            "name": "Listed",
            "sql_query": LISTED,
            "parameters": [{"name": "cs", "data_type": "ARRAY<STRING>", "required": True}],
        }
        made = await client.post("/workflows", json=draft)
        assert made.status_code == 201, made.text
        body = {
            "instance_ids": await add_instances(client, 1),
            "parameters": {"cs": ["a"], "timeWindowType": "PREVIOUS_MONTH"},
        }
        refused = await execute(client, body | {"query_source": "save_first"})
        assert refused.status_code == 400, refused.text
        (error,) = refused.json()["errors"]
        assert error["pointer"] == "/parameters/cs"
        assert "inline" in error["message"]
        assert (await client.get("/batch/jobs")).json()["items"] == []
        assert (await execute(client, body)).status_code == 200
