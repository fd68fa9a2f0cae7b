"""The blocking face of the async client; every method is the async one's, called through a portal.

with Client() as client:
    batch = client.batches.run("reach-by-day", ["amc-us-1", "amc-us-2"])
    batch.wait(progress=True)
    table = batch.results().to_arrow()
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Self, TypeVar, Unpack

import httpx

from fanfold.client.asynchronous import AsyncClient
from fanfold.client.batch import AsyncBatch, Comparing
from fanfold.client.batches import AsyncBatches
from fanfold.client.comparison import Comparison
from fanfold.client.connections import AsyncConnections
from fanfold.client.control import Wait
from fanfold.client.instances import AsyncInstances
from fanfold.client.limits import AsyncLimits
from fanfold.client.models import Job
from fanfold.client.portal import Blocking, Iterating, Portal, Returning
from fanfold.client.results import AsyncResults
from fanfold.client.transport import PAUSES
from fanfold.client.workers import AsyncWorkers
from fanfold.client.workflows import AsyncWorkflows
from fanfold.settings import Settings

Core = TypeVar("Core")


class _Face(Generic[Core]):
    def __init__(self, core: Core, portal: Portal) -> None:
        self.core = core
        self.portal = portal


class Results(_Face[AsyncResults]):
    """A batch's table."""

    page = Blocking(AsyncResults.page)
    groups = Blocking(AsyncResults.groups)
    chart = Blocking(AsyncResults.chart)
    compare = Blocking(AsyncResults.compare)
    try_aggregate = Blocking(AsyncResults.try_aggregate)
    file = Iterating(AsyncResults.file)
    save = Blocking(AsyncResults.save)
    csv = Iterating(AsyncResults.csv)
    save_csv = Blocking(AsyncResults.save_csv)
    to_arrow = Blocking(AsyncResults.to_arrow)
    to_pandas = Blocking(AsyncResults.to_pandas)
    to_polars = Blocking(AsyncResults.to_polars)


class Batch(_Face[AsyncBatch]):
    """One batch."""

    refresh = Blocking(AsyncBatch.refresh)
    wait = Blocking(AsyncBatch.wait)
    changes = Iterating(AsyncBatch.changes)
    operations = Iterating(AsyncBatch.operations)
    operation = Blocking(AsyncBatch.operation)
    export = Blocking(AsyncBatch.export)
    lines = Iterating(AsyncBatch.lines)
    timeline = Iterating(AsyncBatch.timeline)
    failure_groups = Iterating(AsyncBatch.failure_groups)
    fill = Blocking(AsyncBatch.fill)
    preview = Blocking(AsyncBatch.preview)
    start = Blocking(AsyncBatch.start)
    pause = Blocking(AsyncBatch.pause)
    resume = Blocking(AsyncBatch.resume)
    change = Blocking(AsyncBatch.change)
    cancel = Blocking(AsyncBatch.cancel)
    retry = Blocking(AsyncBatch.retry)
    fetch = Blocking(AsyncBatch.fetch)
    delete = Blocking(AsyncBatch.delete)

    @property
    def batch_id(self) -> str:
        """Its public id."""
        return self.core.batch_id

    @property
    def job(self) -> Job:
        """How it stood when it was read last."""
        return self.core.job

    @property
    def waiting_for(self) -> tuple[Wait, ...]:
        """Why its pending operations waited when it was read last."""
        return self.core.waiting_for

    def compare(self, other: Batch | str, **asked: Unpack[Comparing]) -> Comparison:
        """Lay it beside an earlier batch, target by target: newly failed, fixed, slower, other rows."""
        core = other.core if isinstance(other, Batch) else other
        return self.portal.call(self.core.compare(core, **asked))

    def results(self) -> Results:
        """Return the door to its table."""
        return Results(self.core.results(), self.portal)


