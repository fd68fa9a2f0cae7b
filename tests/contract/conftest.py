"""A real AMC simulator over HTTP, shared by the tests; each test has a workflow of its own to count by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from amcsim.config import SimulatorConfig
from amcsim.testing import running_simulator
from fanfold.connectors.amc import AmcConnector
from fanfold.connectors.amc.client import AmcClient
from fanfold.connectors.amc.config import AmcConfig, AmcSecrets
from fanfold.kit.clock import ManualClock
from fanfold.sdk.context import Target
from fanfold.sdk.testing import RecordingContext

QUERY = """
SELECT campaign, SUM(impressions) AS impressions, COUNT(DISTINCT user_id) AS reach
FROM dsp_impressions
GROUP BY campaign
"""
WINDOW = {"startDate": "2026-10-01", "endDate": "2026-10-31"}


@dataclass
class Pauses:
    """Takes the place of sleeping and remembers how long it would have been."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Amc:
    """The simulator as the tests use it."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self._http = http
        self.instances: list[dict[str, Any]] = self._http.get("/_sim/instances").json()["instances"]

    def fault(self, kind: str, **fields: Any) -> None:
        """Set a fault."""
        self._http.post("/_sim/faults", json={"kind": kind, **fields}).raise_for_status()

    def clear(self) -> None:
        """Clear all faults."""
        self._http.delete("/_sim/faults").raise_for_status()

    def counts(self, workflow: dict[str, Any]) -> dict[str, int]:
        """Count what was done for one workflow."""
        own = UUID(workflow["workflow_id"]).hex
        inline = workflow.get("query_source", "inline") == "inline"
        remote_id = f"ff_{own[:12]}_v{workflow['version']}" if inline else f"ff_{own}"
        by_workflow = self._http.get("/_sim/stats").json()["by_workflow"]
        return by_workflow.get(remote_id, {"submissions": 0, "cancelled": 0, "running": 0})

    def target(self, position: int = 0, **changes: Any) -> Target:
        """Return an instance as a batch freezes it."""
        instance = self.instances[position]
        attributes = {
            "instance_id": instance["instanceId"],
            "region": instance["awsRegion"],
            "account_id": instance["accountId"],
            "account_name": instance["accountName"],
            "marketplace_id": instance["marketplaceId"],
            "brands": instance["brands"],
            "sandbox": instance["sandbox"],
        }
        return Target(instance["instanceId"], instance["name"], attributes=attributes | changes)

    def executions(self, workflow: dict[str, Any]) -> int:
        """Count the submissions for one workflow."""
        return self.counts(workflow)["submissions"]

    def login(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the configuration and the secrets of a connection."""
        credentials = self.instances[0]["credentials"]
        config = {"base_url": self.url, "client_id": credentials["client_id"]}
        return config, {name: credentials[name] for name in ("client_secret", "refresh_token")}


@pytest.fixture(scope="session")
def shared_amc() -> Iterator[Amc]:
    """One simulator for the session; quick, and small of data."""
    config = SimulatorConfig(speed=1000, events_per_instance=2000, compute_threads=1)
    with running_simulator(config) as running, httpx.Client(base_url=running.url) as http:
        yield Amc(running.url, http)


@pytest.fixture
def amc(shared_amc: Amc) -> Iterator[Amc]:
    """The simulator without faults."""
    shared_amc.clear()
    yield shared_amc
    shared_amc.clear()


@pytest.fixture
def pauses() -> Pauses:
    """What the client would have slept."""
    return Pauses()


@pytest_asyncio.fixture
async def client(amc: Amc, clock: ManualClock, pauses: Pauses) -> AsyncIterator[AmcClient]:
    """A client of the simulator that never sleeps."""
    connector = AmcConnector(clock=clock, pause=pauses)
    config, secrets = amc.login()
    async with connector.open(AmcConfig(**config), AmcSecrets(**secrets)) as client:
        yield client


@pytest.fixture
def workflow() -> dict[str, Any]:
    """A definition of a workflow that no other test runs."""
    return {
        "workflow_id": str(uuid4()),
        "key": "reach-by-campaign",
        "version": 3,
        "sql_query": QUERY,
        "parameters": [],
    }


@pytest.fixture
def attempt(amc: Amc, client: AmcClient, clock: ManualClock, workflow: dict[str, Any]) -> RecordingContext:
    """An attempt to run that workflow on the first instance in October."""
    return RecordingContext(
        parameters=WINDOW, definition=workflow, target=amc.target(), client=client, clock=clock
    )
