"""Every pair of state and verb against the real SQL: legal ones move, illegal ones change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest

from fanfold.batches import store
from fanfold.batches.control import BatchControl
from fanfold.batches.errors import IllegalTransition
from fanfold.batches.lifecycle import (
    BATCH_VERBS,
    OPERATION_TRANSITIONS,
    AttemptState,
    BatchState,
    OperationState,
    Reason,
    Verb,
    operation_next,
)
from fanfold.batches.model import Item, Submission
from fanfold.batches.service import BatchService
from fanfold.catalog.catalog import Catalog
from fanfold.db.database import Database
from fanfold.engine.leading import LeaderStore
from fanfold.engine.store import EngineStore
from fanfold.engine.work import Claimed, Failed, Finished, Waiting
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput
from tests.engine.conftest import ScriptedKind

LEASE = timedelta(seconds=15)
ERROR = {"class": "X", "message": "x", "hint": None, "fingerprint": "x"}
OPERATION_VERBS = sorted({verb for _, verb in OPERATION_TRANSITIONS})
PAIRS = [(state, verb) for state in OperationState for verb in OPERATION_VERBS]


class Heart:
    """A batch of one operation that can be put into any state and told any verb."""

    def __init__(self, api: Database, service: Database, user_id: UUID) -> None:
        self.api = api
        self.service = service
        self.user_id = user_id
        self.catalog = Catalog(kinds={"scripted": ScriptedKind()}, connectors={})
        self.batches = BatchService(api, catalog=self.catalog)
        self.control = BatchControl(api, now=lambda: datetime.now(UTC))
        self.engine = EngineStore(service, worker_id=uuid4(), kinds=["scripted"], lease=LEASE)

    async def begin(self) -> None:
        items = [Item(Target(key="a", name="A"))]
        self.batch = await self.batches.submit(Submission("scripted", "x", items), user_id=self.user_id)
        self.claimed: Claimed | None = None

    async def put(self, state: OperationState) -> None:
        """Bring the operation into *state* by legal verbs."""
        await self.begin()
        if state is OperationState.PENDING:
            return
        if state is OperationState.CANCELLED:
            await self.say(Verb.CANCEL)
            return
        await self.say(Verb.CLAIM)
        path = {
            OperationState.COMPLETED: Verb.COMPLETE,
            OperationState.FAILED: Verb.FAIL,
            OperationState.SKIPPED: Verb.SKIP,
        }
        if state in path:
            await self.say(path[state])

    async def state(self) -> OperationState:
        async with self.service.transaction() as transaction:
            row = await transaction._connection.fetchrow(
                "select status from operations where batch_id = $1", self.batch.id
            )
        return OperationState(row["status"])

    async def say(self, verb: Verb) -> None:
        """Say *verb* to the operation the way the product says it."""
        match verb:
            case Verb.CLAIM:
                await self._claim()
            case Verb.RETRY:
                await self._retry()
            case Verb.CANCEL:
                await self._cancel()
            case Verb.RESCUE:
                await self._rescue()
            case Verb.SKIP if self.claimed is None:
                await self._skip()
            case _:
                await self.engine.finish([self._verdict(verb)])

    async def _claim(self) -> None:
        if self.claimed is not None:
            await self.engine.finish([Waiting(self.claimed, {"s": 1}, timedelta())])
        claimed = (await self.engine.claim(1)).claimed
        self.claimed = claimed[0] if claimed else self.claimed

    async def _retry(self) -> None:
        if await self.state() is OperationState.RUNNING:
            await self.engine.finish([self._failed(retry_after=timedelta())])
        else:
            await self.batches.retry(
                self.batch.batch_id, user_id=self.user_id, select=["failed", "cancelled", "skipped"]
            )

    async def _cancel(self) -> None:
        if self.claimed is not None:
            await self.engine.finish([self._failed(attempt_state=AttemptState.CANCELLED, reason=Reason.USER)])
        else:
            await self.batches.cancel(self.batch.batch_id, user_id=self.user_id)

    async def _skip(self) -> None:
        async with self.service.transaction() as transaction:
            await transaction._connection.execute(
                "update batches set stopped_at = moment(), stop_reason = 'budget' where id = $1",
                self.batch.id,
            )
        await LeaderStore(self.service).lead()

    async def _rescue(self) -> None:
        async with self.service.transaction() as transaction:
            await transaction._connection.execute(
                "update attempts set lease_until = moment() - interval '1 s' where state = 'running'"
            )
        await self.engine.rescue()

    def _verdict(self, verb: Verb) -> Finished | Failed | Waiting:
        claimed = self._fence()
        match verb:
            case Verb.COMPLETE:
                return Finished(claimed, OperationState.COMPLETED, {}, None, self.user_id)
            case Verb.SKIP:
                return Finished(claimed, OperationState.SKIPPED, {}, None, self.user_id)
            case Verb.SNOOZE:
                return Waiting(claimed, {"s": 1}, timedelta(minutes=1))
            case Verb.FAIL:
                return self._failed()
            case _:
                raise AssertionError(verb)

    def _failed(
        self,
        *,
        retry_after: timedelta | None = None,
        attempt_state: AttemptState = AttemptState.FAILED,
        reason: Reason = Reason.ERROR,
    ) -> Failed:
        return Failed(self._fence(), attempt_state, reason, ERROR, retry_after=retry_after)

    def _fence(self) -> Claimed:
        if self.claimed is not None:
            return self.claimed
        now = self.batch.created_at
        return Claimed(uuid4(), "exec_0", self.batch.id, 1, 1, 1, Target("a", "A"), {}, None, now, now)


@pytest.fixture
def heart(api_database, service_database, user_id):
    return Heart(api_database, service_database, user_id)


@pytest.mark.parametrize(("state", "verb"), PAIRS, ids=str)
async def test_a_verb_moves_an_operation_only_where_the_table_says(heart, state, verb):
    await heart.put(state)
    expected = operation_next(state, verb) or state
    try:
        await heart.say(verb)
    except (IllegalTransition, BadInput):
        assert operation_next(state, verb) is None
    assert await heart.state() is expected
    batch = await find(heart)
    counts = batch.counts
    assert getattr(counts, expected.value) == counts.total == 1


async def find(heart):
    async with heart.api.transaction(user_id=heart.user_id) as transaction:
        return await store.find(transaction, heart.batch.batch_id)


@pytest.mark.parametrize("verb", [Verb.CANCEL, Verb.RETRY, Verb.PRUNE, Verb.PAUSE, Verb.RESUME, Verb.CHANGE])
@pytest.mark.parametrize("state", OperationState)
async def test_a_batch_refuses_the_verbs_that_its_status_forbids(heart, state, verb):
    await heart.put(state)
    status = (await find(heart)).status
    call = {
        Verb.CANCEL: heart.batches.cancel,
        Verb.RETRY: heart.batches.retry,
        Verb.PRUNE: heart.batches.delete,
        Verb.PAUSE: heart.control.pause,
        Verb.RESUME: heart.control.resume,
        Verb.CHANGE: partial(heart.control.change, change=lambda batch: batch),
    }[verb]
    allowed = status in BATCH_VERBS[verb] or (verb is Verb.CANCEL and status is BatchState.CANCELLED)
    if allowed:
        await call(heart.batch.batch_id, user_id=heart.user_id)
    else:
        with pytest.raises(IllegalTransition, match=f"is {status}: it cannot {verb} now"):
            await call(heart.batch.batch_id, user_id=heart.user_id)


CASES = [
    # sealed, paused, cancelling, stopped; total, then pending to cancelled -> status
    ((False, False, False, False, 0, 0, 0, 0, 0, 0, 0), "pending"),
    ((True, False, False, False, 2, 2, 0, 0, 0, 0, 0), "queued"),
    ((True, False, False, False, 2, 1, 1, 0, 0, 0, 0), "running"),
    ((True, False, False, False, 2, 1, 0, 0, 1, 0, 0), "running"),
    ((True, True, False, False, 2, 1, 1, 0, 0, 0, 0), "paused"),
    ((True, False, True, False, 2, 0, 1, 1, 0, 0, 0), "cancelling"),
    ((True, False, True, False, 2, 0, 0, 1, 0, 0, 1), "cancelled"),
    ((True, False, True, False, 2, 0, 0, 2, 0, 0, 0), "completed"),
    ((True, False, False, False, 2, 0, 0, 2, 0, 0, 0), "completed"),
    ((True, False, False, False, 2, 0, 0, 1, 0, 1, 0), "completed"),
    ((True, False, False, False, 2, 0, 0, 1, 1, 0, 0), "partial"),
    ((True, False, False, False, 2, 0, 0, 0, 1, 1, 0), "partial"),
    ((True, False, False, False, 2, 0, 0, 0, 2, 0, 0), "failed"),
    # What was skipped because the batch stopped is no success.
    ((True, False, False, True, 3, 1, 0, 0, 1, 1, 0), "running"),
    ((True, False, False, True, 3, 0, 0, 0, 1, 2, 0), "failed"),
    ((True, False, False, True, 3, 0, 0, 1, 1, 1, 0), "partial"),
    ((True, False, False, True, 3, 0, 0, 0, 0, 3, 0), "failed"),
]


@pytest.mark.parametrize(("given", "status"), CASES)
async def test_a_batch_s_status_follows_from_counters_and_flags(service_database, given, status):
    async with service_database.transaction() as transaction:
        query = "select batch_status($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        assert await transaction._connection.fetchval(query, *given) == status
