"""Windows and rules through contract A: one batch over instances and weeks, with honest names everywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site, open_site
from tests.contract.seed_workflow import ActedAmc, add_instances, add_workflow

WEEKS = {"every": "week", "from": "2026-01-05", "to": "2026-01-18"}


@dataclass
class Stage:
    """A site with a workflow and two instances of ada's."""

    site: Site
    client: httpx.AsyncClient
    workflow_id: str
    ids: list[str]

    async def submit(self, **changes: Any) -> dict[str, Any]:
        body = {"instance_ids": self.ids, "parameters": {"customParam": "value"}, "windows": WEEKS} | changes
        answer = await self.client.post(f"/workflows/{self.workflow_id}/batch-execute", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["batch"]

    async def read(self, batch_id: str, noun: str) -> dict[str, Any]:
        answer = await self.client.get(f"/workflows/batch/{batch_id}/{noun}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def stage(clean_url: str) -> AsyncIterator[Stage]:
    async with open_site(clean_url, ActedAmc(), max_batch_size=2) as site, site.client(site.ada) as client:
        yield Stage(site, client, await add_workflow(client), await add_instances(client, 2))


def fail(_context: object) -> Exception:
    return Permanent("AMC refused the query.")


async def test_each_instance_runs_once_for_each_week_and_says_which(stage):
    batch = await stage.submit()
    assert batch["total_instances"] == 4
    assert [each["instance_id"] for each in batch["executions"]] == stage.ids * 2
    stage.site.kind.script(f"{stage.ids[1]}|2026-W02", fail)
    await stage.site.drain()
    status = (await stage.read(batch["batch_id"], "status"))["batch_status"]
    assert status["status"] == "partial"
    shown = {each["instance_name"]: each["status"] for each in status["executions"]}
    names = sorted({name.partition(" · ")[0] for name in shown})
    assert shown == {
        f"{names[0]} · 2026-W02": "completed",
        f"{names[1]} · 2026-W02": "failed",
        f"{names[0]} · 2026-W03": "completed",
        f"{names[1]} · 2026-W03": "completed",
    }
    results = (await stage.read(batch["batch_id"], "results"))["batch_results"]
    assert results["aggregated_data"]["total_rows"] == 6
    assert {row["_instance_name"] for row in results["aggregated_data"]["rows"]} == {
        name for name, state in shown.items() if state == "completed"
    }


async def test_each_week_runs_with_its_own_edges(stage):
    ran: dict[str, tuple[str, str]] = {}
    for instance in stage.ids:
        for week in ("2026-W02", "2026-W03"):
            stage.site.kind.script(
                f"{instance}|{week}",
                lambda context: (
                    ran.update(
                        {context.target.key: (context.parameters["startDate"], context.parameters["endDate"])}
                    )
                    or Permanent("seen")
                ),
            )
    await stage.submit()
    await stage.site.drain()
    assert ran == {
        f"{instance}|{week}": edges
        for instance in stage.ids
        for week, edges in (
            ("2026-W02", ("2026-01-05", "2026-01-11")),
            ("2026-W03", ("2026-01-12", "2026-01-18")),
        )
    }


async def test_a_rule_leaves_an_instance_out_and_the_batch_completes(stage):
    rules = [{"when": {"instance": stage.ids[0]}, "skip": "has no data"}]
    batch = await stage.submit(rules=rules, windows=None)
    await stage.site.drain()
    status = (await stage.read(batch["batch_id"], "status"))["batch_status"]
    assert status["status"] == "completed"
    results = (await stage.read(batch["batch_id"], "results"))["batch_results"]
    assert [each["instance_id"] for each in results["instance_results"]] == [stage.ids[1]]
