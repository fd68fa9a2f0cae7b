"""The one table of legal transitions; SQL, docs, tests and UI are checked against it.

A batch has no table: its status follows from its counters and flags (SQL function `batch_status`).
"""

from __future__ import annotations

from enum import StrEnum


class OperationState(StrEnum):
    """Where one operation stands."""

    PENDING = "pending"
    """Waits for a slot, or for its retry to be due."""
    RUNNING = "running"
    """Holds its slots: an attempt is at work, or snoozes while a remote side works."""
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class BatchState(StrEnum):
    """Where a batch stands, derived."""

    PENDING = "pending"
    """Being filled or previewed; nothing is claimed."""
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    """Where one attempt stands."""

    RUNNING = "running"
    SNOOZED = "snoozed"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    CANCELLED = "cancelled"
    THROTTLED = "throttled"
    """Ended by the remote side's request for a pause; not counted against the attempts allowed."""


class Reason(StrEnum):
    """Why an operation ended as it did."""

    ERROR = "error"
    TIMEOUT = "timeout"
    THROTTLED = "throttled"
    TARGET_UNAVAILABLE = "target_unavailable"
    LOST = "lost"
    STOP_ON_ERROR = "stop_on_error"
    BUDGET = "budget"
    CONDITION = "condition"
    USER = "user"


class PauseMode(StrEnum):
    """What a pause does to what has begun."""

    DRAIN = "drain"
    """It goes on to its end."""
    FREEZE = "freeze"
    """It stops where it stands and goes on after the pause; remote sides that work are left alone."""


class Verb(StrEnum):
    """What moves an operation or a batch; service, SQL file, event, metric and button share the word."""

    SUBMIT = "submit"
    START = "start"
    CLAIM = "claim"
    SNOOZE = "snooze"
    COMPLETE = "complete"
    FAIL = "fail"
    SKIP = "skip"
    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    RESCUE = "rescue"
    PRUNE = "prune"
    CHANGE = "change"
    """Only of a batch: its limits, priority, budget and quiet hours, while it runs."""
    FILL = "fill"
    """Only of a batch that is a draft: more targets join it."""


_S = OperationState

OPERATION_TRANSITIONS: dict[tuple[OperationState, Verb], OperationState] = {
    (_S.PENDING, Verb.CLAIM): _S.RUNNING,
    (_S.PENDING, Verb.CANCEL): _S.CANCELLED,
    (_S.PENDING, Verb.SKIP): _S.SKIPPED,  # the batch stopped: its budget is spent, or its time
    (_S.RUNNING, Verb.CLAIM): _S.RUNNING,  # a snooze that ended: the same attempt goes on
    (_S.RUNNING, Verb.SNOOZE): _S.RUNNING,
    (_S.RUNNING, Verb.COMPLETE): _S.COMPLETED,
    (_S.RUNNING, Verb.SKIP): _S.SKIPPED,
    (_S.RUNNING, Verb.FAIL): _S.FAILED,
    (_S.RUNNING, Verb.RETRY): _S.PENDING,  # the attempt failed and another is allowed
    (_S.RUNNING, Verb.RESCUE): _S.PENDING,  # the worker was lost and another attempt is allowed
    (_S.RUNNING, Verb.CANCEL): _S.CANCELLED,
    (_S.FAILED, Verb.RETRY): _S.PENDING,
    (_S.CANCELLED, Verb.RETRY): _S.PENDING,
    (_S.SKIPPED, Verb.RETRY): _S.PENDING,
}

TERMINAL_BATCH_STATES = frozenset(
    {BatchState.COMPLETED, BatchState.PARTIAL, BatchState.FAILED, BatchState.CANCELLED}
)

_AT_WORK = frozenset({BatchState.QUEUED, BatchState.RUNNING, BatchState.PAUSED})

BATCH_VERBS: dict[Verb, frozenset[BatchState]] = {
    Verb.FILL: frozenset({BatchState.PENDING}),
    Verb.START: frozenset({BatchState.PENDING}),
    Verb.PAUSE: _AT_WORK,
    Verb.RESUME: _AT_WORK,
    Verb.CHANGE: _AT_WORK | {BatchState.PENDING},
    Verb.CANCEL: _AT_WORK | {BatchState.PENDING},
    Verb.RETRY: frozenset({BatchState.RUNNING, BatchState.PAUSED, *TERMINAL_BATCH_STATES}),
    Verb.PRUNE: TERMINAL_BATCH_STATES,
}
"""From which states a user may say a verb to a batch; from every other it is an `IllegalTransition`."""


def operation_next(state: OperationState, verb: Verb) -> OperationState | None:
    """Return where *verb* leads from *state*, None where it is illegal."""
    return OPERATION_TRANSITIONS.get((state, verb))
