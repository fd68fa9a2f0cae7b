"""Every example that seeds 000 and 001 print, posted, and the answer compared with it field by field."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from fanfold.db.database import SCHEMA
from fanfold.sdk.errors import Permanent
from tests.api.full_app import Site, open_site
from tests.contract.seed_workflow import PARAMETERS, ActedAmc, add_instances, add_workflow


@dataclass
class Stage:
    """A site with a workflow and three instances of ada's."""

    site: Site
    client: httpx.AsyncClient
    workflow_id: str
    instance_ids: list[str]

    async def execute(self, **changes: Any) -> httpx.Response:
        body = {"instance_ids": self.instance_ids, "parameters": PARAMETERS} | changes
        return await self.client.post(f"/workflows/{self.workflow_id}/batch-execute", json=body)

    async def submit(self, **changes: Any) -> str:
        answer = await self.execute(**changes)
        assert answer.status_code == 200, answer.text
        return answer.json()["batch"]["batch_id"]


@pytest_asyncio.fixture
async def stage(clean_url: str) -> AsyncIterator[Stage]:
    async with open_site(clean_url, ActedAmc(), max_batch_size=5) as site, site.client(site.ada) as client:
        yield Stage(site, client, await add_workflow(client), await add_instances(client, 3))


def fail(_context: object) -> Exception:
    return Permanent("AMC refused the query.")


def kind_of(value: Any) -> Any:
    """The shape of a JSON value: field names and types, a list by its first element."""
    if isinstance(value, dict):
        return {name: kind_of(item) for name, item in value.items()}
    if isinstance(value, list):
        return [kind_of(value[0])] if value else []
    return "number" if type(value) in {int, float} else type(value).__name__


def covers(shape: Any, printed: Any) -> bool:
    """Whether a shape has every field of the printed one, of the same type."""
    if isinstance(printed, dict):
        return isinstance(shape, dict) and all(
            name in shape and covers(shape[name], value) for name, value in printed.items()
        )
    if isinstance(printed, list):
        return isinstance(shape, list) and (not printed or (shape and covers(shape[0], printed[0])))
    return shape == printed


def assert_printed(answer: dict[str, Any], printed: dict[str, Any]) -> None:
    """The answer has all that is printed, and nothing unprinted at the top."""
    assert answer.keys() == printed.keys()
    assert covers(kind_of(answer), kind_of(printed)), (kind_of(answer), kind_of(printed))


async def test_batch_execute_answers_as_printed(stage: Stage):
    ids = stage.instance_ids
    answer = await stage.execute(
        instance_parameters={ids[1]: {"customParam": "override_value"}},
        name="Q1 Analysis Batch",
        description="Analyzing Q1 data across all regions",
    )
    assert answer.status_code == 200
    printed = {
        "success": True,
        "batch": {
            "batch_id": "batch_a1b2c3d4",
            "batch_execution_id": "550e8400-e29b-41d4-a716-446655440000",
            "workflow_id": "660e8400-e29b-41d4-a716-446655440000",
            "total_instances": 3,
            "status": "running",
            "executions": [{"instance_id": "uuid1", "execution_id": "exec_12345678", "status": "pending"}],
        },
    }
    assert_printed(answer.json(), printed)
    batch = answer.json()["batch"]
    assert batch.keys() == printed["batch"].keys()
    assert re.fullmatch(r"batch_[0-9a-f]{8}", batch["batch_id"])
    assert UUID(batch["batch_execution_id"])
    assert batch["workflow_id"] == stage.workflow_id
    assert batch["total_instances"] == 3
    assert [execution["instance_id"] for execution in batch["executions"]] == ids
    assert all(re.fullmatch(r"exec_[0-9a-f]{8}", each["execution_id"]) for each in batch["executions"])
    assert {execution["status"] for execution in batch["executions"]} == {"pending"}


async def test_a_workflow_may_be_named_by_its_key(stage: Stage):
    body = {"instance_ids": stage.instance_ids, "parameters": PARAMETERS}
    answer = await stage.client.post("/workflows/revenue/batch-execute", json=body)
    assert answer.json()["batch"]["workflow_id"] == stage.workflow_id


