"""Turns an exception into the verdict of its family, and decides what a user may read of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fanfold.batches.lifecycle import AttemptState, Reason
from fanfold.engine.fingerprint import fingerprint
from fanfold.engine.work import Claimed, Failed, Frozen
from fanfold.kit.backoff import full_jitter
from fanfold.sdk.errors import Failure, Permanent, Retryable, TargetUnavailable, Throttled

LONGEST_BACKOFF = timedelta(minutes=5)
DEFAULT_THROTTLE = timedelta(seconds=30)


def failed(error: Exception, *, claimed: Claimed, frozen: Frozen) -> Failed:
    """Return the verdict on an attempt that raised *error*."""
    message, hint = _words(error)
    shown = shown_error(type(error).__name__, message, hint=hint)
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


def shown_error(class_name: str, message: str, *, hint: str | None = None) -> dict[str, Any]:
    """Return an error as users see it and as it is stored."""
    return {
        "class": class_name,
        "message": message,
        "hint": hint,
        "fingerprint": fingerprint(class_name, message),
    }
