"""A simulator in this process with a clock that the test moves, and a client that speaks to it over ASGI."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from amcsim import SimulatorConfig
from amcsim.app import create_app
from amcsim.clock import ManualClock
from amcsim.executions.model import ExecutionRequest
from amcsim.executions.window import WindowType, resolve_window
from amcsim.simulation import Simulation
from amcsim.workflows import InputParameter

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
COUNT_BY_CAMPAIGN = "SELECT campaign, COUNT(*) AS n FROM dsp_impressions GROUP BY campaign"


@dataclass
class Client:
    """Calls the simulator as one of its accounts; `headers` may be changed to call as somebody else."""

    http: httpx.AsyncClient
    simulation: Simulation
    clock: ManualClock
    instance: dict[str, Any] = field(default_factory=dict)

    async def sign_in(self) -> str:
        answer = await self.http.post(
            "/auth/o2/token", data={"grant_type": "refresh_token", **self.instance["credentials"]}
        )
        token = answer.json()["access_token"]
        self.http.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Amazon-Advertising-API-ClientId": self.instance["credentials"]["client_id"],
                "Amazon-Advertising-API-AdvertiserId": self.instance["accountId"],
                "Amazon-Advertising-API-MarketplaceId": self.instance["marketplaceId"],
            }
        )
        return token

    @property
    def base(self) -> str:
        return f"/amc/reporting/{self.instance['instanceId']}"

    async def call(self, method: str, path: str, **named: Any) -> httpx.Response:
        return await self.http.request(method, self.base + path, **named)

    async def submit(self, sql: str = COUNT_BY_CAMPAIGN, **body: Any) -> str:
        if "workflowId" not in body:
            body["workflow"] = {"sqlQuery": sql, **body.pop("workflow", {})}
        answer = await self.call("POST", "/workflowExecutions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()["workflowExecutionId"]

    async def status(self, execution_id: str) -> dict[str, Any]:
        return (await self.call("GET", f"/workflowExecutions/{execution_id}")).json()

    async def finish(self, execution_id: str) -> dict[str, Any]:
        """Move the clock until the execution has ended, letting the computing catch up each time."""
        for _ in range(20):
            shown = await self.status(execution_id)
            if shown["status"] not in {"PENDING", "RUNNING"}:
                return shown
            await self.simulation.runner.settle()
            self.clock.advance(seconds=10)
        raise AssertionError(shown)

    async def links(self, execution_id: str) -> list[str]:
        answer = await self.call("GET", f"/workflowExecutions/{execution_id}/downloadUrls")
        assert answer.status_code == 200, answer.text
        return answer.json()["downloadUrls"]

    async def fetch(self, link: str, **headers: str) -> httpx.Response:
        transport = self.http._transport
        async with httpx.AsyncClient(transport=transport) as bare:
            return await bare.get(link, headers=headers)

    async def rows(self, sql: str, **body: Any) -> list[dict[str, str]]:
        shown = await self.finish(await self.submit(sql, **body))
        assert shown["status"] == "SUCCEEDED", shown
        (link,) = await self.links(shown["workflowExecutionId"])
        return read_csv((await self.fetch(link)).text)

    async def fault(self, **fault: Any) -> dict[str, Any]:
        answer = await self.http.post("/_sim/faults", json=fault)
        assert answer.status_code == 201, answer.text
        return answer.json()["faults"][0]

    async def stats(self) -> dict[str, Any]:
        return (await self.http.get("/_sim/stats")).json()


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), escapechar="\\", doublequote=True))


def small_config(**changes: Any) -> SimulatorConfig:
    named: dict[str, Any] = {"events_per_instance": 4_600, "data_until": date(2026, 11, 2), **changes}
    return SimulatorConfig(**named)


@pytest.fixture(scope="session")
def config_of() -> Callable[..., SimulatorConfig]:
    return small_config


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def build_client(clock, simulation) -> AsyncIterator[Callable[..., Any]]:
    opened: list[Client] = []

    async def build(**changes: Any) -> Client:
        # an engine holds nothing but data, which are the same for all who change nothing
        engine = None if changes else simulation.engine
        app = create_app(small_config(**changes), clock=clock, engine=engine)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://amc.test")
        client = Client(http, app.state.simulation, clock)
        opened.append(client)
        client.instance = (await http.get("/_sim/instances")).json()["instances"][0]
        await client.sign_in()
        return client

    yield build
    for client in opened:
        await client.http.aclose()
        client.simulation.close()


@pytest.fixture
async def client(build_client) -> Client:
    return await build_client()


@pytest.fixture(scope="session")
def simulation() -> Iterator[Simulation]:
    """One simulation that only answers queries; what it holds does not change."""
    shared = Simulation(small_config(), clock=ManualClock(NOON))
    yield shared
    shared.close()


@pytest.fixture(scope="session")
def instance(simulation):
    return next(iter(simulation.roster.instances.values()))


@pytest.fixture(scope="session")
def query(simulation, instance):
    """Compile and compute at once; return the rows of the result file as text by column."""
    numbers = iter(range(1_000_000))

    def run(sql: str, **changes: Any) -> list[dict[str, str]]:
        window = resolve_window(
            changes.pop("window_type", WindowType.ALL),
            start=changes.pop("start", None),
            end=changes.pop("end", None),
            timezone=changes.pop("timezone", "UTC"),
            now=NOON,
        )
        named: dict[str, Any] = {
            "instance": instance,
            "workflow_id": "test",
            "sql_query": sql,
            "input_parameters": tuple(InputParameter(**declared) for declared in changes.pop("declared", ())),
            "parameter_values": {},
            "window": window,
            "timeout_seconds": 900,
            "dry_run": False,
            "skip_publish": False,
            "disable_aggregation_controls": False,
            "synthetic_data": False,
            "distinct_user_count_column": None,
            **changes,
        }
        request = ExecutionRequest(**named)
        compiled = simulation.engine.compile(request)
        computed = simulation.engine.compute(f"q{next(numbers)}", request, compiled=compiled)
        return read_csv(computed.files[0].read_text(encoding="utf-8"))

    return run


@pytest.fixture(scope="session")
def events(simulation, instance):
    """Read columns of a table as the world holds them, past every rule of AMC."""

    def read(columns: str, table: str) -> list[tuple[Any, ...]]:
        cursor = simulation.engine.world(instance).cursor()
        return cursor.execute(f"SELECT {columns} FROM amc.{table}").fetchall()

    return read
