"""Contract A takes the policy of any other batch, checks it with the rest, and binds it in previews."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site, open_site
from tests.contract.seed_workflow import PARAMETERS, ActedAmc, add_instances, add_workflow

POLICY: dict[str, Any] = {
    "max_parallel": 2,
    "priority": 7,
    "budget": {"count": 1, "strict": True},
    "rate": {"count": 30, "per_seconds": 60},
    "quiet_hours": [{"start": "22:00", "end": "22:01", "timezone": "Europe/Berlin", "days": [6, 7]}],
    "waves": {"sizes": [1], "tolerated": 1},
    "sequential": True,
    "lock": "exclusive",
    "max_attempts": 5,
    "backoff_seconds": 7.0,
    "attempt_timeout_seconds": 60.0,
    "operation_timeout_seconds": 120.0,
    "batch_timeout_seconds": 3600.0,
}


@dataclass
class Stage:
    """A site with a workflow and three instances of ada's."""

    site: Site
    client: httpx.AsyncClient
    workflow_id: str
    ids: list[str]

    async def send(self, route: str, **changes: Any) -> httpx.Response:
        body = {"instance_ids": self.ids, "parameters": PARAMETERS} | changes
        return await self.client.post(f"/workflows/{self.workflow_id}/{route}", json=body)

    async def submit(self, **changes: Any) -> dict[str, Any]:
        answer = await self.send("batch-execute", **changes)
        assert answer.status_code == 200, answer.text
        return (await self.client.get(f"/batch/jobs/{answer.json()['batch']['batch_id']}")).json()


@pytest_asyncio.fixture
async def stage(clean_url: str) -> AsyncIterator[Stage]:
    async with open_site(clean_url, ActedAmc()) as site, site.client(site.ada) as client:
        yield Stage(site, client, await add_workflow(client), await add_instances(client, 3))


async def test_a_batch_of_a_workflow_runs_as_it_was_asked_to(stage: Stage):
    shown = (await stage.submit(policy=POLICY))["policy"]
    assert {name: shown[name] for name in ("priority", "sequential", "lock", "max_attempts", "waves")} == {
        name: POLICY[name] for name in ("priority", "sequential", "lock", "max_attempts", "waves")
    }
    assert (shown["budget"]["count"], shown["budget"]["strict"]) == (1, True)
    assert (shown["rate"]["count"], shown["rate"]["per_seconds"]) == (30, 60)
    assert (shown["batch_timeout_seconds"], shown["backoff_seconds"]) == (3600, 7)


async def test_what_is_not_said_is_as_the_installation_has_it(stage: Stage):
    said, unsaid = await stage.submit(policy={"priority": 3}), await stage.submit()
    assert said["policy"] == unsaid["policy"] | {"priority": 3}


async def test_the_first_failure_stops_the_rest_of_a_sequential_batch(stage: Stage):
    stage.site.kind.script(stage.ids[0], lambda _: Permanent("AMC refused the query."))
    job = await stage.submit(policy={"sequential": True, "stop_on_error": True})
    await stage.site.drain()
    stopped = (await stage.client.get(f"/batch/jobs/{job['job_id']}")).json()
    assert [wait["cause"] for wait in stopped["waiting_for"]][:1] == ["stopped"]


async def test_a_batch_waits_for_the_one_that_it_names(stage: Stage):
    first = await stage.submit()
    second = await stage.submit(policy={"after": {"batch": first["job_id"]}})
    assert [wait["cause"] for wait in second["waiting_for"]] == ["after"]


async def test_a_policy_that_makes_no_sense_is_named_with_all_that_is_wrong(stage: Stage):
    bad = {"budget": {"strict": True}, "after": {"batch": "batch_00000000"}}
    for route in ("batch-execute", "preview"):
        answer = await stage.send(route, policy=bad, parameters={}, name="x" * 300)
        assert answer.status_code == 400
        pointers = {problem["pointer"] for problem in answer.json()["errors"]}
        assert {"/policy/budget/strict", "/policy/after/batch", "/name"} <= pointers


async def test_a_preview_binds_the_policy_too(stage: Stage):
    preview = (await stage.send("preview", policy={"priority": 3})).json()["preview"]
    changed = await stage.send("batch-execute", policy={"priority": 4}, preview=preview)
    assert (changed.status_code, changed.json()["code"]) == (409, "preview_stale")
    assert "policy" in changed.json()["detail"]
    assert (await stage.submit(policy={"priority": 3}, preview=preview))["policy"]["priority"] == 3