class Batches(_Face[AsyncBatches]):
    """All batches that the user may see."""

    run = Returning(Batch, AsyncBatches.run)
    preview_run = Blocking(AsyncBatches.preview_run)
    submit = Returning(Batch, AsyncBatches.submit)
    draft = Returning(Batch, AsyncBatches.draft)
    preview = Blocking(AsyncBatches.preview)
    get = Returning(Batch, AsyncBatches.get)
    list = Iterating(AsyncBatches.list)
    failure_groups = Iterating(AsyncBatches.failure_groups)
    statistics = Blocking(AsyncBatches.statistics)
    kinds = Blocking(AsyncBatches.kinds)


class Limits(_Face[AsyncLimits]):
    """The limits that the user may see."""

    list = Iterating(AsyncLimits.list)
    get = Blocking(AsyncLimits.get)
    set = Blocking(AsyncLimits.set)
    clear = Blocking(AsyncLimits.clear)
    unblock = Blocking(AsyncLimits.unblock)
    reset_breaker = Blocking(AsyncLimits.reset_breaker)


class Workers(_Face[AsyncWorkers]):
    """The processes that run operations."""

    list = Blocking(AsyncWorkers.list)


class Workflows(_Face[AsyncWorkflows]):
    """The workflows that the user may see."""

    list = Iterating(AsyncWorkflows.list)
    get = Blocking(AsyncWorkflows.get)
    create = Blocking(AsyncWorkflows.create)
    delete = Blocking(AsyncWorkflows.delete)
    check = Blocking(AsyncWorkflows.check)
    check_instances = Blocking(AsyncWorkflows.check_instances)
    import_files = Blocking(AsyncWorkflows.import_files)
    file = Blocking(AsyncWorkflows.file)
    versions = Blocking(AsyncWorkflows.versions)
    diff = Blocking(AsyncWorkflows.diff)
    restore = Blocking(AsyncWorkflows.restore)
    library = Blocking(AsyncWorkflows.library)
    library_workflow = Blocking(AsyncWorkflows.library_workflow)
    copy_from_library = Blocking(AsyncWorkflows.copy_from_library)
    sync = Blocking(AsyncWorkflows.sync)
    saved = Blocking(AsyncWorkflows.saved)


class Instances(_Face[AsyncInstances]):
    """The AMC instances that the user may see."""

    list = Iterating(AsyncInstances.list)
    get = Blocking(AsyncInstances.get)
    create = Blocking(AsyncInstances.create)
    delete = Blocking(AsyncInstances.delete)
    resolve = Blocking(AsyncInstances.resolve)


class Connections(_Face[AsyncConnections]):
    """The connections that the user may see."""

    list = Iterating(AsyncConnections.list)
    create = Blocking(AsyncConnections.create)
    replace = Blocking(AsyncConnections.replace)
    test = Blocking(AsyncConnections.test)
    check = Blocking(AsyncConnections.check)
    discover = Blocking(AsyncConnections.discover)
    import_instances = Blocking(AsyncConnections.import_instances)
    resolve = Blocking(AsyncConnections.resolve)
    delete = Blocking(AsyncConnections.delete)


class Client(_Face[AsyncClient]):
    """Talks to one server for one user; by default to the one that the settings name."""

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        settings: Settings | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        retry_pauses: Sequence[float] = PAUSES,
    ) -> None:
        core = AsyncClient(url, token, settings=settings, transport=transport, retry_pauses=retry_pauses)
        super().__init__(core, Portal())
        self.batches = Batches(self.core.batches, self.portal)
        self.workflows = Workflows(self.core.workflows, self.portal)
        self.limits = Limits(self.core.limits, self.portal)
        self.workers = Workers(self.core.workers, self.portal)
        self.connections = Connections(self.core.connections, self.portal)
        self.instances = Instances(self.core.instances, self.portal)

    health = Blocking(AsyncClient.health)
    events = Iterating(AsyncClient.events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections and end the thread."""
        self.portal.call(self.core.close())
        self.portal.close()
