"""Random lives of batches: what may happen to them, and the hand that makes it happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from fanfold.batches.errors import IllegalTransition
from fanfold.batches.lifecycle import TERMINAL_BATCH_STATES, PauseMode
from fanfold.batches.model import Batch, Item
from fanfold.batches.policy import FailureBudget, LockMode, Policy, Waves
from fanfold.engine.work import Stop
from fanfold.engine.worker import Worker
from fanfold.sdk.context import Context, Target
from fanfold.sdk.errors import BadInput, Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.kind import Limit, Rate
from fanfold.sdk.outcome import Completed, Snoozed
from tests.chaos.auditor import Cap
from tests.engine.conftest import Bench

KEYS = ("pool:a", "pool:b")
API = Rate(4, timedelta(seconds=10))
_ROUNDS = 60


async def _hang(_context: Context) -> Any:
    await asyncio.Event().wait()


async def _save_and_hang(context: Context) -> Any:
    await context.save({"remote": 1}, remote_ref=f"r-{context.operation_id}-{context.attempt_number}")
    await asyncio.Event().wait()


BEHAVIOURS: dict[str, Callable[[Context], Any]] = {
    "complete": lambda _: Completed(),
    "snooze": lambda _: Snoozed(timedelta(seconds=7), {"remote": 1}),
    "retry": lambda _: Retryable("once more"),
    "fail": lambda _: Permanent("never"),
    "away": lambda _: TargetUnavailable("nobody there", reached=False),
    "busy": lambda _: Throttled("too many", key="pool:a"),
    "later": lambda _: Throttled("later", key="pool:b", after=timedelta(seconds=9)),
    "bug": lambda _: ValueError("a fault of ours"),
    "hang": _hang,
    "save": _save_and_hang,
}

Action = tuple[Any, ...]
_worker, _batch = st.integers(0, 2), st.integers(0, 4)
_policies = st.fixed_dictionaries(
    {
        "max_parallel": st.integers(1, 4),
        "max_attempts": st.integers(1, 3),
        "priority": st.integers(-2, 2),
        "stop_on_error": st.booleans(),
        "budget": st.sampled_from(
            [
                FailureBudget(),
                FailureBudget(count=1),
                FailureBudget(count=1, strict=True),
                FailureBudget(percent=40),
            ]
        ),
        "sequential": st.sampled_from([False, False, True]),
        "waves": st.sampled_from([Waves(), Waves(), Waves((1, 2)), Waves((2,), tolerated=1)]),
        "lock": st.sampled_from([None, None, LockMode.SHARED, LockMode.EXCLUSIVE]),
        "rate": st.sampled_from([None, None, Rate(2, timedelta(seconds=5))]),
        "batch_timeout": st.sampled_from([None, None, timedelta(minutes=5)]),
    }
)
_submit = st.tuples(
    st.just("submit"), st.lists(st.sampled_from(sorted(BEHAVIOURS)), min_size=1, max_size=6), _policies
)
_work = st.tuples(st.just("work"), _worker)
_actions = st.one_of(
    _submit,
    _work,
    _work,
    _work,
    st.tuples(st.just("claim"), _worker),
    st.tuples(st.just("kill"), _worker),
    st.tuples(st.just("advance"), st.sampled_from([1, 5, 16, 40, 400])),
    st.tuples(st.just("keep"), _worker),
    st.tuples(st.just("pause"), _batch, st.sampled_from(list(PauseMode))),
    st.tuples(st.just("resume"), _batch),
    st.tuples(st.just("cancel"), _batch),
    st.tuples(st.just("retry"), _batch),
    st.tuples(st.just("parallel"), _batch, st.integers(1, 5)),
    st.tuples(st.just("cap"), st.sampled_from(KEYS), st.integers(1, 4)),
)
LIVES = st.tuples(_submit, st.lists(_actions, min_size=5, max_size=40)).map(lambda life: [life[0], *life[1]])


@dataclass
class Life:
    """One life on a bench; `caps` tells the auditor of the limits that it changed."""

    bench: Bench
    batches: list[Batch] = field(default_factory=list[Batch])
    workers: list[Worker] = field(default_factory=list[Worker], repr=False)
    caps: list[Cap] = field(default_factory=list[Cap])
    retried: set[str] = field(default_factory=set[str])

    async def live(self, actions: Sequence[Action]) -> None:
        """Do all of *actions*, then let everything come to its end."""
        self.workers = [self.bench.worker(capacity=5) for _ in range(3)]
        for name, *given in actions:
            with suppress(IllegalTransition, BadInput):
                await getattr(self, f"_{name}")(*given)
        await self._calm()

    async def _calm(self) -> None:
        self.bench.kind.steps.clear()
        for key in KEYS:
            # Who weighs two waits for ever behind a cap of one, as promised.
            await self._cap(key, 3)
        for _ in range(_ROUNDS):
            for batch in self.batches:
                with suppress(IllegalTransition):
                    await self._go_on(batch)
            for index in range(len(self.workers)):
                await self._keep(index)
                await self._work(index)
            if all(
                [(await self.bench.batch(batch)).status in TERMINAL_BATCH_STATES for batch in self.batches]
            ):
                break
            self.bench.clock.advance(timedelta(minutes=2))
            # What hangs holds its lease no longer.
            for index in range(len(self.workers)):
                await self._kill(index)
        for worker in self.workers:
            worker.roster.abandon(worker.roster.attempts())

    async def _go_on(self, batch: Batch) -> None:
        await self.bench.control.resume(batch.batch_id, user_id=self.bench.user_id)

    async def _submit(self, behaviours: Sequence[str], policy: dict[str, Any]) -> None:
        if len(self.batches) == 5:
            return
        items: list[Item] = []
        for number, behaviour in enumerate(behaviours):
            target = f"{len(self.batches)}-{number}"
            self.bench.kind.script(target, BEHAVIOURS[behaviour])
            self.bench.kind.caps[target] = [
                Limit(KEYS[number % 2], 3, weight=1 + (number == 1)),
                Limit("api", rate=API),
            ]
            items.append(Item(Target(target, target)))
        batch = await self.bench.submit(*items, **policy)
        self.batches.append(batch)
        since = await self._last_event()
        self.caps += [Cap(str(batch.id), since, 1 if policy["sequential"] else policy["max_parallel"])]
        self.caps += [Cap(key, 0, 3) for key in KEYS if all(cap.subject != key for cap in self.caps)]

    async def _work(self, index: int) -> None:
        worker = self.workers[index]
        await worker.claimer.run_once()
        await worker.roster.drain(timeout=0.01)
        while await worker.completer.run_once():
            pass

    async def _claim(self, index: int) -> None:
        await self.workers[index].claimer.run_once()

    async def _kill(self, index: int) -> None:
        dead = self.workers[index]
        dead.roster.abandon(dead.roster.attempts())
        await dead.roster.drain(timeout=1)
        self.workers[index] = self.bench.worker(capacity=5)

    async def _advance(self, seconds: int) -> None:
        self.bench.clock.advance(timedelta(seconds=seconds))

    async def _keep(self, index: int) -> None:
        worker = self.workers[index]
        await worker.heartbeat.run_once()
        await worker.rescuer.run_once()
        await self.bench.lead(worker)

    async def _pause(self, index: int, mode: PauseMode) -> None:
        if batch := self._chosen(index):
            await self.bench.control.pause(batch.batch_id, user_id=self.bench.user_id, mode=mode)

    async def _resume(self, index: int) -> None:
        if batch := self._chosen(index):
            await self._go_on(batch)

    async def _cancel(self, index: int) -> None:
        if batch := self._chosen(index):
            await self.bench.batches.cancel(batch.batch_id, user_id=self.bench.user_id)
            for worker in self.workers:
                worker.roster.stop_batches({batch.id: Stop.USER})

    async def _retry(self, index: int) -> None:
        if batch := self._chosen(index):
            choice = ["failed", "cancelled", "skipped"]
            await self.bench.batches.retry(batch.batch_id, user_id=self.bench.user_id, select=choice)
            self.retried.add(batch.batch_id)

    async def _parallel(self, index: int, most: int) -> None:
        batch = self._chosen(index)
        if batch is None or batch.policy.sequential:
            return
        await self.bench.change(batch, max_parallel=most)
        self.caps.append(Cap(str(batch.id), await self._last_event(), most))

    async def _cap(self, key: str, most: int) -> None:
        rows = await self.bench.rows(
            "update limits set max_running = $2, pinned = true where key = $1 returning key", key, most
        )
        if rows:
            self.caps.append(Cap(key, await self._last_event(), most))

    def _chosen(self, index: int) -> Batch | None:
        return self.batches[index] if index < len(self.batches) else None

    async def _last_event(self) -> int:
        (row,) = await self.bench.rows("select coalesce(max(id), 0) id from events")
        return row["id"]


def strict_limit(policy: Policy, total: int) -> int | None:
    """Return how many failures a strict batch can have at the most; None if it is not strict."""
    if not policy.budget.strict:
        return None
    counts = [0] if policy.stop_on_error else []
    counts += [] if policy.budget.count is None else [policy.budget.count]
    counts += [] if policy.budget.percent is None else [int(total * policy.budget.percent / 100)]
    return min(counts) + 1
