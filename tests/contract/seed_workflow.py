"""A workflow, its instances, and a kind that acts like AMC's without AMC: where contract A's tests start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pyarrow as pa

from fanfold.kinds.amc_workflow import AmcWorkflow
from fanfold.sdk.context import Context
from fanfold.sdk.errors import Problem
from fanfold.sdk.kind import Finding
from fanfold.sdk.outcome import Completed, Outcome
from tests.engine.conftest import ScriptedKind

SQL = """\
select campaign, sum(impressions) as impressions from dsp_impressions
 where advertiser = CUSTOM_PARAMETER('customParam') group by campaign"""
PARAMETERS = {"startDate": "2024-01-01", "endDate": "2024-01-31", "customParam": "value"}
_SCHEMA = pa.schema([pa.field("metric", pa.int64()), pa.field("dimension", pa.string())])


class ActedAmc(ScriptedKind):
    """Checks like the real kind and writes two rows where AMC would be asked."""

    name = "amc.workflow"
    parameters = AmcWorkflow.parameters

    def __init__(self) -> None:
        super().__init__()
        self._real = AmcWorkflow()

    def inspect(self, definition: Mapping[str, Any]) -> Sequence[Finding]:
        return self._real.inspect(definition)

    def check(self, definition: Mapping[str, Any], parameters: Mapping[str, Any]) -> Sequence[Problem]:
        return self._real.check(definition, parameters)

    async def run(self, context: Context) -> Outcome:
        outcome = await super().run(context)
        if isinstance(outcome, Completed):
            rows = {"metric": [100, 200], "dimension": ["value1", "value2"]}
            await context.sink.write(pa.RecordBatch.from_pydict(rows, schema=_SCHEMA))
        return outcome


async def add_workflow(client: httpx.AsyncClient, key: str = "revenue") -> str:
    """Save a workflow over HTTP and return its id."""
    answer = await client.post(
        "/workflows",
        json={
            "key": key,
            "name": "Revenue Analysis",
            "description": "Quarterly revenue analysis query",
            "sql_query": SQL,
            "parameters": [{"name": "customParam", "data_type": "STRING", "required": True}],
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def add_instances(client: httpx.AsyncClient, count: int) -> list[str]:
    """Add a connection and *count* instances over HTTP and return their ids."""
    connection = await client.post(
        "/connections",
        json={
            "connector": "amc",
            "name": "agency",
            "config": {"client_id": "amzn1.application"},
            "secrets": {"client_secret": "s", "refresh_token": "r"},
        },
    )
    assert connection.status_code == 201, connection.text
    ids: list[str] = []
    for number in range(count):
        answer = await client.post(
            "/instances",
            json={
                "instance_id": f"amc{number}",
                "name": f"Instance {number}",
                "region": "us-east-1",
                "account_id": "ENTITY1",
                "marketplace_id": "ATVPDKIKX0DER",
            },
        )
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids
