"""`BatchExecutionService`: the seven methods of seed 001."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from fanfold.batches.errors import BatchNotFound
from fanfold.sdk.errors import BadInput
from fanfold.workflows import BatchExecutionService
from tests.api.full_app import Site, open_site
from tests.contract.seed_workflow import PARAMETERS, ActedAmc, add_instances, add_workflow


@pytest_asyncio.fixture
async def site(clean_url: str) -> AsyncIterator[Site]:
    async with open_site(clean_url, ActedAmc()) as site:
        yield site


@pytest_asyncio.fixture
async def ids(site: Site) -> tuple[str, list[str]]:
    async with site.client(site.ada) as client:
        return await add_workflow(client), await add_instances(client, 3)


@pytest.fixture
def service(site: Site) -> BatchExecutionService:
    return site.services.batch_executions.acting_for(site.ada.id)


def test_a_batch_id_has_the_printed_form(service: BatchExecutionService):
    assert re.fullmatch(r"batch_[0-9a-f]{8}", service.generate_batch_id())


async def test_execute_batch_returns_what_is_printed(
    service: BatchExecutionService, ids: tuple[str, list[str]]
):
    workflow_id, instance_ids = ids
    batch = await service.execute_batch(
        workflow_id=workflow_id,
        instance_ids=instance_ids,
        parameters=PARAMETERS,
        name="January Performance Analysis",
    )
    assert batch.keys() == {
        "batch_id", "batch_execution_id", "workflow_id", "total_instances", "status", "executions",
    }  # fmt: skip
    assert batch["workflow_id"] == workflow_id
    assert [execution["instance_id"] for execution in batch["executions"]] == instance_ids


async def test_create_batch_execution_returns_the_record(
    site: Site, service: BatchExecutionService, ids: tuple[str, list[str]]
):
    workflow_id, instance_ids = ids
    overrides = {instance_ids[1]: {"customParam": "other"}}
    record = await service.create_batch_execution(
        workflow_id=workflow_id,
        instance_ids=instance_ids,
        parameters=PARAMETERS,
        instance_parameters=overrides,
        name="Q1",
        description="all regions",
        user_id=str(site.ada.id),
    )
    columns = {
        "id", "batch_id", "workflow_id", "name", "description", "instance_ids", "base_parameters",
        "instance_parameters", "status", "total_instances", "completed_instances", "failed_instances",
        "user_id", "started_at", "completed_at", "created_at", "updated_at",
    }  # fmt: skip
    assert record.keys() == columns
    assert record["instance_ids"] == instance_ids
    assert record["base_parameters"] == PARAMETERS
    assert record["instance_parameters"] == overrides
    assert (record["name"], record["description"]) == ("Q1", "all regions")
    assert record["user_id"] == str(site.ada.id)


async def test_status_results_and_list_follow_the_batch(
    site: Site, service: BatchExecutionService, ids: tuple[str, list[str]]
):
    workflow_id, instance_ids = ids
    batch = await service.execute_batch(workflow_id, instance_ids, parameters=PARAMETERS)
    assert (await service.get_batch_status(batch["batch_id"]))["status"] == "pending"
    await site.drain()
    status = await service.get_batch_status(batch["batch_id"])
    assert (status["status"], status["completed_instances"]) == ("completed", 3)
    results = await service.get_batch_results(batch["batch_id"])
    assert results["aggregated_data"]["total_rows"] == 6
    (listed,) = await service.list_batch_executions(workflow_id=workflow_id, status="completed")
    assert listed["batch_id"] == batch["batch_id"]
    assert await service.list_batch_executions(status="failed") == []


async def test_a_cancel_says_whether_there_was_something_to_cancel(
    service: BatchExecutionService, ids: tuple[str, list[str]], site: Site
):
    workflow_id, instance_ids = ids
    first = await service.execute_batch(workflow_id, instance_ids, parameters=PARAMETERS)
    assert await service.cancel_batch_execution(first["batch_id"]) is True
    second = await service.execute_batch(workflow_id, instance_ids, parameters=PARAMETERS)
    await site.drain()
    assert await service.cancel_batch_execution(second["batch_id"]) is False


async def test_a_batch_of_somebody_else_is_not_found(
    site: Site, service: BatchExecutionService, ids: tuple[str, list[str]]
):
    workflow_id, instance_ids = ids
    batch = await service.execute_batch(workflow_id, instance_ids, parameters=PARAMETERS)
    with pytest.raises(BatchNotFound):
        await service.get_batch_status(batch["batch_id"], user_id=site.mallory.id)
    assert await service.list_batch_executions(user_id=site.mallory.id) == []


async def test_somebody_must_act(site: Site):
    with pytest.raises(BadInput, match="for whom"):
        await site.services.batch_executions.get_batch_status(str(uuid4()))
