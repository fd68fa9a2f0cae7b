"""Moves executions on: validate, queue, run, end. The event loop's thread is the only writer; computing is
elsewhere.

Nothing here waits: `advance` does what is due at the clock's present moment, and whoever looks calls it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from amcsim import noise
from amcsim.clock import Clock
from amcsim.config import SimulatorConfig
from amcsim.errors import BadRequest
from amcsim.executions.model import Computed, Execution, ExecutionRequest, Status
from amcsim.executions.readiness import Gap, complete_at, recent_gaps, refusal_of
from amcsim.faults.model import DataGap, FailExecution, HeaderOnly, Reject, Slow, Stuck
from amcsim.faults.plan import FaultPlan
from amcsim.limits import Limits
from amcsim.sql.compiled import Compiled
from amcsim.sql.problem import SqlProblem
from amcsim.stats import Stats

_IDLE_SECONDS = 3600.0


class Engine(Protocol):
    """What turns SQL into result files; called in worker threads."""

    def compile(self, request: ExecutionRequest) -> Compiled:
        """Return the checked and rewritten query; raises SqlProblem."""
        ...

    def compute(self, execution_id: str, request: ExecutionRequest, *, compiled: Compiled) -> Computed:
        """Run the query and write its result files."""
        ...

    def abandon(self, execution_id: str) -> None:
        """Stop computing; called from the event loop's thread."""
        ...


