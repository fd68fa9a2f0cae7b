"""Everything that requests use, built once from the settings and closed in reverse order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import Response

from fanfold.access.idempotency import IdempotencyKeys
from fanfold.access.model import Lifetimes
from fanfold.access.passwords import Passwords
from fanfold.access.rate import SubmissionRate
from fanfold.access.service import AccessService
from fanfold.access.throttle import SignInThrottle
from fanfold.access.tokens import TokenSigner
from fanfold.batches.control import BatchControl
from fanfold.batches.creation.filling import Filler
from fanfold.batches.creation.jobs import JobCreation
from fanfold.batches.creation.planning import CreationLimits, Planner
from fanfold.batches.creation.policies import PolicyReader
from fanfold.batches.creation.previewing import Previewer
from fanfold.batches.creation.sources import Sources
from fanfold.batches.details import JobDetails
from fanfold.batches.pacing import Paces
from fanfold.batches.policy import Policy
from fanfold.batches.reader import BatchReader
from fanfold.batches.service import BatchService, SubmitLimits
from fanfold.catalog.catalog import Catalog, load_catalog
from fanfold.connections.health import ConnectionHealth
from fanfold.connections.service import ConnectionService
from fanfold.credentials.keyring import KeyRing
from fanfold.credentials.service import Credentials
from fanfold.db.database import Database, Role
from fanfold.db.notify import CANCEL, CHANGED, Notifications
from fanfold.db.schema import check
from fanfold.kit.clock import Clock, SystemClock
from fanfold.kit.sharing import Shared
from fanfold.limits.service import DefaultCaps, LimitService
from fanfold.results.reader import ResultReader
from fanfold.results.store import ResultStore
from fanfold.settings import BadSettings, Settings
from fanfold.targets.importing import Importer
from fanfold.targets.service import InstanceService
from fanfold.timeline.feed import Tempo
from fanfold.timeline.live import LiveStreams
from fanfold.timeline.owners import Owners
from fanfold.web.health import AmcProbe, Health
from fanfold.web.metrics import Metrics
from fanfold.workflows.batch_execution import BatchExecutionService
from fanfold.workflows.fetching import ResultFetcher
from fanfold.workflows.instance_checking import InstanceChecker
from fanfold.workflows.saving import WorkflowSaver
from fanfold.workflows.service import WorkflowService
from fanfold.workflows.submission import SubmissionBuilder, SubmissionLimits

REAL_AMC_URL = "https://advertising-api.amazon.com"
"""The API's host for North America; whether it answers at all is what `/health` asks."""


@dataclass(frozen=True, slots=True)
class Services:
    """What endpoints find under `request.app.state.services`."""

    settings: Settings
    database: Database
    catalog: Catalog
    access: AccessService
    idempotency: IdempotencyKeys
    submission_rate: SubmissionRate
    credentials: Credentials
    connections: ConnectionService
    connection_health: ConnectionHealth
    importer: Importer
    instances: InstanceService
    limits: LimitService
    instance_checker: InstanceChecker
    workflows: WorkflowService
    workflow_saver: WorkflowSaver
    result_fetcher: ResultFetcher
    submissions: SubmissionBuilder
    batches: BatchService
    creation: JobCreation
    control: BatchControl
    batch_reader: BatchReader
    job_details: JobDetails
    answers: Shared[Response]
    batch_executions: BatchExecutionService
    results: ResultReader
    live: LiveStreams
    health: Health
    metrics: Metrics

    def begin_stop(self) -> None:
        """End the live streams; call it when a server begins to stop, which waits for open requests."""
        self.live.close()


