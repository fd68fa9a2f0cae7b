"""Turns an exception into the verdict of its family, and decides what a user may read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fanfold.batches.lifecycle import AttemptState, Reason
from fanfold.engine.fingerprint import fingerprint
from fanfold.engine.work import Claimed, Failed, Frozen
from fanfold.kit.backoff import full_jitter
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled

LONGEST_BACKOFF = timedelta(minutes=5)
UNNAMED_PAUSE = timedelta(seconds=2)
"""How long a key rests that was told \"too many\" without a time; it also bears only half from then on."""
LONGEST_ABSENCE = timedelta(seconds=15)
"""How long at the most until a target where nobody was is asked again."""


def failed(error: Exception, *, claimed: Claimed, frozen: Frozen, now: datetime) -> Failed:
    """Return the verdict on an attempt that raised *error*.

    What burns no attempt is tried again only as long as the operation's time allows.
    """
    verdict = _by_family(error, claimed, frozen)
    given_up_at = claimed.operation_started_at + frozen.operation_timeout + claimed.extended
    if not verdict.counted and verdict.retry_after is not None and now + verdict.retry_after > given_up_at:
        return replace(verdict, retry_after=None)
    return verdict


def _by_family(error: Exception, claimed: Claimed, frozen: Frozen) -> Failed:
    message, hint = _words(error)
    shown = shown_error(type(error).__name__, message, hint=hint)
    backoff = full_jitter(claimed.attempt_number, base=frozen.backoff_base, cap=LONGEST_BACKOFF)
    failure = Failed(claimed, AttemptState.FAILED, Reason.ERROR, shown, retry_after=backoff)
    match error:
        case Throttled(key=key, after=after):
            wait = after or full_jitter(2, base=UNNAMED_PAUSE, cap=LONGEST_BACKOFF)
            return replace(
                failure,
                attempt_state=AttemptState.THROTTLED,
                reason=Reason.THROTTLED,
                retry_after=wait,
                counted=False,
                blocked_key=key,
                blocked_for=after or UNNAMED_PAUSE,
                halved=after is None,
            )
        case Permanent():
            return replace(failure, error={**shown, "retryable": False}, retry_after=None)
        case TargetUnavailable(after=after, reached=reached):
            wait = max(backoff if reached else min(backoff, LONGEST_ABSENCE), after or timedelta())
            return replace(
                failure,
                reason=Reason.TARGET_UNAVAILABLE,
                retry_after=wait,
                counted=reached,
                accuses=True,
            )
        case Retryable(after=after):
            return replace(failure, retry_after=max(backoff, after or timedelta()))
        case _:
            return failure


def _words(error: Exception) -> tuple[str, str | None]:
    if isinstance(error, Failure):
        return error.message, error.hint
    # The text of a stranger's exception may hold anything, a secret too; the log has it.
    return "An unexpected error stopped the attempt; the worker's log has the details.", None


def shown_error(class_name: str, message: str, *, hint: str | None = None) -> dict[str, Any]:
    """Return an error as users see it and as it is stored."""
    return {
        "class": class_name,
        "message": message,
        "hint": hint,
        "fingerprint": fingerprint(class_name, message),
    }
