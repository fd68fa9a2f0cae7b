"""Rows fetched again from AMC over the API, a worker and the simulator, which counts submissions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from fanfold.batches.model import Batch, Item, Submission
from fanfold.engine.worker import Worker, WorkerOptions
from fanfold.kinds.amc_workflow import AmcResultFetch, AmcWorkflow
from fanfold.kinds.amc_workflow.remote import address_of
from fanfold.kit.clock import SystemClock
from fanfold.results.pruning import prune_results
from fanfold.results.store import ResultStore
from fanfold.sdk.errors import Permanent
from fanfold.sdk.testing import RecordingContext
from tests.api.full_app import Site, SiteKind, open_site
from tests.contract.conftest import QUERY, WINDOW, Amc


class OneClient:
    """Every connection is the simulator's login."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def client(self, connection_id: UUID) -> Any:
        del connection_id
        return self._client


@pytest_asyncio.fixture
async def site(clean_url: str, client: Any) -> AsyncIterator[Site]:
    """The application with the kinds of AMC, and a worker that reaches the simulator."""
    async with open_site(clean_url, SiteKind()) as site:
        kinds: Any = site.services.catalog.kinds
        kinds |= {kind.name: kind for kind in (AmcWorkflow(), AmcResultFetch())}
        site.worker = Worker(
            site.service_database,
            url=clean_url,
            catalog=site.services.catalog,
            clients=OneClient(client),
            results=ResultStore.open(site.services.settings.results_url),
            options=WorkerOptions(capacity=50),
            clock=SystemClock(),
        )
        await site.worker.store.register(name="amc", version="0", capacity=50)
        yield site


@pytest.fixture
def asked(workflow: dict[str, Any]) -> dict[str, Any]:
    """The workflow, looked at as often as the worker comes by."""
    return {**workflow, "poll_seconds": 0.01}


async def ended(site: Site, job: str) -> Batch:
    """Step the worker until the batch has ended."""
    async with asyncio.timeout(60):
        while True:
            await site.step()
            batch = await site.services.batch_reader.get(job, user_id=site.ada.id)
            if batch.finished_at is not None:
                return batch


async def ran(site: Site, amc: Amc, definition: dict[str, Any]) -> Batch:
    """Run the workflow on one instance to its end."""
    target = replace(amc.target(), connection_id=uuid4())
    submission = Submission("amc.workflow", "Reach", [Item(target)], definition, parameters=WINDOW)
    batch = await site.services.batches.submit(submission, user_id=site.ada.id)
    return await ended(site, batch.batch_id)


async def rows_of(site: Site, job: str) -> list[dict[str, Any]]:
    """Return the rows without what names their operation."""
    async with site.client(site.ada) as http:
        answer = await http.get(f"/batch/jobs/{job}/results", params={"sort": "campaign"})
    assert answer.status_code == 200, answer.text
    return [
        {name: value for name, value in row.items() if not name.startswith("_")}
        for row in answer.json()["rows"]
    ]


async def fetch(site: Site, job: str, **body: Any) -> httpx.Response:
    """Ask for a batch's rows again."""
    async with site.client(site.ada) as http:
        return await http.post(f"/batch/jobs/{job}/fetch", json=body)


async def prune(site: Site) -> None:
    """Remove all rows, as retention does."""
    store = ResultStore.open(site.services.settings.results_url)
    assert await prune_results(site.service_database, store, older_than=timedelta(seconds=-1)) > 0


async def test_pruned_rows_come_back_without_another_run(site: Site, amc: Amc, asked: dict[str, Any]):
    first = await ran(site, amc, asked)
    before = await rows_of(site, first.batch_id)
    assert before
    await prune(site)

    answer = await fetch(site, first.batch_id)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["of_job_id"], answer.json()["total_operations"]) == (first.batch_id, 1)
    second = await ended(site, answer.json()["job_id"])
    assert (second.counts.completed, second.row_count) == (1, len(before))
    assert await rows_of(site, second.batch_id) == before
    assert amc.executions(asked) == 1

    await prune(site)
    third = await ended(site, (await fetch(site, second.batch_id)).json()["job_id"])
    assert await rows_of(site, third.batch_id) == before
    assert amc.executions(asked) == 1


async def test_a_broken_part_is_found_and_fetched_again(site: Site, amc: Amc, asked: dict[str, Any]):
    first = await ran(site, amc, asked)
    before = await rows_of(site, first.batch_id)
    nothing = await fetch(site, first.batch_id)
    assert nothing.status_code == 400
    assert "gone" in nothing.text

    (kept,) = await site.services.results.result_sets(first.id, user_id=site.ada.id)
    folder = ResultStore.open(site.services.settings.results_url).place.folder
    Path(folder / kept.manifest.parts[0].uri).write_bytes(b"no parquet")
    answer = await fetch(site, first.batch_id)
    assert answer.status_code == 202, answer.text
    second = await ended(site, answer.json()["job_id"])
    assert await rows_of(site, second.batch_id) == before
    assert amc.executions(asked) == 1


async def test_chosen_operations_are_fetched_and_strangers_refused(
    site: Site, amc: Amc, asked: dict[str, Any]
):
    first = await ran(site, amc, asked)
    (kept,) = await site.services.results.result_sets(first.id, user_id=site.ada.id)
    strange = await fetch(site, first.batch_id, operation_ids=[str(kept.operation_id), str(uuid4())])
    assert strange.status_code == 400
    assert "/operation_ids/1" in strange.text
    chosen = await fetch(site, first.batch_id, operation_ids=[str(kept.operation_id)])
    assert chosen.status_code == 202, chosen.text
    async with site.client(site.mallory) as http:
        assert (await http.post(f"/batch/jobs/{first.batch_id}/fetch")).status_code == 404


async def test_what_amc_has_forgotten_is_said_so(attempt: RecordingContext, amc: Amc, workflow: Any):
    gone = replace(attempt, parameters={"execution_id": str(uuid4())})
    with pytest.raises(Permanent, match="no longer keeps the execution") as raised:
        await AmcResultFetch().run(gone)
    assert "new run" in str(raised.value.hint)
    assert amc.executions(workflow) == 0


async def test_a_result_that_amc_does_not_hand_out_is_said_so(
    attempt: RecordingContext, amc: Amc, client: Any
):
    request = {
        "workflow": {"sqlQuery": QUERY},
        "timeWindowType": "PREVIOUS_MONTH",
        "dryRun": True,  # succeeds and has no files, as a result that was dropped
    }
    address = address_of(attempt.target)
    made = await client.create_execution(address, request)
    async with asyncio.timeout(30):
        while not (await client.get_execution(address, made.execution_id)).is_terminal:
            pass
    with pytest.raises(Permanent, match="no longer keeps the result") as raised:
        await AmcResultFetch().run(replace(attempt, parameters={"execution_id": made.execution_id}))
    assert "new run" in str(raised.value.hint)
