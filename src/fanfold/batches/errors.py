"""What a caller of the heart may meet; no HTTP here, `web.errors` maps them.

BatchError
├── BatchNotFound
├── OperationNotFound
├── IllegalTransition
├── TooManyUnfinished
└── StaleAttempt        a late worker presented an attempt that is no longer its own
"""

from __future__ import annotations

from fanfold.batches.lifecycle import BatchState, Verb


class BatchError(Exception):
    """A request to the heart cannot be done."""


class BatchNotFound(BatchError):
    """There is no such batch, or it is not yours."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"There is no batch {reference}.")


class OperationNotFound(BatchError):
    """There is no such operation in this batch."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"There is no operation {reference} in this batch.")


class IllegalTransition(BatchError):
    """The state does not allow the verb."""

    def __init__(self, reference: str, *, state: BatchState, verb: Verb) -> None:
        super().__init__(f"Batch {reference} is {state}: it cannot {verb} now.")
        self.state = state
        self.verb = verb


class TooManyUnfinished(BatchError):
    """The user has as many unfinished batches as allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"You have {limit} unfinished batches, as many as allowed: wait for one or cancel one."
        )


class StaleAttempt(BatchError):
    """The attempt is no longer this worker's: its lease ran out, or the operation went on without it."""
