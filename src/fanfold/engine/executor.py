"""Runs one attempt and turns whatever happens into a verdict; the only place that catches everything."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from fanfold.batches.errors import StaleAttempt
from fanfold.batches.lifecycle import AttemptState, OperationState, Reason
from fanfold.catalog.catalog import Catalog
from fanfold.engine.attempt import AttemptContext, World
from fanfold.engine.fingerprint import fingerprint
from fanfold.engine.work import Claimed, Failed, Finished, Frozen, Verdict, Waiting
from fanfold.kit.backoff import full_jitter
from fanfold.sdk.context import CancelSignal
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled
from fanfold.sdk.kind import Kind
from fanfold.sdk.outcome import Completed, Outcome, Skipped, Snoozed

LONGEST_BACKOFF = timedelta(minutes=5)
DEFAULT_THROTTLE = timedelta(seconds=30)
REMOTE_CANCEL_SECONDS = 30.0

log = logging.getLogger(__name__)


class Executor:
    """Stateless; one object runs all attempts of a worker."""

    def __init__(self, world: World, catalog: Catalog) -> None:
        self._world = world
        self._catalog = catalog

    async def execute(self, claimed: Claimed, frozen: Frozen, cancelled: CancelSignal) -> Verdict | None:
        """Run the attempt; None when it is no longer ours and nothing may be written."""
        context = AttemptContext(self._world, claimed, frozen, cancelled)
        kind = self._catalog.kinds[frozen.kind]
        verdict: Verdict | None = None
        try:
            verdict = await self._judge(kind, context, claimed, frozen)
        except StaleAttempt:
            log.warning("attempt.stale", extra={"execution_id": claimed.execution_id})
        finally:
            if not isinstance(verdict, Finished) and context.opened_sink is not None:
                await context.opened_sink.discard()
        return verdict

    async def _judge(self, kind: Kind, context: AttemptContext, claimed: Claimed, frozen: Frozen) -> Verdict:
        remaining = (context.deadline - self._world.clock.now()).total_seconds()
        if context.cancelled.is_set():
            return await self._stopped(kind, context, claimed)
        if remaining <= 0:
            return await self._timed_out(kind, context, claimed, frozen)
        try:
            async with asyncio.timeout(remaining) as limit:
                outcome = await kind.run(context)
            return await self._succeeded(outcome, context, claimed, frozen)
        except TimeoutError as error:
            if limit.expired():
                return await self._timed_out(kind, context, claimed, frozen)
            return _failed(error, claimed, frozen)
        except asyncio.CancelledError:
            if not context.cancelled.is_set():
                raise
            _forgive_cancellation()
            return await self._stopped(kind, context, claimed)
        except StaleAttempt:
            raise
        except Exception as error:
            if not isinstance(error, Failure):
                log.exception("attempt.crashed", extra={"execution_id": claimed.execution_id})
            return _failed(error, claimed, frozen)

    async def _succeeded(
        self, outcome: Outcome, context: AttemptContext, claimed: Claimed, frozen: Frozen
    ) -> Verdict:
        match outcome:
            case Completed(summary=summary):
                manifest = await context.opened_sink.finish() if context.opened_sink else None
                return Finished(claimed, OperationState.COMPLETED, summary, manifest, frozen.user_id)
            case Skipped(reason=reason):
                return Finished(claimed, OperationState.SKIPPED, {"reason": reason}, None, frozen.user_id)
            case Snoozed(after=after, state=state):
                left = context.deadline - self._world.clock.now()
                return Waiting(claimed, state, max(timedelta(), min(after, left)))

    async def _stopped(self, kind: Kind, context: AttemptContext, claimed: Claimed) -> Failed:
        told = await self._stop_remote(kind, context)
        message = "Cancelled by the user." if told else "Cancelled by the user; the remote side could not be told."
        error = _error("Cancelled", message, None)
        return Failed(claimed, AttemptState.CANCELLED, Reason.USER, error, forget=True)

    async def _timed_out(self, kind: Kind, context: AttemptContext, claimed: Claimed, frozen: Frozen) -> Failed:
        await self._stop_remote(kind, context)
        limit = min(frozen.attempt_timeout, frozen.operation_timeout)
        message = f"It took longer than the allowed {_in_words(limit)} and was stopped."
        error = _error("TimedOut", message, "Allow more time, or ask for less, and retry.")
        return Failed(claimed, AttemptState.FAILED, Reason.TIMEOUT, error, forget=True)

    async def _stop_remote(self, kind: Kind, context: AttemptContext) -> bool:
        try:
            async with asyncio.timeout(REMOTE_CANCEL_SECONDS):
                await kind.cancel(context)
        except StaleAttempt:
            raise
        except Exception:
            log.exception("attempt.remote_cancel_failed", extra={"execution_id": context.execution_id})
            return False
        return True


def _failed(error: Exception, claimed: Claimed, frozen: Frozen) -> Failed:
    shown = _error(type(error).__name__, *_words(error))
    backoff = full_jitter(claimed.attempt_number, base=frozen.backoff_base, cap=LONGEST_BACKOFF)
    match error:
        case Throttled(key=key, after=after):
            wait = after or DEFAULT_THROTTLE
            return Failed(
                claimed,
                AttemptState.THROTTLED,
                Reason.THROTTLED,
                shown,
                retry_after=wait,
                counted=False,
                blocked_key=key,
                blocked_for=wait,
            )
        case Permanent():
            return Failed(claimed, AttemptState.FAILED, Reason.ERROR, shown)
        case TargetUnavailable(after=after):
            wait = max(backoff, after or backoff)
            return Failed(claimed, AttemptState.FAILED, Reason.TARGET_UNAVAILABLE, shown, retry_after=wait)
        case Retryable(after=after):
            wait = max(backoff, after or backoff)
            return Failed(claimed, AttemptState.FAILED, Reason.ERROR, shown, retry_after=wait)
        case _:
            return Failed(claimed, AttemptState.FAILED, Reason.ERROR, shown, retry_after=backoff)


def _words(error: Exception) -> tuple[str, str | None]:
    if isinstance(error, Failure):
        return error.message, error.hint
    # The text of a stranger's exception may hold anything, a secret too; the log has it.
    return "An unexpected error stopped the attempt; the worker's log has the details.", None


def _error(class_name: str, message: str, hint: str | None) -> dict[str, Any]:
    return {
        "class": class_name,
        "message": message,
        "hint": hint,
        "fingerprint": fingerprint(class_name, message),
    }


def _forgive_cancellation() -> None:
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()


def _in_words(duration: timedelta) -> str:
    seconds = duration.total_seconds()
    return f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"  # noqa: PLR2004 -- a minute