@asynccontextmanager
async def open_services(
    settings: Settings,
    *,
    catalog: Catalog | None = None,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    tempo: Tempo | None = None,
    seconds: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[Services]:
    """Open everything over the database that *settings* name; *seconds* tells how old a finding is.

    Raises `DatabaseProblem`, `BadSettings`, `BrokenPlugin`.
    """
    url = settings.database_url
    await check(url)
    async with AsyncExitStack() as stack:
        database = await Database.open(url, Role.API, size=settings.database.pool_size)
        stack.push_async_callback(database.close)
        live = await stack.enter_async_context(LiveStreams(tempo, most_per_user=settings.limits.live_streams))
        owners = Owners(database, changed=live.changed, watched=live.watched)
        await stack.enter_async_context(_listening(url, live, owners=owners))
        store = ResultStore.open(settings.results_url)
        results = ResultReader(store, database)
        stack.callback(results.close)
        amc = await stack.enter_async_context(AmcProbe(_amc_url(settings)))
        clock = clock or SystemClock()
        access = _access(settings, database, clock=clock, passwords=passwords)
        base = _Base(settings, database, catalog or load_catalog(), access, clock, seconds)
        await _limits(base).apply_defaults()
        yield _compose(base, store=store, results=results, live=live, health=Health(database, amc))


@dataclass(frozen=True, slots=True)
class _Base:
    settings: Settings
    database: Database
    catalog: Catalog
    access: AccessService
    clock: Clock
    seconds: Callable[[], float]


def _compose(
    base: _Base, *, store: ResultStore, results: ResultReader, live: LiveStreams, health: Health
) -> Services:
    settings, database, catalog = base.settings, base.database, base.catalog
    credentials = Credentials(KeyRing([key.get_secret_value() for key in settings.keys.fernet]))
    instances = InstanceService(database)
    connections = ConnectionService(database, catalog=catalog, credentials=credentials)
    workflows = WorkflowService(database, catalog=catalog)
    submissions = SubmissionBuilder(
        workflows,
        instances=instances,
        catalog=catalog,
        audit=base.access.audit,
        policies=PolicyReader(database, defaults=_policy(settings)),
        limits=SubmissionLimits(settings.limits.max_batch_size, settings.limits.max_parameters_bytes),
        poll_seconds=settings.amc.poll_seconds,
        clock=base.clock,
    )
    allowed = SubmitLimits(
        unfinished_batches=settings.limits.unfinished_batches,
        parameters_bytes=settings.limits.max_parameters_bytes,
    )
    batches = BatchService(database, catalog=catalog, limits=allowed, purge=store.purge)
    paces = Paces(seconds=base.seconds)
    reader = BatchReader(database, paces=paces)
    return Services(
        settings=settings,
        database=database,
        catalog=catalog,
        access=base.access,
        idempotency=IdempotencyKeys(
            database, lost_after=timedelta(seconds=settings.web.lost_request_seconds)
        ),
        submission_rate=SubmissionRate(database, allowed=settings.limits.submissions_per_minute),
        credentials=credentials,
        connections=connections,
        connection_health=ConnectionHealth(connections, instances),
        importer=Importer(database, connections),
        instances=instances,
        limits=_limits(base),
        instance_checker=InstanceChecker(catalog, connections),
        workflows=workflows,
        workflow_saver=WorkflowSaver(database, workflows=workflows, instances=instances, batches=batches),
        result_fetcher=ResultFetcher(database, batches=batches, results=results),
        submissions=submissions,
        batches=batches,
        creation=_creation(base, instances=instances, connections=connections, batches=batches),
        control=BatchControl(database, now=base.clock.now),
        batch_reader=reader,
        job_details=JobDetails(database, paces=paces, seconds=base.seconds),
        answers=Shared(),
        batch_executions=BatchExecutionService(
            submissions=submissions, batches=batches, reader=reader, results=results
        ),
        results=results,
        live=live,
        health=health,
        metrics=Metrics(database),
    )


def _creation(
    base: _Base, *, instances: InstanceService, connections: ConnectionService, batches: BatchService
) -> JobCreation:
    given = base.settings.limits
    limits = CreationLimits(given.max_operations, given.max_parameters_bytes)
    planner = Planner(
        base.database,
        catalog=base.catalog,
        sources=Sources(base.database, instances=instances, connections=connections),
        policies=PolicyReader(base.database, defaults=_policy(base.settings)),
        limits=limits,
    )
    filler = Filler(base.database, catalog=base.catalog, limits=limits)
    previewer = Previewer(base.database, catalog=base.catalog)
    return JobCreation(base.database, planner=planner, filler=filler, previewer=previewer, batches=batches)


def _limits(base: _Base) -> LimitService:
    limits = base.settings.limits
    caps = DefaultCaps(everywhere=limits.max_running, per_user=limits.max_running_per_user)
    return LimitService(base.database, catalog=base.catalog, audit=base.access.audit, defaults=caps)


@asynccontextmanager
async def _listening(url: str, live: LiveStreams, *, owners: Owners) -> AsyncGenerator[None]:
    """Hear of changed batches on one session for the whole process."""

    def hear(_channel: str, payload: str) -> None:
        batch_id = UUID(payload) if payload else None
        live.changed(batch_id)
        if batch_id is not None:
            owners.hear(batch_id)

    notifications = Notifications(url, (CHANGED, CANCEL), listener=hear)
    tasks = [
        asyncio.create_task(notifications.run(), name="notifications"),
        asyncio.create_task(owners.run(), name="owners"),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _policy(settings: Settings) -> Policy:
    attempts = settings.attempts
    return Policy(
        max_parallel=settings.limits.max_parallel,
        max_attempts=attempts.max_attempts,
        backoff_base=attempts.backoff_base,
        attempt_timeout=attempts.attempt_timeout,
        operation_timeout=attempts.operation_timeout,
    )


def _access(
    settings: Settings, database: Database, *, clock: Clock, passwords: Passwords | None
) -> AccessService:
    if settings.keys.jwt is None:
        raise BadSettings("There is no key to sign tokens with: set FANFOLD_JWT_SECRET.")
    lifetime = timedelta(hours=settings.keys.token_hours)
    return AccessService(
        database,
        signer=TokenSigner([settings.keys.jwt.get_secret_value()], clock=clock),
        throttle=SignInThrottle(clock),
        lifetimes=Lifetimes(token=lifetime, session=lifetime),
        passwords=passwords,
    )


def _amc_url(settings: Settings) -> str | None:
    return REAL_AMC_URL if settings.amc.use_real_api else settings.amc.simulator_url