async def test_status_answers_as_printed(stage: Stage):
    batch_id = await stage.submit(name="Q1 Analysis Batch")
    await stage.site.drain()
    answer = await stage.client.get(f"/workflows/batch/{batch_id}/status")
    assert answer.status_code == 200
    printed = {
        "success": True,
        "batch_status": {
            "batch_id": "batch_a1b2c3d4",
            "workflow_id": "660e8400-e29b-41d4-a716-446655440000",
            "name": "Q1 Analysis Batch",
            "status": "running",
            "total_instances": 3,
            "completed_instances": 1,
            "failed_instances": 0,
            "running_instances": 2,
            "pending_instances": 0,
            "started_at": "2024-01-15T10:30:00Z",
            "executions": [
                {
                    "id": "770e8400-e29b-41d4-a716-446655440000",
                    "target_instance_id": "uuid1",
                    "status": "completed",
                    "row_count": 1000,
                    "duration_seconds": 45,
                }
            ],
            "status_counts": {"completed": 1},
        },
    }
    assert_printed(answer.json(), printed)
    status = answer.json()["batch_status"]
    assert status["status"] == "completed"
    assert status["status_counts"] == {"completed": 3}
    assert status["started_at"].endswith("Z")
    assert [each["target_instance_id"] for each in status["executions"]] == stage.instance_ids
    assert [each["row_count"] for each in status["executions"]] == [2, 2, 2]


async def test_status_counts_follow_a_failure(stage: Stage):
    stage.site.kind.script(stage.instance_ids[1], fail)
    batch_id = await stage.submit()
    await stage.site.drain()
    status = (await stage.client.get(f"/workflows/batch/{batch_id}/status")).json()["batch_status"]
    assert status["status"] == "partial"
    assert status["status_counts"] == {"completed": 2, "failed": 1}
    assert (status["completed_instances"], status["failed_instances"]) == (2, 1)
    assert status["executions"][1]["error"] == "AMC refused the query."


async def test_an_unchanged_status_costs_a_304(stage: Stage):
    batch_id = await stage.submit()
    url = f"/workflows/batch/{batch_id}/status"
    etag = (await stage.client.get(url)).headers["ETag"]
    assert (await stage.client.get(url, headers={"If-None-Match": etag})).status_code == 304
    await stage.site.drain()
    assert (await stage.client.get(url, headers={"If-None-Match": etag})).status_code == 200


async def test_results_answer_as_printed(stage: Stage):
    batch_id = await stage.submit()
    await stage.site.drain()
    answer = await stage.client.get(f"/workflows/batch/{batch_id}/results")
    assert answer.status_code == 200
    printed = {
        "success": True,
        "batch_results": {
            "batch_id": "batch_a1b2c3d4",
            "status": "completed",
            "total_instances": 3,
            "completed_instances": 3,
            "failed_instances": 0,
            "instance_results": [
                {
                    "instance_id": "uuid1",
                    "instance_name": "US-East Production",
                    "instance_region": "us-east-1",
                    "execution_id": "exec_12345678",
                    "row_count": 1000,
                    "duration_seconds": 45,
                    "completed_at": "2024-01-15T10:31:00Z",
                }
            ],
            "aggregated_data": {
                "columns": [{"name": "_instance_name", "type": "string"}],
                "rows": [
                    {
                        "_instance_name": "US-East Production",
                        "_instance_id": "uuid1",
                        "metric": 100,
                        "dimension": "value1",
                    }
                ],
                "total_rows": 3000,
            },
        },
    }
    assert_printed(answer.json(), printed)
    results = answer.json()["batch_results"]
    assert results.keys() == printed["batch_results"].keys()
    assert [column["name"] for column in results["aggregated_data"]["columns"]] == [
        "_instance_name", "_instance_id", "metric", "dimension",
    ]  # fmt: skip
    assert [column["type"] for column in results["aggregated_data"]["columns"]] == [
        "string", "string", "number", "string",
    ]  # fmt: skip
    assert results["aggregated_data"]["total_rows"] == 6
    first = results["aggregated_data"]["rows"][0]
    assert first == {
        "_instance_name": "Instance 0",
        "_instance_id": stage.instance_ids[0],
        "metric": 100,
        "dimension": "value1",
    }


