"""Saving workflows on AMC over the API: a batch does it, and each instance's state is known afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from fanfold.kinds.amc_workflow import AmcWorkflowSync
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Outcome
from tests.api.full_app import Site, SiteKind, open_site
from tests.contract.seed_workflow import ActedAmc, add_instances, add_workflow


class ActedSync(SiteKind):
    """Keeps in memory what AMC would."""

    name = "amc.workflow.sync"
    parameters = AmcWorkflowSync.parameters

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, int] = {}
        self.gone: set[str] = set()

    async def run(self, context: Context) -> Outcome:
        key, version = context.target.key, int(context.definition["version"])
        if key in self.gone:
            raise Permanent("AMC refused to show the workflow (403).")
        before = self.kept.get(key)
        state = "missing" if before is None else "in_step" if before == version else "differs"
        if context.parameters["action"] == "save":
            self.kept[key] = version
            state = {"missing": "created", "differs": "updated"}.get(state, state)
        return Completed({"state": state, "version": version, "difference": "-old" * (state == "differs")})


@pytest_asyncio.fixture
async def site(clean_url: str) -> AsyncIterator[Site]:
    async with open_site(clean_url, ActedSync()) as site:
        kinds: Any = site.services.catalog.kinds
        kinds["amc.workflow"] = ActedAmc()
        yield site


async def sync(client: httpx.AsyncClient, ids: list[str], **more: Any) -> httpx.Response:
    return await client.post("/workflows/revenue/sync", json={"instance_ids": ids, **more})


async def states(client: httpx.AsyncClient) -> dict[str, tuple[str, int | None]]:
    answer = (await client.get("/workflows/revenue/sync")).json()
    return {each["instance_id"]: (each["state"], each["version"]) for each in answer["instances"]}


async def test_each_instance_is_known_to_be_in_step_behind_or_out_of_reach(site: Site):
    async with site.client(site.ada) as client:
        workflow, ids = await add_workflow(client), await add_instances(client, 3)
        shown = (await client.get(f"/workflows/{workflow}")).json()
        assert await states(client) == {}
        site.kind.gone.add(ids[2])

        started = await sync(client, ids)
        assert started.status_code == 202, started.text
        assert started.json()["saved_id"] == f"ff_{workflow.replace('-', '')}"
        assert set(await states(client)) == set(ids)
        assert {state for state, _ in (await states(client)).values()} == {"at_work"}
        await site.drain()
        found = await states(client)
        assert found == {ids[0]: ("in_step", 1), ids[1]: ("in_step", 1), ids[2]: ("unreachable", None)}
        answer = (await client.get("/workflows/revenue/sync")).json()
        (error,) = [each["error"] for each in answer["instances"] if each["error"]]
        assert "403" in error

        edit = {key: shown[key] for key in ("key", "name", "parameters")}
        saved = await client.put("/workflows/revenue", json={**edit, "sql_query": f"{shown['sql_query']}\n"})
        assert saved.status_code == 200, saved.text
        assert (await states(client))[ids[0]] == ("behind", 1)
        await sync(client, ids[:1])
        await sync(client, ids[1:2], compare_only=True)
        await site.drain()
        assert await states(client) == {
            ids[0]: ("in_step", 2), ids[1]: ("differs", 2), ids[2]: ("unreachable", None),
        }  # fmt: skip


async def test_saving_is_no_run_of_the_workflow(site: Site):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        await sync(client, await add_instances(client, 1))
        assert (await client.get("/workflows/revenue")).json()["last_batch"] is None
        assert (await client.get("/workflows/batch/list")).json()["batch_executions"] == []
        (job,) = (await client.get("/batch/jobs")).json()["items"]
        assert (job["kind"], job["name"]) == ("amc.workflow.sync", "Save Revenue Analysis on AMC")


async def test_instances_and_workflows_of_others_are_refused(site: Site):
    async with site.client(site.ada) as client, site.client(site.mallory) as mallory:
        await add_workflow(client)
        ids = await add_instances(client, 1)
        assert (await sync(mallory, ids)).status_code == 404
        assert (await mallory.get("/workflows/revenue/sync")).status_code == 404
        await add_workflow(mallory)
        assert (await sync(mallory, ids)).status_code == 403
        assert (await sync(client, [])).status_code == 400
        assert (await sync(client, ["nonsense"])).status_code == 400


async def test_the_same_request_twice_is_one_batch(site: Site):
    async with site.client(site.ada) as client:
        await add_workflow(client)
        body = {"instance_ids": await add_instances(client, 1)}
        ask = {"json": body, "headers": {"Idempotency-Key": "one"}}
        first = await client.post("/workflows/revenue/sync", **ask)
        second = await client.post("/workflows/revenue/sync", **ask)
        assert first.json() == second.json()