class Runner:
    """The queue of every instance: at most so many run per instance and per account, the rest wait as
    PENDING.
    """

    def __init__(
        self,
        config: SimulatorConfig,
        clock: Clock,
        *,
        engine: Engine,
        faults: FaultPlan,
        stats: Stats,
        limits: Limits,
    ) -> None:
        self._config = config
        self._limits = limits
        self._speed = config.speed
        self._clock = clock
        self._engine = engine
        self._faults = faults
        self._stats = stats
        self._pool = ThreadPoolExecutor(config.compute_threads, thread_name_prefix="amcsim")
        self._active: dict[str, Execution] = {}
        self._running_by_instance: Counter[str] = Counter()
        self._running_by_account: Counter[str] = Counter()
        self._submitted = 0
        self._quiet_until: datetime | None = None
        self.changed = asyncio.Event()

    @property
    def speed(self) -> float:
        """What durations are divided by."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Divide durations by *speed* from now on; what is left of those under way changes with it."""
        now, ratio = self._clock.now(), self._speed / speed
        self._speed = speed
        for execution in self._active.values():
            execution.rescale(now, ratio)
        self.stir()

    def submit(
        self, execution_id: str, request: ExecutionRequest, *, nominal: datetime | None = None
    ) -> Execution:
        """Accept an execution; it is PENDING until validated, until its time has come and there is room."""
        now = nominal or self._clock.now()
        self._submitted += 1
        execution = Execution(
            execution_id=execution_id,
            ordinal=self._submitted,
            request=request,
            created_at=now,
            updated_at=now,
            compilation=asyncio.get_running_loop().run_in_executor(self._pool, self._engine.compile, request),
            validate_at=now + timedelta(seconds=self._config.compile_seconds / self._speed),
        )
        if nominal is not None:
            delay = self._config.schedule_delay_seconds / self._speed
            execution.wait_until = nominal + timedelta(seconds=delay)
        self._find_gaps(execution)
        execution.compilation.add_done_callback(self._wake)
        self._active[execution_id] = execution
        self._count(execution, "submissions")
        self._count(execution, "pending")
        self.stir()
        return execution

    def cancel(self, execution: Execution) -> None:
        """End an execution that has not ended; raises BadRequest."""
        refuse_ended(execution)
        self._end(execution, Status.CANCELLED, "Workflow execution was cancelled by the user.")
        self.stir()
        self.advance()

    def cancel_all(self, instance_id: str) -> None:
        """End everything that has not ended in an instance that is no more."""
        for execution in list(self._active.values()):
            if execution.request.instance.instance_id == instance_id:
                self._end(execution, Status.CANCELLED, "The instance was deleted.")
        self.stir()

    def advance(self) -> None:
        """Do everything that is due now, in the order in which the executions came."""
        now = self._clock.now()
        if self._quiet_until is not None and now < self._quiet_until:
            return
        for execution in list(self._active.values()):
            if execution.status is Status.RUNNING:
                self._finish_if_due(execution, now)
        for execution in list(self._active.values()):
            if execution.status is Status.PENDING:
                self._validate_if_due(execution, now)
                self._start_if_room(execution, now)
        self._quiet_until = now + timedelta(seconds=self.seconds_to_next())

    async def settle(self) -> None:
        """Wait for the computing under way, then do what is due; the clock is not touched."""
        while waiting := [future for future in self._futures() if not future.done()]:
            await asyncio.wait(waiting)
            self.stir()
            self.advance()
        self.advance()

    def close(self) -> None:
        """Stop computing; what runs is left to its thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _futures(self) -> Iterable[asyncio.Future[Compiled] | asyncio.Future[Computed]]:
        for execution in self._active.values():
            yield execution.compilation
            if execution.computation is not None:
                yield execution.computation

    def seconds_to_next(self) -> float:
        """Return after how many seconds something is due, an hour when nothing is."""
        now = self._clock.now()
        due = [
            moment
            for execution in self._active.values()
            for moment in (
                execution.validate_at,
                execution.startable_at,
                execution.finish_at,
                execution.deadline,
            )
            if moment is not None and moment > now
        ]
        return (min(due) - now).total_seconds() if due else _IDLE_SECONDS

    def _wake(self, future: asyncio.Future[Compiled] | asyncio.Future[Computed]) -> None:
        if not future.cancelled():
            future.exception()  # a cancelled execution never asks, and asyncio would report it as forgotten
        self.stir()

    def stir(self) -> None:
        """Have everything looked at again, because something changed."""
        self._quiet_until = None
        self.changed.set()

    def _validate_if_due(self, execution: Execution, now: datetime) -> None:
        due = execution.validated_at is None and execution.validate_at <= now and execution.compilation.done()
        if not due:
            return
        problem = execution.compilation.exception()
        rejection = self._faults.strike(Reject, execution.request.instance.instance_id)
        if rejection is not None:
            self._end(execution, Status.REJECTED, rejection.reason)
        elif isinstance(problem, SqlProblem):
            self._end(execution, Status.REJECTED, str(problem))
        elif problem is not None:
            self._end(execution, Status.FAILED, f"Unable to validate the workflow: {type(problem).__name__}")
        else:
            execution.validated_at = execution.updated_at = now
            execution.warnings = execution.compilation.result().prepared.warnings
            refused = refusal_of(execution.gaps, ignored=execution.request.ignore_data_gaps)
            if refused is not None:
                self._end(execution, Status.FAILED if refused.fails else Status.REJECTED, refused.reason)
            elif execution.request.dry_run:
                self._end(execution, Status.SUCCEEDED, None)

    def _find_gaps(self, execution: Execution) -> None:
        request, options = execution.request, self._config.api
        window = request.window
        gaps = list(recent_gaps(window, now=execution.created_at, options=options))
        faults = self._faults.strikes(
            DataGap,
            request.instance.instance_id,
            matching=lambda fault: fault.from_moment < window.end and window.start < fault.to_moment,
        )
        gaps += [Gap(fault.from_moment, fault.to_moment, fault.reason, fault.outcome) for fault in faults]
        execution.gaps = tuple(gaps)
        if options.recent_data == "wait" and gaps and not request.ignore_data_gaps:
            execution.complete_at = complete_at(window, options=options)

    def _start_if_room(self, execution: Execution, now: datetime) -> None:
        instance = execution.request.instance
        waits = (
            execution.status is Status.PENDING
            and execution.validated_at is not None
            and (execution.startable_at is None or execution.startable_at <= now)
        )
        room = execution.request.audience_for is not None or (
            self._running_by_instance[instance.instance_id] < self._limits.running_per_instance
            and self._running_by_account[instance.account.account_id] < self._limits.running_per_account
        )
        if not (waits and room):
            return
        execution.status = Status.RUNNING
        execution.started_at = execution.updated_at = now
        execution.finish_at = now + self._duration(execution)
        self._room(execution, 1)
        self._count(execution, "pending", by=-1)
        self._count(execution, "running")
        compiled = execution.compilation.result()
        if self._faults.strike(HeaderOnly, instance.instance_id) is not None:
            compiled = compiled.without_rows()
        execution.computation = asyncio.get_running_loop().run_in_executor(
            self._pool,
            partial(self._engine.compute, execution.execution_id, execution.request, compiled=compiled),
        )
        execution.computation.add_done_callback(self._wake)

    def _finish_if_due(self, execution: Execution, now: datetime) -> None:
        computation, finish_at, deadline = execution.computation, execution.finish_at, execution.deadline
        if computation is None or finish_at is None or deadline is None:
            return
        # what computes longer than it may is stopped; what is done but simulated to last longer is not late
        timed_out = deadline <= now and (finish_at >= deadline or not computation.done())
        if not timed_out and (finish_at > now or not computation.done()):
            return
        if timed_out:
            self._end(execution, Status.FAILED, "Workflow execution timed out.")
            return
        failure = self._faults.strike(FailExecution, execution.request.instance.instance_id)
        problem = computation.exception()
        if failure is not None:
            self._end(execution, Status.FAILED, failure.reason)
        elif problem is not None:
            self._end(execution, Status.FAILED, str(problem))
        else:
            execution.computed = computation.result()
            self._end(execution, Status.SUCCEEDED, None)

    def _end(self, execution: Execution, status: Status, reason: str | None) -> None:
        was_running = execution.status is Status.RUNNING
        if was_running:
            self._room(execution, -1)
        if execution.computation is not None and not execution.computation.done():
            execution.computation.cancel()
            self._engine.abandon(execution.execution_id)
        self._count(execution, "running" if was_running else "pending", by=-1)
        self._count(execution, status.value.lower())
        execution.status = status
        execution.reason = reason
        execution.finished_at = execution.updated_at = self._clock.now()
        del self._active[execution.execution_id]

    def _duration(self, execution: Execution) -> timedelta:
        instance_id = execution.request.instance.instance_id
        if self._faults.strike(Stuck, instance_id) is not None:
            return self._timeout(execution)
        slow = self._faults.strike(Slow, instance_id)
        percent = 60 + noise.below(81, instance_id, execution.request.workflow_id, execution.ordinal)
        seconds = self._config.execution_seconds * percent / 100 * (slow.factor if slow else 1.0)
        return min(timedelta(seconds=seconds / self._speed), self._timeout(execution))

    def _timeout(self, execution: Execution) -> timedelta:
        return timedelta(seconds=execution.request.timeout_seconds)

    def _room(self, execution: Execution, by: int) -> None:
        if execution.request.audience_for is not None:
            return  # audiences are no executions, and take none of their slots (inferred)
        self._running_by_instance[execution.request.instance.instance_id] += by
        self._running_by_account[execution.request.instance.account.account_id] += by

    def _count(self, execution: Execution, name: str, *, by: int = 1) -> None:
        request = execution.request
        if request.audience_for is not None:
            return
        self._stats.count(name, request.instance.instance_id, workflow_id=request.workflow_id, by=by)


def refuse_ended(execution: Execution) -> None:
    """Raise BadRequest for an execution that has ended."""
    if execution.status.terminal:
        raise BadRequest(
            f"Execution with ID {execution.execution_id} is {execution.status} and cannot be updated."
        )