async def test_results_are_paged_sorted_and_filtered(stage: Stage):
    batch_id = await stage.submit()
    await stage.site.drain()
    url = f"/workflows/batch/{batch_id}/results"
    wanted = [{"column": "dimension", "op": "eq", "value": "value2"}]
    answer = await stage.client.get(
        url, params={"sort": "-_instance_id", "filter": json.dumps(wanted), "limit": 2, "offset": 1}
    )
    data = answer.json()["batch_results"]["aggregated_data"]
    assert data["total_rows"] == 3
    assert [row["_instance_id"] for row in data["rows"]] == stage.instance_ids[1::-1]


async def test_results_come_as_a_csv_file(stage: Stage):
    batch_id = await stage.submit()
    await stage.site.drain()
    answer = await stage.client.get(f"/workflows/batch/{batch_id}/results", params={"format": "csv"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{batch_id}.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["_instance_name", "_instance_id", "metric", "dimension"]
    assert len(rows) == 7


async def test_results_of_what_completed_are_there_beside_a_failure(stage: Stage):
    stage.site.kind.script(stage.instance_ids[0], fail)
    batch_id = await stage.submit()
    await stage.site.drain()
    results = (await stage.client.get(f"/workflows/batch/{batch_id}/results")).json()["batch_results"]
    assert results["status"] == "partial"
    assert [each["instance_name"] for each in results["instance_results"]] == ["Instance 1", "Instance 2"]
    assert results["aggregated_data"]["total_rows"] == 4


async def test_results_before_the_first_are_an_empty_table(stage: Stage):
    batch_id = await stage.submit()
    results = (await stage.client.get(f"/workflows/batch/{batch_id}/results")).json()["batch_results"]
    assert results["instance_results"] == []
    assert results["aggregated_data"] == {"columns": [], "rows": [], "total_rows": 0}


@pytest.mark.parametrize(
    ("params", "pointer"),
    [
        ({"filter": "nonsense"}, "/filter"),
        ({"sort": "no_such_column"}, "/sort"),
        ({"limit": 10_001}, "/limit"),
        ({"format": "xls"}, "/format"),
    ],
)
async def test_a_bad_question_about_results_is_refused_by_name(
    stage: Stage, params: dict[str, str], pointer: str
):
    batch_id = await stage.submit()
    await stage.site.drain()
    answer = await stage.client.get(f"/workflows/batch/{batch_id}/results", params=params)
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_cancel_answers_as_printed(stage: Stage):
    batch_id = await stage.submit()
    answer = await stage.client.post(f"/workflows/batch/{batch_id}/cancel")
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "message": "Batch execution cancelled successfully"}
    status = (await stage.client.get(f"/workflows/batch/{batch_id}/status")).json()["batch_status"]
    assert status["status"] == "cancelled"
    assert status["status_counts"] == {"cancelled": 3}


async def test_what_has_ended_cannot_be_cancelled(stage: Stage):
    batch_id = await stage.submit()
    await stage.site.drain()
    answer = await stage.client.post(f"/workflows/batch/{batch_id}/cancel")
    assert answer.status_code == 409
    assert answer.json()["code"] == "illegal_transition"
    assert "completed" in answer.json()["detail"]


async def test_list_answers_as_printed(stage: Stage):
    batch_id = await stage.submit(name="Q1 Analysis Batch")
    answer = await stage.client.get("/workflows/batch/list")
    assert answer.status_code == 200
    printed = {
        "success": True,
        "batch_executions": [
            {
                "id": "550e8400-e29b-41d4-a716-446655440000",
                "batch_id": "batch_a1b2c3d4",
                "workflow_id": "660e8400-e29b-41d4-a716-446655440000",
                "name": "Q1 Analysis Batch",
                "status": "completed",
                "total_instances": 3,
                "completed_instances": 3,
                "created_at": "2024-01-15T10:30:00Z",
                "workflows": {"name": "Revenue Analysis", "description": "Quarterly revenue analysis query"},
            }
        ],
        "total": 1,
    }
    assert_printed(answer.json(), printed)
    (listed,) = answer.json()["batch_executions"]
    assert listed["batch_id"] == batch_id
    assert listed["status"] == "pending"
    assert listed["workflows"] == printed["batch_executions"][0]["workflows"]


async def test_the_list_is_filtered_and_paged(stage: Stage):
    other = await add_workflow(stage.client, key="other")
    done = await stage.submit()
    await stage.site.drain()
    waiting = [await stage.submit(), await stage.submit()]

    async def batches(**params: str | int) -> list[str]:
        answer = await stage.client.get("/workflows/batch/list", params=params)
        return [listed["batch_id"] for listed in answer.json()["batch_executions"]]

    assert await batches() == [waiting[1], waiting[0], done]
    assert await batches(status="completed") == [done]
    assert await batches(status="pending", limit=1, offset=1) == [waiting[0]]
    assert await batches(workflow_id=stage.workflow_id, status="completed") == [done]
    assert await batches(workflow_id=other) == []


async def test_every_bad_item_is_named_before_anything_runs(stage: Stage):
    ids = stage.instance_ids
    answer = await stage.execute(
        instance_ids=[ids[0], "nonsense", ids[0]],
        parameters={"customParam": 5, "undeclared": "x"},
        instance_parameters={ids[0]: {"alsoUndeclared": 1}},
    )
    assert answer.status_code == 400
    problem = answer.json()
    pointers = {error["pointer"] for error in problem["errors"]}
    assert {"/instance_ids/1", "/instance_ids/2", "/parameters/undeclared"} <= pointers
    assert f"/instance_parameters/{ids[0]}/alsoUndeclared" in pointers
    assert problem["detail"]
    assert (await stage.client.get("/workflows/batch/list")).json()["total"] == 0


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"instance_ids": []}, "/instance_ids"),
        ({"instance_ids": ["x"] * 6}, "/instance_ids"),
        ({"parameters": {}}, "/parameters/customParam"),
        ({"parameters": {"customParam": "x" * 10_300}}, "/parameters"),
        ({"instance_ids": "x"}, "/instance_ids"),
        ({"surprise": 1}, "/surprise"),
    ],
)
async def test_bad_requests_are_400(stage: Stage, changes: dict[str, Any], pointer: str):
    answer = await stage.execute(**changes)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


