"""The Python examples of the batch execution system's documentation, word for word, on a running Fanfold.

API, worker and simulator are processes of their own; the service in this process is the one that the
documentation constructs. Only the names that the text leaves open are given: package, ids, placeholders.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from fanfold.cli.folder import with_keys
from fanfold.cli.simulated import list_simulated, register_simulated
from fanfold.client import AsyncClient
from fanfold.db.embedded import EmbeddedServer
from fanfold.kit.ids import uuid7
from fanfold.settings import load_settings
from fanfold.web.app import create_app
from fanfold.web.services import Services, open_services
from fanfold.workflows import BatchExecutionService
from fanfold.workflows.model import Draft, Parameter
from tests.acceptance.running import Running

pytestmark = pytest.mark.timeout(200)

USER = UUID("770e8400-e29b-41d4-a716-446655440000")
WORKFLOW = UUID("660e8400-e29b-41d4-a716-446655440000")
INSTANCES = [UUID(f"550e8400-e29b-41d4-a716-44665544000{number}") for number in (1, 2, 3)]
QUERY = """
SELECT campaign, CUSTOM_PARAMETER('aggregationLevel') AS level, CUSTOM_PARAMETER('metric') AS metric,
       CUSTOM_PARAMETER('window') AS days, SUM(impressions) AS impressions
FROM dsp_impressions
GROUP BY campaign
"""
PARAMETERS = (
    Parameter("aggregationLevel", "STRING", default="monthly"),
    Parameter("metric", "STRING", default="reach"),
    Parameter("window", "INTEGER", default=1),
)

BASIC = """
# Python backend example
from amc_manager.services.batch_execution_service import BatchExecutionService

service = BatchExecutionService()

# Execute workflow across multiple instances
result = await service.execute_batch(
    workflow_id="660e8400-e29b-41d4-a716-446655440000",
    instance_ids=[
        "550e8400-e29b-41d4-a716-446655440001",
        "550e8400-e29b-41d4-a716-446655440002",
        "550e8400-e29b-41d4-a716-446655440003"
    ],
    parameters={
        "startDate": "2024-01-01",
        "endDate": "2024-01-31",
        "aggregationLevel": "daily"
    },
    name="January Performance Analysis",
    user_id="770e8400-e29b-41d4-a716-446655440000"
)

print(f"Batch ID: {result['batch_id']}")
"""

OVERRIDES = """
# Override parameters for specific instances
result = await service.execute_batch(
    workflow_id=workflow_id,
    instance_ids=instance_ids,
    parameters={
        "metric": "revenue",
        "window": 7
    },
    instance_parameters={
        "instance_uuid_2": {
            "window": 14  # Override window for this instance
        },
        "instance_uuid_3": {
            "metric": "profit"  # Different metric for this instance
        }
    }
)
"""

MONITORING = """
# Monitor batch execution
status = await service.get_batch_status("batch_a1b2c3d4")

print(f"Status: {status['status']}")
print(f"Progress: {status['completed_instances']}/{status['total_instances']}")

# Cancel if needed
if status['status'] == 'running':
    cancelled = await service.cancel_batch_execution("batch_a1b2c3d4")
    print(f"Cancelled: {cancelled}")
"""

IDENTIFIER = """
batch_id = service.generate_batch_id()
# Returns: "batch_a1b2c3d4"
"""


@pytest.fixture
def _printed_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is made in this process have the ids that are printed."""
    for module, ids in (
        ("fanfold.access.service", [USER]),
        ("fanfold.workflows.service", [WORKFLOW]),
        ("fanfold.targets.service", INSTANCES),
    ):
        known = iter(ids)
        monkeypatch.setattr(f"{module}.uuid7", lambda known=known: next(known, None) or uuid7())


