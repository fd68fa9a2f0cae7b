"""Runs one attempt and turns whatever happens into a verdict; the only place that catches everything."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from fanfold.batches.errors import StaleAttempt
from fanfold.batches.lifecycle import AttemptState, OperationState, Reason
from fanfold.catalog.catalog import Catalog
from fanfold.engine.attempt import AttemptContext, StateUnsaved, World
from fanfold.engine.failing import failed, shown_error
from fanfold.engine.roster import Seat
from fanfold.engine.work import Claimed, Failed, Finished, Frozen, Stop, Verdict, Waiting
from fanfold.kit.injection import Point, reach
from fanfold.sdk.errors import Failure
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome, Skipped, Snoozed
from fanfold.sdk.tracing import recording

REMOTE_CANCEL_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Run:
    kind: Kind
    context: AttemptContext
    seat: Seat
    frozen: Frozen

    @property
    def claimed(self) -> Claimed:
        """What is run."""
        return self.seat.claimed


class Executor:
    """Stateless; one object runs all attempts of a worker."""

    def __init__(self, world: World, catalog: Catalog) -> None:
        self._world = world
        self._catalog = catalog

    async def execute(self, seat: Seat, frozen: Frozen) -> Verdict | None:
        """Run the attempt; None when it is no longer ours and nothing may be written."""
        claimed = seat.claimed
        context = AttemptContext(self._world, claimed, frozen=frozen, cancelled=seat.cancelled)
        run = _Run(self._catalog.kinds[frozen.kind], context, seat, frozen)
        verdict: Verdict | None = None
        try:
            with recording(self._world.calls.recorder(claimed.attempt_id)):
                verdict = await self._judge(run)
        except StaleAttempt:
            log.warning("attempt.stale", extra={"execution_id": claimed.execution_id})
        finally:
            if not isinstance(verdict, Finished) and context.opened_sink is not None:
                await context.opened_sink.discard()
        return verdict

    async def _judge(self, run: _Run) -> Verdict:
        if run.context.cancelled.is_set():
            return await self._stopped(run)
        remaining = (run.context.deadline - self._world.clock.now()).total_seconds()
        if remaining <= 0:
            return await self._timed_out(run)
        try:
            return await self._try(run, remaining)
        except asyncio.CancelledError:
            if run.seat.why is None:
                raise
            _forgive_cancellation()
            if run.seat.why is Stop.FREEZE:
                return Waiting(run.claimed, None, timedelta())
            return await self._stopped(run)

    async def _try(self, run: _Run, seconds: float) -> Verdict:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                reach(Point.BEFORE_RUN)
                outcome = await run.kind.run(run.context)
            return await self._succeeded(run, outcome)
        except StaleAttempt:
            raise
        except StateUnsaved:
            # Nothing failed but us, so nothing is burnt; the verdict waits until it can be written.
            return Waiting(run.claimed, None, timedelta())
        except Exception as error:
            if limit.expired():
                return await self._timed_out(run)
            if not isinstance(error, Failure):
                log.exception("attempt.crashed", extra={"execution_id": run.claimed.execution_id})
            return failed(error, claimed=run.claimed, frozen=run.frozen, now=self._world.clock.now())

    async def _succeeded(self, run: _Run, outcome: Outcome) -> Verdict:
        user_id = run.frozen.user_id
        match outcome:
            case Completed(summary=summary):
                sink = run.context.opened_sink
                reach(Point.BEFORE_SINK_CLOSE)
                manifest = await sink.finish() if sink else None
                reach(Point.AFTER_SINK_CLOSE)
                return Finished(run.claimed, OperationState.COMPLETED, summary, manifest, user_id)
            case Skipped(reason=reason):
                return Finished(run.claimed, OperationState.SKIPPED, {"reason": reason}, None, user_id)
            case Snoozed(after=after, state=state):
                left = run.context.deadline - self._world.clock.now()
                return Waiting(run.claimed, state, max(timedelta(), min(after, left)))

    async def _stopped(self, run: _Run) -> Failed:
        told = await self._stop_remote(run)
        timed_out = run.seat.why is Stop.TIMEOUT
        message = "The batch's time was up." if timed_out else "Cancelled by the user."
        if not told:
            message = f"{message[:-1]}; the remote side could not be told."
        if timed_out:
            error = shown_error("BatchTimedOut", message, hint="Allow the batch more time and retry.")
            return Failed(run.claimed, AttemptState.CANCELLED, Reason.TIMEOUT, error, forget=True)
        error = shown_error("Cancelled", message)
        return Failed(run.claimed, AttemptState.CANCELLED, Reason.USER, error, forget=True)

    async def _timed_out(self, run: _Run) -> Failed:
        await self._stop_remote(run)
        limit = min(run.frozen.attempt_timeout, run.frozen.operation_timeout)
        message = f"It took longer than the allowed {_in_words(limit)} and was stopped."
        error = shown_error("TimedOut", message, hint="Allow more time, or ask for less, and retry.")
        return Failed(run.claimed, AttemptState.FAILED, Reason.TIMEOUT, error, forget=True)

    async def _stop_remote(self, run: _Run) -> bool:
        try:
            async with asyncio.timeout(REMOTE_CANCEL_SECONDS):
                reach(Point.BEFORE_REMOTE_CANCEL)
                await run.kind.cancel(run.context)
                reach(Point.AFTER_REMOTE_CANCEL)
        except StaleAttempt:
            raise
        except Exception:
            log.exception("attempt.remote_cancel_failed", extra={"execution_id": run.claimed.execution_id})
            return False
        return True


def _forgive_cancellation() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _in_words(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"  # noqa: PLR2004 -- a minute