async def test_an_instance_of_somebody_else_is_403_and_named(stage: Stage):
    foreign = str(uuid4())
    answer = await stage.execute(instance_ids=[stage.instance_ids[0], foreign])
    assert answer.status_code == 403
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/instance_ids/1"]


async def test_an_unknown_workflow_is_404(stage: Stage):
    body = {"instance_ids": stage.instance_ids, "parameters": PARAMETERS}
    for reference in (str(uuid4()), "nothing"):
        answer = await stage.client.post(f"/workflows/{reference}/batch-execute", json=body)
        assert answer.status_code == 404
        assert "Workflow not found" in answer.json()["detail"]


async def test_somebody_else_finds_neither_workflow_nor_batch(stage: Stage):
    batch_id = await stage.submit()
    async with stage.site.client(stage.site.mallory) as mallory:
        body = {"instance_ids": stage.instance_ids, "parameters": PARAMETERS}
        answers = [
            await mallory.post(f"/workflows/{stage.workflow_id}/batch-execute", json=body),
            await mallory.get(f"/workflows/batch/{batch_id}/status"),
            await mallory.get(f"/workflows/batch/{batch_id}/results"),
            await mallory.post(f"/workflows/batch/{batch_id}/cancel"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert (await mallory.get("/workflows/batch/list")).json()["total"] == 0


async def test_without_a_token_everything_is_401(stage: Stage):
    async with stage.site.client(None) as nobody:
        answer = await nobody.get("/workflows/batch/list")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_submissions_in_a_minute_are_limited(stage: Stage):
    answers = [await stage.execute(instance_ids=stage.instance_ids[:1]) for _ in range(11)]
    assert {answer.status_code for answer in answers[:10]} == {200}
    assert answers[10].status_code == 429
    assert int(answers[10].headers["Retry-After"]) > 0


async def test_a_repeated_idempotency_key_submits_once(stage: Stage, clean_url: str):
    body = {"instance_ids": stage.instance_ids, "parameters": PARAMETERS}
    url, headers = f"/workflows/{stage.workflow_id}/batch-execute", {"Idempotency-Key": "once"}
    first = await stage.client.post(url, json=body, headers=headers)
    again = await stage.client.post(url, json=body, headers=headers)
    assert first.json() == again.json()
    connection = await asyncpg.connect(clean_url, server_settings={"search_path": SCHEMA})
    await connection.execute("update idempotency_keys set status_code = null, response = null")
    await connection.close()
    assert (await stage.client.post(url, json=body, headers=headers)).json() == first.json()
    assert (await stage.client.get("/workflows/batch/list")).json()["total"] == 1