@asynccontextmanager
async def opened(fanfold: Running) -> AsyncIterator[Services]:
    """Open the services over the database of the running Fanfold."""
    folder = fanfold.log.with_suffix("")
    server = EmbeddedServer(folder)
    url = await server.start()
    try:
        settings = load_settings(data_dir=folder).with_values("database", url=SecretStr(url), pool_size=3)
        async with open_services(with_keys(settings, make=False)) as services:
            yield services
    finally:
        server.stop()


async def prepared(services: Services, fanfold: Running) -> str:
    """Make the printed user, workflow and instances, and return the user's token."""
    user = await services.access.add_user("printed")
    draft = Draft("revenue", "Revenue Analysis", QUERY, parameters=PARAMETERS)
    workflow = await services.workflows.create(draft, user_id=user.id)
    token = services.access.issue_token(user)
    inside = httpx.ASGITransport(app=create_app(services))
    async with AsyncClient("http://fanfold.test", token, transport=inside) as client:
        offered = await list_simulated(str(fanfold.ready["simulator_url"]))
        await register_simulated(client, offered[:3])
        known = {one.id async for one in client.instances.list()}
    assert (user.id, workflow.id, known) == (USER, WORKFLOW, set(INSTANCES))
    return token


def as_printed(service: BatchExecutionService) -> ModuleType:
    """Return a module of the printed name, whose class is made without arguments."""
    module: Any = ModuleType("amc_manager.services.batch_execution_service")
    module.BatchExecutionService = lambda: service
    return module


async def run(text: str, **names: Any) -> dict[str, Any]:
    """Run a printed text, which awaits at its top, and return the names that it leaves."""
    body = textwrap.indent(text, "    ")
    space = dict(names)
    # The names are locals of a function, because only there may a text await.
    exec(f"async def printed(space):\n{body}\n    space.update(locals())", space)  # noqa: S102 -- our own text
    await space["printed"](space)
    return space


@pytest.mark.usefixtures("_printed_ids")
async def test_the_printed_examples_run(
    healthy: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    async with opened(healthy) as services:
        token = await prepared(services, healthy)
        service = services.batch_executions.acting_for(USER)
        module = as_printed(service)
        for name in ("amc_manager", "amc_manager.services", module.__name__):
            monkeypatch.setitem(sys.modules, name, module)

        left = await run(BASIC)
        assert left["result"].keys() == {
            "batch_id", "batch_execution_id", "workflow_id", "total_instances", "status", "executions",
        }  # fmt: skip
        assert capsys.readouterr().out == f"Batch ID: {left['result']['batch_id']}\n"
        async with AsyncClient(healthy.url, token) as client:
            job = await (await client.batches.get(left["result"]["batch_id"])).wait(timeout=120)
        assert (job.status.word, job.name) == ("completed", "January Performance Analysis")
        told = await service.get_batch_results(job.job_id)
        assert len(told["instance_results"]) == 3

        overriding = OVERRIDES.replace("instance_uuid_2", str(INSTANCES[1]))
        overriding = overriding.replace("instance_uuid_3", str(INSTANCES[2]))
        monkeypatch.setattr("fanfold.batches.submitting.new_batch_id", lambda: "batch_a1b2c3d4")
        ids = [str(each) for each in INSTANCES]
        await run(overriding, service=service, workflow_id=str(WORKFLOW), instance_ids=ids)
        async with AsyncClient(healthy.url, token) as client:
            batch = await client.batches.get("batch_a1b2c3d4")
            await batch.wait(timeout=120)
            table = await batch.results().groups("_instance_id", "metric", "days")
        given = {(row["_instance_id"], row["metric"], row["days"]) for row in table.rows}
        assert given == {(ids[0], "revenue", 7), (ids[1], "revenue", 14), (ids[2], "profit", 7)}

        await run(MONITORING, service=service)
        assert capsys.readouterr().out == "Status: completed\nProgress: 3/3\n"
        named = await run(IDENTIFIER, service=service)
        assert re.fullmatch(r"batch_[0-9a-f]{8}", named["batch_id"])
