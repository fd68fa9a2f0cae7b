"""What chaos tests play on: a database, the simulator that counts submissions, and workers as processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from cryptography.fernet import Fernet

from amcsim.config import SimulatorConfig
from amcsim.testing import running_simulator
from fanfold.batches.model import Batch, Item, Submission
from fanfold.batches.service import BatchService, SubmitLimits
from fanfold.catalog.catalog import load_catalog
from fanfold.connections.model import Draft
from fanfold.connections.service import ConnectionService
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.db.database import SCHEMA, Database, Role
from fanfold.kit.ids import uuid7
from fanfold.kit.injection import VARIABLE
from fanfold.sdk.context import Target
from tests.acceptance.running import COMMAND, bare
from tests.conftest import add_user

QUERY = "SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign"
WINDOW = {"timeWindowType": "PREVIOUS_MONTH"}
LEASE_SECONDS = 2.0
POLL_SECONDS = 0.2
STOPPED = "stopped"


class Remote:
    """The simulator over HTTP: its instances, its faults, its counts."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url
        self._http = http
        self.instances: list[dict[str, Any]] = http.get("/_sim/instances").json()["instances"]

    def fault(self, kind: str, **fields: Any) -> None:
        """Set a fault."""
        self._http.post("/_sim/faults", json={"kind": kind, **fields}).raise_for_status()

    def faults(self) -> list[dict[str, Any]]:
        """Return every fault that is set, with how often it struck."""
        return self._http.get("/_sim/faults").json()["faults"]

    def play(self, name: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Start a scenario of *steps*."""
        self._http.post("/_sim/scenarios", json={"name": name, "steps": steps}).raise_for_status()

    def clear(self) -> None:
        """Clear all faults."""
        self._http.delete("/_sim/faults").raise_for_status()

    def submissions(self) -> int:
        """Return how many executions were ever accepted."""
        return self._http.get("/_sim/stats").json()["submissions"]

    def submissions_by_instance(self) -> dict[str, int]:
        """Return the same for each instance that ever accepted one."""
        by_instance = self._http.get("/_sim/stats").json()["by_instance"]
        return {instance_id: counts["submissions"] for instance_id, counts in by_instance.items()}

    def counts(self, batch: Batch) -> Mapping[str, int]:
        """Return what was done for the workflow of *batch*."""
        definition = batch.definition
        remote_id = f"ff_{UUID(definition['workflow_id']).hex[:12]}_v{definition['version']}"
        return self._http.get("/_sim/stats").json()["by_workflow"].get(remote_id, dict.fromkeys(_COUNTED, 0))


_IN_TRANSACTION = """
select from pg_stat_activity where application_name like 'fanfold %' and state <> 'idle'
"""
_COUNTED = ("submissions", "pending", "running", "succeeded", "failed", "cancelled", "peak_running")


@contextmanager
def remote(**config: Any) -> Iterator[Remote]:
    """Run a simulator: quick, and small of data unless *config* says otherwise."""
    given = {"speed": 20.0, "events_per_instance": 4000, "compute_threads": 1, **config}
    with running_simulator(SimulatorConfig(**given)) as running, httpx.Client(base_url=running.url) as http:
        yield Remote(running.url, http)


class WorkerProcess:
    """A `fanfold worker`; its end, and its standing still, are waited for and never looked for."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self.log = log
        self._ended = False

    @property
    def pid(self) -> int:
        return self._process.pid

    async def changed(self) -> str | int:
        """Wait until it stands still (`stopped`) or has ended (its return code, -9 when killed)."""
        _, status = await asyncio.to_thread(os.waitpid, self.pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return STOPPED
        self._ended = True
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return self._process.returncode

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def end(self) -> None:
        """Kill it if it is still there."""
        if not self._ended:
            self.signal(signal.SIGKILL)
            await self.changed()


@dataclass(slots=True)
class Stage:
    """One user with a connection to the simulator."""

    url: str
    folder: Path
    remote: Remote
    user_id: UUID
    fernet: str
    targets: Sequence[Target]
    batches: BatchService
    workers: list[WorkerProcess]

    async def submit(self, count: int, *, poll_seconds: float = POLL_SECONDS, **policy: Any) -> Batch:
        """Submit a workflow over *count* operations, spread over the simulator's instances."""
        definition = {
            "workflow_id": str(uuid4()),
            "key": "chaos",
            "version": 1,
            "sql_query": QUERY,
            "parameters": [],
            "poll_seconds": poll_seconds,
        }
        items = [Item(self._target(number)) for number in range(count)]
        submission = Submission("amc.workflow", "chaos", items, definition=definition, parameters=WINDOW)
        given = {"max_parallel": 10, "max_attempts": 20, **policy}
        submission = replace(submission, policy=replace(submission.policy, **given))
        return await self.batches.submit(submission, user_id=self.user_id)

    def worker(
        self,
        inject: str = "",
        *,
        url: str | None = None,
        within: Sequence[str] = (),
        lease_seconds: float = LEASE_SECONDS,
    ) -> WorkerProcess:
        """Start a worker with an injection; *url* leads to the database by another way.

        *within* is a command that becomes the worker, such as one that enters a network of its own.
        """
        environment = {
            "FANFOLD_DATABASE_URL": url or self.url,
            "FANFOLD_DATA_DIR": str(self.folder),
            "FANFOLD_FERNET_KEYS": self.fernet,
            "FANFOLD_LEASE_SECONDS": str(lease_seconds),
            "FANFOLD_POLL_SECONDS": "0.5",
            VARIABLE: inject,
        }
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [*within, COMMAND, "worker"], env=bare(environment), stderr=errors, stdout=errors, text=True
            )
        worker = WorkerProcess(process, log)
        self.workers.append(worker)
        return worker

    async def standby(self) -> WorkerProcess:
        """Start a worker and let it stand still, holding nothing, until it is told to go on (`SIGCONT`).

        The recovery then takes as long as the others need to notice a death, not as long as a start takes.
        """
        known = [row["id"] for row in await self.rows("select id from workers")]
        worker = self.worker()
        others = "select from workers where not id = any($1)"
        while not await self.rows(others, known):  # noqa: ASYNC110 -- it tells nobody
            await asyncio.sleep(0)
        while True:
            worker.signal(signal.SIGSTOP)
            await worker.changed()
            if not await self.rows(_IN_TRANSACTION):
                return worker
            worker.signal(signal.SIGCONT)

    async def until(self, batch: Batch, reached: str = "finished_at is not null") -> Mapping[str, Any]:
        """Wait until *reached*, a condition on the batch's row, holds, and return the row."""
        changed = asyncio.Event()
        connection = await asyncpg.connect(self.url, server_settings={"search_path": SCHEMA})
        try:
            await connection.add_listener("fanfold_changed", lambda *_: changed.set())
            query = f"select *, {reached} as reached from batches where id = $1"
            while not (row := await connection.fetchrow(query, batch.id))["reached"]:
                await changed.wait()
                changed.clear()
            return row
        finally:
            await connection.close()

    async def rows(self, query: str, *values: Any) -> list[Mapping[str, Any]]:
        """Read by plain SQL."""
        connection = await asyncpg.connect(self.url, server_settings={"search_path": SCHEMA})
        try:
            return list(map(dict, await connection.fetch(query, *values)))
        finally:
            await connection.close()

    async def everything(self) -> list[Any]:
        """Return what a late writer must not change."""
        tables = ("batches", "operations", "attempts", "result_sets", "events")
        written = [await self.rows(f"select * from {table} order by 1") for table in tables]
        # Rows of keys that nothing holds may be pruned at any time.
        return [*written, await self.rows("select * from limit_usage where running_count > 0 order by 1")]

    def _target(self, number: int) -> Target:
        target = self.targets[number % len(self.targets)]
        return replace(target, key=f"{target.key}-{number}")


@asynccontextmanager
async def stage(
    url: str, folder: Path, remote: Remote, *, amc_url: str | None = None
) -> AsyncIterator[Stage]:
    """Set the stage on a migrated database; *amc_url* leads to the simulator by another way."""
    catalog = load_catalog()
    user_id, fernet = await add_user(url, f"u{uuid7().hex}"), Fernet.generate_key().decode()
    folder.mkdir(parents=True, exist_ok=True)
    api = await Database.open(url, Role.API, size=3)
    workers: list[WorkerProcess] = []
    connections = ConnectionService(api, catalog=catalog, credentials=Credentials(KeyRing([fernet])))
    targets = await _connected(connections, remote, user_id=user_id, amc_url=amc_url or remote.url)
    batches = BatchService(api, catalog=catalog, limits=SubmitLimits(unfinished_batches=1000))
    try:
        yield Stage(url, folder, remote, user_id, fernet, targets, batches, workers)
    finally:
        for worker in workers:
            await worker.end()
        await api.close()


async def _connected(
    connections: ConnectionService, remote: Remote, *, user_id: UUID, amc_url: str
) -> list[Target]:
    """Return the simulator's instances as targets, each with the connection of its login."""
    by_login: dict[str, UUID] = {}
    targets: list[Target] = []
    for instance in remote.instances:
        credentials = instance["credentials"]
        login = credentials["client_id"]
        if login not in by_login:
            config = {"base_url": amc_url, "client_id": login}
            sealed = {name: credentials[name] for name in ("client_secret", "refresh_token")}
            connection = await connections.create("amc", Draft(login, config, sealed), user_id=user_id)
            by_login[login] = connection.id
        attributes = {
            "instance_id": instance["instanceId"],
            "account_id": instance["accountId"],
            "marketplace_id": instance["marketplaceId"],
            "sandbox": instance["sandbox"],
        }
        targets.append(
            Target(
                instance["instanceId"],
                instance["name"],
                connection_id=by_login[login],
                attributes=attributes,
            )
        )
    return targets
